/// The names a pipeline file takes values for, and the values it brings itself. Whether the file parses is the
/// worker's to say.
struct PipelineScan: Sendable, Equatable {
    /// `${name}` as the whole value of a property.
    var properties: Set<String> = []
    /// `${name}` inside caps, where only whole numbers, fractions and plain words may stand.
    var caps: Set<String> = []
    /// From the lines `# default: NAME = VALUE`.
    var defaults: [String: ConfigurationValue] = [:]

    var placeholders: Set<String> { properties.union(caps) }

    init(text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let content = line.trimmed
            if content.hasPrefix("#") {
                if let (name, value) = Self.defaultValue(content.dropFirst().trimmed) { defaults[name] = value }
                continue
            }
            for token in content.split(whereSeparator: \.isWhitespace) {
                let names = Self.names(in: token)
                if names.count == 1, token.hasSuffix("=${\(names[0])}"), !token.contains(",") {
                    properties.insert(names[0])
                } else {
                    caps.formUnion(names)
                }
            }
        }
    }

    private static func names(in token: Substring) -> [String] {
        var names: [String] = []
        var rest = token
        while let open = rest.firstRange(of: "${"), let close = rest[open.upperBound...].firstIndex(of: "}") {
            names.append(String(rest[open.upperBound..<close]))
            rest = rest[close...]
        }
        return names
    }

    private static func defaultValue(_ comment: Substring) -> (String, ConfigurationValue)? {
        guard comment.hasPrefix("default:"), let equals = comment.firstIndex(of: "=") else { return nil }
        let name = comment[..<equals].dropFirst("default:".count).trimmed
        let text = String(comment[comment.index(after: equals)...].trimmed)
        let value: ConfigurationValue =
            switch text {
            case "true": .boolean(true)
            case "false": .boolean(false)
            default: Int64(text).map { .integer($0) } ?? Double(text).map { .number($0) } ?? .text(text)
            }
        return (String(name), value)
    }
}

extension Substring {
    var trimmed: Substring {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
