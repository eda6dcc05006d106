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

    /// So many seconds that are as bad, of the last `memory`, and it is worse; it is better when none of them is any more.
    static let fall = 3
    static let memory = 10
    /// Less is lost on any line.
    static let tolerablePercent = 0.5
    /// More cannot be made good with certainty, whatever the latency.
    static let hopelessPercent = 10.0

    private(set) var level = LinkQuality.good
    private var seconds: [LinkQuality] = []

    static func level(of second: Second) -> LinkQuality {
        if second.dropped > 0 { return .bad }
        guard second.lossPercent > tolerablePercent else { return .good }
        // What is lost is asked for again after one way, and comes after another two: there is no time for that.
        if Double(second.negotiatedLatencyMs) < second.rttMaxMs { return .bad }
        let needed = LatencyAdvice.latencyMs(rttMs: second.rttMaxMs, lossPercent: second.lossPercent)
        return second.lossPercent > hopelessPercent || needed > second.negotiatedLatencyMs ? .strained : .good
    }

    /// Also what comes and goes counts: a picture that breaks each third second is not good.
    mutating func observe(_ second: Second) {
        seconds.append(Self.level(of: second))
        if seconds.count > Self.memory { seconds.removeFirst() }
        let sorted = seconds.sorted { $0.isWorse(than: $1) }
        let fallen = sorted.count < Self.fall ? .good : sorted[Self.fall - 1]
        let worst = sorted[0]
        // Until all is over it stays as bad as the worst that is left, and no worse than it was.
        let held = worst.isWorse(than: level) ? level : worst
        level = fallen.isWorse(than: held) ? fallen : held
    }
}
