import GStreamer
import TransportStream

/// Two small buffers with which a calling sender finds out when the far side is there. `srtsink` says so in no other
/// way: it waits with the first, which is one stuffing packet that receivers throw away, until it is connected, and
/// the second, which goes no further than the sink's pad, arrives there only then.
enum ConnectionProbe {
    static let stuffing = Buffer(
        [PacketView.syncByte, 0x1F, 0xFF, 0x10] + [UInt8](repeating: 0xFF, count: PacketView.size - 4))
    static let arrival = Buffer([0])

    /// Before anything else is pushed.
    static func push(to source: AppSource) {
        source.push(stuffing)
        source.push(arrival)
    }
}
