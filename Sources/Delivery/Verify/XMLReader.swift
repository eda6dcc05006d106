/// Reads plain XML: elements, attributes, text, character references. Enough for lists that programs have written.
struct XMLReader {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    final class Element {
        let name: String
        let attributes: [String: String]
        fileprivate(set) var children: [Element] = []
        fileprivate(set) var text = ""

        fileprivate init(name: String, attributes: [String: String]) {
            self.name = name
            self.attributes = attributes
        }

        func all(_ name: String) -> [Element] { children.filter { $0.name == name } }
        func first(_ name: String) -> Element? { children.first { $0.name == name } }
    }

    private let bytes: [UInt8]
    private var at = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Returns: the outermost element.
    static func read(_ bytes: [UInt8]) throws -> Element {
        var reader = XMLReader(bytes)
        let root = Element(name: "", attributes: [:])
        var open = [root]
        while reader.at < bytes.count {
            if bytes[reader.at] == UInt8(ascii: "<") {
                try reader.tag(&open)
            } else {
                let end = reader.index(of: "<") ?? bytes.count
                open[open.count - 1].text += try decoded(bytes[reader.at..<end])
                reader.at = end
            }
        }
        guard open.count == 1, root.children.count == 1 else {
            throw Failure(description: "it ends inside <\(open.last?.name ?? "")>")
        }
        return root.children[0]
    }

    private mutating func tag(_ open: inout [Element]) throws {
        if starts("<!--") { return try skip("-->") }
        if starts("<![CDATA[") {
            let start = at + 9
            try skip("]]>")
            open[open.count - 1].text += String(decoding: bytes[start..<(at - 3)], as: UTF8.self)
            return
        }
        if starts("<?") { return try skip("?>") }
        if starts("<!") { return try skip(">") }
        guard let end = index(of: ">") else { throw Failure(description: "a tag has no end") }
        var content = bytes[(at + 1)..<end]
        at = end + 1
        if content.first == UInt8(ascii: "/") {
            let name = Self.trimmed(content.dropFirst())
            guard open.count > 1, open.removeLast().name == Self.local(name) else {
                throw Failure(description: "</\(name)> closes nothing")
            }
            return
        }
        let isEmpty = content.last == UInt8(ascii: "/")
        if isEmpty { content.removeLast() }
        let element = try Self.element(content)
        open[open.count - 1].children.append(element)
        if !isEmpty { open.append(element) }
    }

    private static func element(_ content: ArraySlice<UInt8>) throws -> Element {
        let head = content.prefix { !isBlank($0) }
        var rest = content.dropFirst(head.count)
        var attributes: [String: String] = [:]
        while true {
            rest = rest.drop { isBlank($0) }
            guard !rest.isEmpty else { break }
            let name = trimmed(rest.prefix { $0 != UInt8(ascii: "=") })
            rest = rest.drop { $0 != UInt8(ascii: "=") }.dropFirst().drop { isBlank($0) }
            guard let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
                let end = rest.dropFirst().firstIndex(of: quote)
            else { throw Failure(description: "the attribute \(name) has no value") }
            attributes[local(name)] = try decoded(rest[(rest.startIndex + 1)..<end])
            rest = rest[(end + 1)...]
        }
        return Element(name: local(String(decoding: head, as: UTF8.self)), attributes: attributes)
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) throws -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("&") else { return text }
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            guard let end = rest[start...].firstIndex(of: ";") else { throw Failure(description: "a & stands alone") }
            let name = rest[rest.index(after: start)..<end]
            switch name {
            case "amp": result += "&"
            case "lt": result += "<"
            case "gt": result += ">"
            case "quot": result += "\""
            case "apos": result += "'"
            default:
                let number =
                    name.hasPrefix("#x")
                    ? UInt32(name.dropFirst(2), radix: 16)
                    : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
                guard let scalar = number.flatMap(UnicodeScalar.init) else {
                    throw Failure(description: "&\(name); is not known")
                }
                result.unicodeScalars.append(scalar)
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private func starts(_ text: String) -> Bool { bytes[at...].starts(with: text.utf8) }

    private func index(of character: UnicodeScalar) -> Int? {
        bytes[at...].firstIndex(of: UInt8(ascii: character))
    }

    private mutating func skip(_ end: String) throws {
        let end = Array(end.utf8)
        while at + end.count <= bytes.count {
            if bytes[at..<(at + end.count)].elementsEqual(end) {
                at += end.count
                return
            }
            at += 1
        }
        throw Failure(description: "something has no end")
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.filter { !isBlank($0) }, as: UTF8.self)
    }

    /// Without a name space's prefix.
    private static func local(_ name: String) -> String { name.split(separator: ":").last.map(String.init) ?? name }
}
