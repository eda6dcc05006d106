import GStreamer

/// One piece of media on its way to the readers of a feed; shared by their queues.
struct FeedMessage: Sendable {
    enum Payload: Sendable {
        case bytes([UInt8])
        case buffer(Buffer)
    }

    private let header: FeedHeader
    private let payload: Payload

    init(header: FeedHeader, payload: Payload) {
        self.header = header
        self.payload = payload
    }

    init(caps: String) {
        let bytes = Array(caps.utf8)
        header = FeedHeader(flags: [.caps, .key], payloadSize: bytes.count, sentAt: MonotonicClock.now())
        payload = .bytes(bytes)
    }

    var payloadSize: Int { header.payloadSize }
    var size: Int { FeedHeader.size + payloadSize }

    func header(discontinuity: Bool) -> [UInt8] {
        var header = header
        if discontinuity { header.flags.insert(.discontinuity) }
        return header.encoded
    }

    func withPayload<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch payload {
        case .bytes(let bytes): bytes.withUnsafeBytes(body)
        case .buffer(let buffer): buffer.withBytes(body)
        }
    }
}
