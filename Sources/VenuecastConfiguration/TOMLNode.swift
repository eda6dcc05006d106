import TOMLKit

/// A TOML document as plain values: what is read once is walked as often as needed, and nothing of the parser's is kept.
indirect enum TOMLNode: Sendable, Equatable {
    case table([String: TOMLNode])
    case array([TOMLNode])
    case text(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    /// A date, a time: nothing here is one.
    case other(String)

    /// - Throws: an error that `syntaxError` reads.
    static func parse(_ text: String) throws -> [String: TOMLNode] {
        if let line = lineOfBadHeader(text) { throw BadHeader(line: line) }
        return table(of: try TOMLTable(string: text))
    }

    /// What a person calls it.
    var kind: String {
        switch self {
        case .table: "a table"
        case .array: "a list"
        case .text: "text"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .other(let name): "a \(name)"
        }
    }

    /// As it stands in an error, short.
    var shown: String {
        switch self {
        case .text(let text): text.quoted
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .boolean(let value): String(value)
        default: kind
        }
    }

    private static func table(of table: TOMLTable) -> [String: TOMLNode] {
        var result: [String: TOMLNode] = [:]
        for key in table.keys {
            if let value = table[key] { result[key] = node(value) }
        }
        return result
    }

    private static func node(_ value: any TOMLValueConvertible) -> TOMLNode {
        switch value.type {
        case .table: .table(value.table.map(table(of:)) ?? [:])
        case .array: .array(value.array.map { array in (0..<array.count).map { node(array[$0]) } } ?? [])
        case .string: .text(value.string ?? "")
        case .int: .integer(Int64(value.int ?? 0))
        case .double: .number(value.double ?? 0)
        case .bool: .boolean(value.bool ?? false)
        case .date, .time, .dateTime: .other(value.type.description)
        }
    }
}

extension String {
    /// In quotes, without control characters, and never long: for messages.
    var quoted: String {
        let plain = unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : String($0) }.joined()
        return plain.count > 80 ? "\"\(plain.prefix(77))…\"" : "\"\(plain)\""
    }
}

extension TOMLNode {
    private struct BadHeader: Error {
        var line: Int
    }

    /// What the parser says, without the parts that a person does not need.
    static func syntaxError(_ error: any Error) -> (cause: String, line: Int?) {
        switch error {
        case let error as TOMLParseError:
            ("is not TOML here: \(error.description) (column \(error.source.begin.column))", error.source.begin.line)
        case let error as BadHeader:
            ("is not TOML here: a table's name in [ ] consists of letters a to z, digits, _ and -", error.line)
        default: ("is not TOML: \(error)", nil)
        }
    }

    /// The parser aborts the process (an assertion of toml++ 3) where anything but a key follows the `[` of a table:
    /// `[%a]`, `[会场]`, `[[[a]]]`.
    private static func lineOfBadHeader(_ text: String) -> Int? {
        var inside = MultilineText()
        for (index, line) in text.tomlLines.enumerated() {
            if inside.takes(line) { continue }
            var content = line.drop(while: \.isWhitespace)
            guard content.first == "[" else { continue }
            content = content.dropFirst(content.hasPrefix("[[") ? 2 : 1).drop { $0 == " " || $0 == "\t" }
            let isKey = content.unicodeScalars.first.map { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                    || "_-\"'".unicodeScalars.contains(scalar)
            }
            if isKey != true { return index + 1 }
        }
        return nil
    }
}
