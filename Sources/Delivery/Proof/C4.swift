import Crypto

/// A C4 identifier (SMPTE ST 2114): `c4` and a SHA-512 in base 58, 90 characters.
enum C4 {
    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

    static func identifier(of bytes: [UInt8]) -> String { identifier(digest: Array(SHA512.hash(data: bytes))) }

    static func identifier(digest: [UInt8]) -> String {
        var digits: [UInt8] = []
        var number = digest
        while number.contains(where: { $0 != 0 }) {
            var rest = 0
            for index in number.indices {
                let value = rest << 8 | Int(number[index])
                number[index] = UInt8(value / 58)
                rest = value % 58
            }
            digits.append(alphabet[rest])
        }
        digits += [UInt8](repeating: alphabet[0], count: max(0, 88 - digits.count))
        return "c4" + String(decoding: digits.reversed(), as: UTF8.self)
    }
}
