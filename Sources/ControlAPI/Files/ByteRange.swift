/// The `Range` header (RFC 9110, section 14), of a file whose size is known.
enum ByteRange: Equatable {
    /// All of it: none was asked for, or what was asked is not understood, which is to be ignored.
    case whole
    case part(Range<Int>)
    /// Nothing of what was asked for is there; or it is several ranges, which are not served.
    case notSatisfiable

    init(_ header: String?, size: Int) {
        guard let header, let equals = header.firstIndex(of: "="),
            header[..<equals].lowercased() == "bytes"
        else {
            self = .whole
            return
        }
        let specs = header[header.index(after: equals)...].split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.filter { $0 != " " && $0 != "\t" } }.filter { !$0.isEmpty }
        let ranges = specs.map { Self.read($0, size) }
        // One that is no range at all makes all of it none.
        guard !ranges.isEmpty, !ranges.contains(nil) else {
            self = .whole
            return
        }
        guard ranges.count == 1, let range = ranges[0], !range.isEmpty else {
            self = .notSatisfiable
            return
        }
        self = .part(range)
    }

    /// - Returns: nil for what is no range; an empty one for what lies outside.
    private static func read(_ spec: String, _ size: Int) -> Range<Int>? {
        let parts = spec.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        // More digits than a number has are a place beyond every file's end.
        let (first, last) = (
            parts[0].isEmpty ? nil : Int(parts[0]) ?? .max, parts[1].isEmpty ? nil : Int(parts[1]) ?? .max
        )
        switch (first, last) {
        case (let first?, let last?):
            if last < first { return nil }
            return first >= size ? 0..<0 : first..<min(size, last == .max ? .max : last + 1)
        case (let first?, nil): return first >= size ? 0..<0 : first..<size
        case (nil, let suffix?): return max(0, size - suffix)..<size
        case (nil, nil): return nil
        }
    }
}
