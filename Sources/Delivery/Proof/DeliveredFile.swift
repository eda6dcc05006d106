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
