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

    /// - Throws: `TOMLParseError`, with line and column.
    static func parse(_ text: String) throws -> [String: TOMLNode] {
        table(of: try TOMLTable(string: text))
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
    /// What the parser says, without the parts that a person does not need.
    static func syntaxError(_ error: any Error) -> (cause: String, line: Int?) {
        guard let error = error as? TOMLParseError else { return ("is not TOML: \(error)", nil) }
        return ("is not TOML here: \(error.description) (column \(error.source.begin.column))", error.source.begin.line)
    }
}
