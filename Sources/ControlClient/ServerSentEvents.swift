import Foundation

/// One message of an event stream (WHATWG HTML, 9.2).
public struct ServerSentEvent: Sendable, Equatable {
    /// What to send as Last-Event-ID to go on behind it.
    public var id: String?
    public var name: String?
    public var data: String

    public init(id: String? = nil, name: String? = nil, data: String) {
        self.id = id
        self.name = name
        self.data = data
    }
}

/// Takes a stream of bytes apart, however it was cut into pieces.
struct ServerSentEventParser: Sendable {
    /// Bytes of one line; whoever sends more is no daemon of ours.
    static let lineLimit = 1 << 20

    struct TooLong: Error {}

    private var line: [UInt8] = []
    private var message = ServerSentEvent(data: "")
    private var hasData = false

    mutating func feed(_ bytes: some Sequence<UInt8>) throws -> [ServerSentEvent] {
        var messages: [ServerSentEvent] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                if line.count > Self.lineLimit { throw TooLong() }
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if let finished = take(String(decoding: line, as: UTF8.self)) { messages.append(finished) }
            line.removeAll(keepingCapacity: true)
        }
        return messages
    }

    private mutating func take(_ line: String) -> ServerSentEvent? {
        if line.isEmpty {
            defer {
                message = ServerSentEvent(data: "")
                hasData = false
            }
            return hasData ? message : nil
        }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count > 1 ? String(parts[1]) : ""
        if value.hasPrefix(" ") { value.removeFirst() }
        switch parts[0] {
        case "id": message.id = value
        case "event": message.name = value
        case "data":
            message.data += (hasData ? "\n" : "") + value
            hasData = true
        // A comment, or a field that is not for us.
        default: break
        }
        return nil
    }
}
