import WorkerProtocol

/// A gst-launch description with comments and placeholders.
///
/// - A line that begins with `#` is a comment; `# default: NAME = VALUE` among them gives a placeholder a value for
///   when the configuration has none.
/// - `property=${name}` stands for the whole value of one property of an element that has a `name=`. It is taken out
///   before GStreamer parses the text and set by its type afterwards, so that nothing typed by a person is ever parsed.
/// - `${name}` inside caps takes an integer, a fraction or a plain word, and nothing else.
struct PipelineFile: Sendable {
    struct Assignment: Sendable, Equatable {
        var element: String
        var property: String
        var placeholder: String
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let path: String
    let defaults: [String: PlaceholderValue]
    let assignments: [Assignment]
    /// Placeholders inside caps.
    let capsPlaceholders: [String]
    private let description: String
    /// Without comments and assignments.
    var text: String { description }

    init(text: String, path: String) throws {
        self.path = path
        var defaults: [String: PlaceholderValue] = [:]
        var lines: [Substring] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let content = line.drop(while: \.isWhitespace)
            guard content.first == "#" else {
                lines.append(line)
                continue
            }
            if let (name, value) = Self.defaultValue(content.dropFirst()) { defaults[name] = value }
        }
        self.defaults = defaults

        var assignments: [Assignment] = []
        var inCaps: [String] = []
        var kept: [String] = []
        for element in Self.elements(Self.tokens(lines.joined(separator: "\n"))) {
            let name = element.lazy.compactMap { $0.hasPrefix("name=") ? String($0.dropFirst(5)) : nil }.first
            for token in element {
                if let assignment = Self.assignment(token) {
                    guard let name else {
                        throw Failure(
                            description: "\(path): \(token) belongs to an element without a name; "
                                + "give the element name=… so that the value can be set.")
                    }
                    assignments.append(
                        Assignment(element: name, property: assignment.property, placeholder: assignment.placeholder))
                } else {
                    inCaps += Self.placeholders(in: token)
                    kept.append(token)
                }
            }
        }
        self.assignments = assignments
        capsPlaceholders = inCaps
        description = kept.joined(separator: " ")
    }

    /// Every placeholder of the file.
    var placeholders: Set<String> { Set(assignments.map(\.placeholder) + capsPlaceholders) }

    /// The text for GStreamer's parser, caps filled in.
    func launchDescription(_ values: [String: PlaceholderValue]) throws -> String {
        var text = description
        for name in Set(capsPlaceholders) {
            let plain = try Self.capsText(value(of: name, values), name: name, path: path)
            text = text.split(separator: "${\(name)}", omittingEmptySubsequences: false).joined(separator: plain)
        }
        return text
    }

    func value(of name: String, _ values: [String: PlaceholderValue]) throws -> PlaceholderValue {
        guard let value = values[name] ?? defaults[name] else {
            throw Failure(
                description: "\(path): nothing gives ${\(name)} a value; add \(name) = … to the configuration, "
                    + "or a line \"# default: \(name) = …\" to the file.")
        }
        return value
    }

    private static func capsText(_ value: PlaceholderValue, name: String, path: String) throws -> String {
        switch value {
        case .integer(let number): return String(number)
        case .text(let text) where !text.isEmpty && text.utf8.allSatisfy(isCapsCharacter): return text
        default:
            throw Failure(
                description: "\(path): ${\(name)} stands inside caps, where only a whole number, a fraction such as "
                    + "25/1 or a plain word may stand.")
        }
    }

    private static func isCapsCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

// MARK: - Reading the text

extension PipelineFile {
    /// Splits at white space outside quotes; a token keeps its quotes.
    private static func tokens(_ text: String) -> [String] {
        var tokens: [String] = []
        var token = ""
        var quote: Character?
        var escaped = false
        for character in text {
            if escaped {
                escaped = false
            } else if character == "\\" {
                escaped = true
            } else if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character.isWhitespace {
                if !token.isEmpty { tokens.append(token) }
                token = ""
                continue
            }
            token.append(character)
        }
        if !token.isEmpty { tokens.append(token) }
        return tokens
    }

    /// An element is a token and the `property=value` tokens after it.
    private static func elements(_ tokens: [String]) -> [[String]] {
        var elements: [[String]] = []
        for token in tokens {
            if isProperty(token), !elements.isEmpty {
                elements[elements.count - 1].append(token)
            } else {
                elements.append([token])
            }
        }
        return elements
    }

    private static func isProperty(_ token: String) -> Bool {
        guard let equals = token.firstIndex(of: "="), equals != token.startIndex else { return false }
        return token[..<equals].allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == ":" }
    }

    private static func assignment(_ token: String) -> (property: String, placeholder: String)? {
        guard isProperty(token), let equals = token.firstIndex(of: "=") else { return nil }
        let value = token[token.index(after: equals)...]
        guard value.hasPrefix("${"), value.hasSuffix("}") else { return nil }
        let name = value.dropFirst(2).dropLast()
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber }) else { return nil }
        return (String(token[..<equals]), String(name))
    }

    private static func placeholders(in token: String) -> [String] {
        var names: [String] = []
        var rest = token[...]
        while let open = rest.firstRange(of: "${"), let close = rest[open.upperBound...].firstIndex(of: "}") {
            names.append(String(rest[open.upperBound..<close]))
            rest = rest[close...]
        }
        return names
    }

    /// `default: NAME = VALUE`
    private static func defaultValue(_ comment: Substring) -> (String, PlaceholderValue)? {
        let content = comment.drop(while: \.isWhitespace)
        guard content.hasPrefix("default:"), let equals = content.firstIndex(of: "=") else { return nil }
        func trimmed(_ text: Substring) -> String {
            var text = text.drop(while: \.isWhitespace)
            while text.last?.isWhitespace == true { text.removeLast() }
            return String(text)
        }
        let name = trimmed(content[..<equals].dropFirst("default:".count))
        let text = trimmed(content[content.index(after: equals)...])
        let value: PlaceholderValue =
            switch text {
            case "true": .boolean(true)
            case "false": .boolean(false)
            default: Int64(text).map { .integer($0) } ?? Double(text).map { .number($0) } ?? .text(text)
            }
        return (name, value)
    }
}
