import WorkerProtocol

/// How long something took, over the last seconds. Pure: both clocks are CLOCK_MONOTONIC, which no NTP moves.
struct DelayWindow: Sendable {
    static let length: UInt64 = 5_000_000_000
    private static let capacity = 512

    private var samples: [(at: UInt64, took: UInt64)] = []
    private var next = 0

    /// Both in nanoseconds; an end before its beginning counts as 0.
    mutating func add(from start: UInt64, to end: UInt64) {
        let sample = (at: end, took: end > start ? end - start : 0)
        if samples.count < Self.capacity {
            samples.append(sample)
        } else {
            samples[next] = sample
            next = (next + 1) % Self.capacity
        }
    }

    /// Milliseconds; nil when there was nothing lately.
    func p99Ms(now: UInt64) -> Double? { figures(now: now)?.p99Ms }

    func figures(now: UInt64) -> DelayFigures? {
        DelayFigures(milliseconds: samples.filter { $0.at + Self.length >= now }.map { Double($0.took) / 1e6 })
    }
}
