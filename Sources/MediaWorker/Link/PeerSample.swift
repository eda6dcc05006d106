import GStreamer

/// What SRT counts for one connection, as `srtsink` says it; the counters begin at 0 with each connection.
struct PeerSample: Sendable, Equatable {
    /// The far side's address and port.
    var peer: String
    /// On the wire, repetitions included.
    var bytesSent: UInt64 = 0
    var packetsSent: UInt64 = 0
    /// Nil, here and below: this version of `srtsink` does not say.
    var packetsLost: UInt64?
    var packetsRetransmitted: UInt64?
    /// Too late to be of use, so never sent again.
    var packetsDropped: UInt64?
    var acknowledgements: UInt64?
    var rttMs: Double?
    /// SRT's estimate of what the line would carry, from pairs of packets; nil before there is one.
    var bandwidthMbps: Double?
    var negotiatedLatencyMs: Int?

    /// The newest connection first; empty when nobody is connected.
    /// - Parameter peer: the far side's name where `srtsink` itself calls it.
    static func all(in stats: Structure, peer: String?) -> [PeerSample] {
        if let callers = stats["callers"]?.arrayValue {
            return callers.compactMap { caller in
                caller.structureValue.flatMap { PeerSample($0, peer: $0["caller-address"]?.stringValue ?? "") }
            }
        }
        return PeerSample(stats, peer: peer ?? "").map { [$0] } ?? []
    }

    private init?(_ stats: Structure, peer: String) {
        guard let bytes = stats["bytes-sent"]?.uintValue else { return nil }
        func count(_ name: String) -> UInt64? { stats[name]?.uintValueOfAny }
        self.peer = peer
        bytesSent = bytes
        packetsSent = count("packets-sent") ?? 0
        packetsLost = count("packets-sent-lost")
        packetsRetransmitted = count("packets-retransmitted")
        packetsDropped = count("packets-sent-dropped")
        acknowledgements = count("packet-ack-received")
        rttMs = stats["rtt-ms"]?.doubleValue
        bandwidthMbps = stats["bandwidth-mbps"]?.doubleValue.flatMap { $0 > 0 ? $0 : nil }
        negotiatedLatencyMs = stats["negotiated-latency-ms"]?.intValue.map { Int($0) }
    }

    init(peer: String) {
        self.peer = peer
    }
}

extension GstValue {
    /// Counters come as signed and as unsigned numbers.
    fileprivate var uintValueOfAny: UInt64? {
        uintValue ?? intValue.flatMap { UInt64(exactly: $0) }
    }
}
