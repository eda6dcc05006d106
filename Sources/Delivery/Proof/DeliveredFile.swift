/// A file of a delivery, and what it is known by.
public struct DeliveredFile: Codable, Sendable, Equatable {
    /// From the delivery's top, with `/`.
    public var path: String
    public var bytes: Int
    /// Hexadecimal, of all of it.
    public var xxh64: String
    public var md5: String

    public init(path: String, bytes: Int, xxh64: String, md5: String) {
        self.path = path
        self.bytes = bytes
        self.xxh64 = xxh64
        self.md5 = md5
    }
}

extension DeliveredFile {
    /// Reads a file for its checksums.
    public static func hashing(
        _ file: String, as path: String, onPiece: () throws -> Void = {}
    ) throws -> DeliveredFile {
        let source = try SourceFile(file)
        source.expect(.fromFrontToEnd)
        var hash = FileHash([.xxh64, .md5])
        var at = 0
        while at < source.size {
            let piece = try source.read(at: at, 1 << 20)
            if piece.isEmpty { break }
            hash.update(piece)
            at += piece.count
            try onPiece()
        }
        let values = hash.finish()
        return DeliveredFile(path: path, bytes: at, xxh64: values[.xxh64]!, md5: values[.md5]!)
    }
}
