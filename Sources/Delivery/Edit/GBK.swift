import Glibc

/// Text for systems from before Unicode; what GBK does not have becomes a question mark.
enum GBK {
    static func encode(_ utf8: [UInt8]) -> [UInt8] {
        guard let converter = iconv_open("GB18030", "UTF-8"), converter != iconv_t(bitPattern: -1) else { return utf8 }
        defer { iconv_close(converter) }
        var result: [UInt8] = []
        // Character by character: one that is refused costs no other.
        for scalar in String(decoding: utf8, as: UTF8.self).unicodeScalars {
            var input = Array(String(scalar).utf8).map { CChar(bitPattern: $0) }
            var output = [CChar](repeating: 0, count: 8)
            let written: Int = input.withUnsafeMutableBufferPointer { input in
                output.withUnsafeMutableBufferPointer { output in
                    var (from, fromLeft) = (input.baseAddress, input.count)
                    var (to, toLeft) = (output.baseAddress, output.count)
                    let failed = iconv(converter, &from, &fromLeft, &to, &toLeft) == Int(bitPattern: UInt.max)
                    return failed ? 0 : output.count - toLeft
                }
            }
            // Four bytes are GB18030's own.
            if written == 0 || written > 2 {
                result.append(UInt8(ascii: "?"))
            } else {
                result += output.prefix(written).map { UInt8(bitPattern: $0) }
            }
        }
        return result
    }
}
