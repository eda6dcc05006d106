import Foundation

/// A text file somebody made with whatever they have: UTF-8 with or without a mark, or what Chinese Excel writes.
struct RundownText: Sendable {
    enum Encoding: String, Sendable {
        case utf8 = "UTF-8"
        case gb18030 = "GB18030"
    }

    var encoding: Encoding
    /// In order; nil is a line that is no text in this encoding.
    var lines: [String?]

    /// - Throws: what makes the whole file unreadable.
    init(_ bytes: [UInt8]) throws(RundownProblem) {
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
            throw .workbook
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { throw .utf16 }
        if bytes.contains(0) { throw .noText }
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        // No trailing byte of either encoding is a line break.
        let raw = Self.lines(hasMark ? Array(bytes.dropFirst(3)) : bytes)
        let foreign = raw.filter { $0.contains { $0 >= 0x80 } }
        let readable = foreign.count { String(validating: $0, as: UTF8.self) != nil }
        // Strict UTF-8 is next to never met by chance, and a line of the other encoding may have been pasted in: what half
        // of them are is what the file is.
        let isUTF8 = hasMark || readable * 2 >= foreign.count
        encoding = isUTF8 ? .utf8 : .gb18030
        lines = raw.map { line in
            if isUTF8 { return String(validating: line, as: UTF8.self) }
            let isForeign = line.contains { $0 >= 0x80 }
            // A part that somebody pasted in: converting it would mangle it.
            if isForeign, line.count > 6, String(validating: line, as: UTF8.self) != nil { return nil }
            return Self.fromGB18030(line)
        }
    }

    private static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            Array(line.last == 0x0D ? line.dropLast() : line)
        }
    }

    private static func fromGB18030(_ bytes: [UInt8]) -> String? {
        // kCFStringEncodingGB_18030_2000, as Foundation names what it does not list.
        let encoding = String.Encoding(rawValue: 0x8000_0632)
        guard let text = String(data: Data(bytes), encoding: encoding),
            // Converted back it has to be what it was.
            text.data(using: encoding).map(Array.init) == bytes, !text.contains("\u{FFFD}")
        else { return nil }
        return text
    }
}
