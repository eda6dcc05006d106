/// Tables as RFC 4180 has them, as UTF-8 with a byte order mark: spreadsheets of any language read Chinese in it.
struct CSV {
    private var rows: [[String]]

    init(_ heads: String...) {
        rows = [heads]
    }

    mutating func add(_ cells: String?...) {
        rows.append(cells.map { $0 ?? "" })
    }

    var bytes: [UInt8] {
        let text = rows.map { $0.map(Self.cell).joined(separator: ",") + "\r\n" }.joined()
        return [0xEF, 0xBB, 0xBF] + Array(text.utf8)
    }

    private static func cell(_ text: String) -> String {
        guard text.contains(where: { "\",".contains($0) || $0.isNewline }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
