/// An element of `GET /v1/recordings/{session}/files`.
public struct RecordingFile: Codable, Sendable, Equatable {
    /// From the session's directory, with `/`.
    public var path: String
    public var bytes: Int
    /// As the file's own answer has it, quotes included.
    public var etag: String

    public init(path: String, bytes: Int, etag: String) {
        self.path = path
        self.bytes = bytes
        self.etag = etag
    }
}

/// The body of `POST /v1/recordings/{session}/receipt`: what somebody has fetched, read again and found to be whole.
public struct DeliveryReceipt: Codable, Sendable, Equatable {
    /// The delivery's directory, its name alone.
    public var delivery: String
    public var files: Int
    public var bytes: Int
    /// XXH64 of its `ascmhl/ascmhl_chain.xml`, which stands for all that it names.
    public var chainXXH64: String

    public init(delivery: String, files: Int, bytes: Int, chainXXH64: String) {
        self.delivery = delivery
        self.files = files
        self.bytes = bytes
        self.chainXXH64 = chainXXH64
    }
}
