/// Follows a text over several lines, whose lines are no keys and no tables.
struct MultilineText {
    private var end: String?

    /// - Returns: whether this line begins inside such a text.
    mutating func takes(_ line: Substring) -> Bool {
        if let mark = end {
            if line.contains(mark) { end = nil }
            return true
        }
        guard line.first(where: { !$0.isWhitespace }) != "#" else { return false }
        for mark in ["\"\"\"", "'''"] where line.split(separator: mark, omittingEmptySubsequences: false).count == 2 {
            end = mark
        }
        return false
    }
}

extension String {
    /// As TOML counts them.
    var tomlLines: [Substring] {
        split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }
}
