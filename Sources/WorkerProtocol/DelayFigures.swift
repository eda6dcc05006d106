/// How long frames took, of the last seconds: nearest rank.
public struct DelayFigures: Codable, Sendable, Equatable {
    /// Milliseconds.
    public var p50Ms: Double
    public var p95Ms: Double
    public var p99Ms: Double
    /// How many were looked at.
    public var frames: Int

    /// Nil where there is none.
    public init?(milliseconds: [Double]) {
        guard !milliseconds.isEmpty else { return nil }
        let sorted = milliseconds.sorted()
        func rank(_ percent: Int) -> Double { sorted[(sorted.count * percent - 1) / 100] }
        (p50Ms, p95Ms, p99Ms, frames) = (rank(50), rank(95), rank(99), sorted.count)
    }

    /// Of how many took so long each, in any order; nil where there is none.
    public init?(counts: [(ms: Double, frames: Int)]) {
        let all = counts.reduce(0) { $0 + $1.frames }
        guard all > 0 else { return nil }
        let sorted = counts.sorted { $0.ms < $1.ms }
        func rank(_ percent: Int) -> Double {
            var left = (all * percent - 1) / 100
            for item in sorted {
                if left < item.frames { return item.ms }
                left -= item.frames
            }
            return sorted[sorted.count - 1].ms
        }
        (p50Ms, p95Ms, p99Ms, frames) = (rank(50), rank(95), rank(99), all)
    }
}

/// A frame's way on this machine, in the order that it goes.
public struct FrameDelays: Codable, Sendable, Equatable {
    /// From the frame's time in the programme, which is the time that is written into it, to the muxer's output.
    public var encode: DelayFigures?
    /// From there to the link.
    public var feed: DelayFigures?
    /// From there until its last packet has gone to the socket.
    public var link: DelayFigures?

    public init(encode: DelayFigures? = nil, feed: DelayFigures? = nil, link: DelayFigures? = nil) {
        self.encode = encode
        self.feed = feed
        self.link = link
    }
}
