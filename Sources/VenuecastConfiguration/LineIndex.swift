/// Where in the text each key stands. The parser tells the place of a syntax error only; this light scan, which takes
/// the text to be valid, finds the lines of the rest. A place it does not find costs a line number and nothing else.
struct LineIndex: Sendable {
    private var lines: [String: Int] = [:]

    init(_ text: String) {
        var table = ""
        /// Arrays of tables, with the index of their last element.
        var counts: [String: Int] = [:]
        var inside = MultilineText()
        for (index, line) in text.tomlLines.enumerated() {
            if inside.takes(line) { continue }
            let number = index + 1
            let content = line.drop(while: \.isWhitespace)
            if content.hasPrefix("[["), let end = content.firstRange(of: "]]") {
                let name = Self.path(content[content.index(content.startIndex, offsetBy: 2)..<end.lowerBound])
                let resolved = Self.resolve(name, counts)
                let element = counts[resolved, default: -1] + 1
                counts[resolved] = element
                table = "\(resolved)[\(element)]"
                lines[table] = number
                if lines[resolved] == nil { lines[resolved] = number }
            } else if content.hasPrefix("["), let end = content.firstIndex(of: "]") {
                table = Self.resolve(Self.path(content[content.index(after: content.startIndex)..<end]), counts)
                if lines[table] == nil { lines[table] = number }
            } else if !content.hasPrefix("#"), let equals = content.firstIndex(of: "=") {
                let key = Self.path(content[..<equals]).joined(separator: ".")
                let path = table.isEmpty ? key : "\(table).\(key)"
                if lines[path] == nil { lines[path] = number }
            }
        }
    }

    /// The line of the key, or of the nearest table around it.
    func line(of path: String) -> Int? {
        var path = path[...]
        while !path.isEmpty {
            if let line = lines[String(path)] { return line }
            guard let cut = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            path = path[..<cut]
        }
        return nil
    }

    /// A dotted key's parts.
    private static func path(_ text: Substring) -> [String] {
        text.split(separator: ".").map { part in
            String(part.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" })
        }
    }

    /// `venues.link` under the last `[[venues]]` is `venues[3].link`.
    private static func resolve(_ parts: [String], _ counts: [String: Int]) -> String {
        var path = ""
        for (position, part) in parts.enumerated() {
            path += path.isEmpty ? part : ".\(part)"
            if position < parts.count - 1, let index = counts[path] { path += "[\(index)]" }
        }
        return path
    }
}
