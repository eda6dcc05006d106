/// How long media took from the programme's muxer to the sender, over the last seconds.
struct QueueingWindow: Sendable {
    static let length: UInt64 = 5_000_000_000
    private static let capacity = 512

    private var samples: [(at: UInt64, waited: UInt64)] = []
    private var next = 0

    /// Both CLOCK_MONOTONIC nanoseconds.
    mutating func add(sentAt: UInt64, now: UInt64) {
        let sample = (at: now, waited: now > sentAt ? now - sentAt : 0)
        if samples.count < Self.capacity {
            samples.append(sample)
        } else {
            samples[next] = sample
            next = (next + 1) % Self.capacity
        }
    }

    /// 99th percentile in milliseconds; nil when nothing was sent lately.
    func p99Ms(now: UInt64) -> Double? {
        let recent = samples.filter { $0.at + Self.length >= now }.map(\.waited).sorted()
        guard !recent.isEmpty else { return nil }
        return Double(recent[(recent.count * 99 - 1) / 100]) / 1e6
    }
}
