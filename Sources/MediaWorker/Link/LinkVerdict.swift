import WorkerProtocol

/// What SRT would need on a line like this.
///
/// The multiples of the round trip and the least values are those of Haivision's SRT Deployment Guide (“Configuring latency
/// and bandwidth overhead”): the more is lost, the more often a packet may have to be asked for again.
enum LatencyAdvice {
    private static let table: [(lossPercent: Double, multiple: Double, least: Double)] = [
        (1, 3, 60), (3, 4, 80), (7, 5, 100), (10, 6, 120),
    ]
    /// Beyond the table nothing is good; more time is what there is to try.
    private static let beyond = (multiple: 8.0, least: 160.0)
    private static let step = 10.0
    /// SRT's round trip is smoothed: the largest of the last seconds counts.
    static func latencyMs(rttMs: Double, lossPercent: Double) -> Int {
        let row = table.first { lossPercent <= $0.lossPercent }
        let (multiple, least) = row.map { ($0.multiple, $0.least) } ?? beyond
        return Int((max(rttMs * multiple, least) / step).rounded(.up) * step)
    }
}

/// Whether a link is good, from its last seconds; with hysteresis, so that one at the limit does not change its mind all the
/// time. Pure.
struct LinkVerdict: Sendable, Equatable {
    /// What one second looks like.
    struct Second: Sendable, Equatable {
        /// Of the last seconds, before what is sent again.
        var lossPercent: Double
        /// Packets of this second that were too late to be sent again.
        var dropped: UInt64
        var rttMaxMs: Double
        var negotiatedLatencyMs: Int
    }

    /// Seconds in a row until it is worse, and until it is better again.
    static let fall = 3
    static let rise = 10
    /// Less is lost on any line.
    static let tolerablePercent = 0.5
    /// More cannot be made good with certainty, whatever the latency.
    static let hopelessPercent = 10.0

    private(set) var level = LinkQuality.good
    private var worse = 0
    private var better = 0

    static func level(of second: Second) -> LinkQuality {
        if second.dropped > 0 { return .bad }
        guard second.lossPercent > tolerablePercent else { return .good }
        // What is lost is asked for again after one way, and comes after another two: there is no time for that.
        if Double(second.negotiatedLatencyMs) < second.rttMaxMs { return .bad }
        let needed = LatencyAdvice.latencyMs(rttMs: second.rttMaxMs, lossPercent: second.lossPercent)
        return second.lossPercent > hopelessPercent || needed > second.negotiatedLatencyMs ? .strained : .good
    }

    mutating func observe(_ second: Second) {
        let seen = Self.level(of: second)
        if seen == level {
            (worse, better) = (0, 0)
        } else if seen.isWorse(than: level) {
            worse += 1
            better = 0
            if worse >= Self.fall { settle(seen) }
        } else {
            better += 1
            worse = 0
            if better >= Self.rise { settle(seen) }
        }
    }

    private mutating func settle(_ level: LinkQuality) {
        self.level = level
        (worse, better) = (0, 0)
    }
}
