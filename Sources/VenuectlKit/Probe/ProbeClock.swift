import LinuxSystem
import VenuecastModel
import WorkerProtocol

/// How this machine's clock is kept while a probe looks: now, and at its worst. Pure: it is told what was seen, and when.
struct ProbeClock: Sendable {
    /// As the daemon has it: how a clock is kept changes slowly, and whoever keeps it may be gone within a day.
    private static let interval = Duration.seconds(20)

    private(set) var current: ClockStatus
    /// Of the whole look: its figures are no better than that.
    private(set) var worst: ClockStatus
    private var lookedAt: MonotonicInstant
    private var disturbances = 0

    init(_ first: ClockStatus, at now: MonotonicInstant) {
        (current, worst, lookedAt) = (first, first, now)
    }

    /// Whether it is time to look again.
    func isDue(_ report: ProbeReport, at now: MonotonicInstant) -> Bool {
        report.clockDisturbances > disturbances || lookedAt.duration(to: now) >= Self.interval
    }

    /// - Parameter now: when the look began.
    mutating func note(_ status: ClockStatus, _ report: ProbeReport, at now: MonotonicInstant) {
        (current, lookedAt, disturbances) = (status, now, report.clockDisturbances)
        if Self.rank(status) > Self.rank(worst) { worst = status }
    }

    /// Not synchronised is worse than not known how well, and that worse than any figure.
    private static func rank(_ status: ClockStatus) -> (Int, Double) {
        (status.synchronised ? status.uncertaintyMs == nil ? 1 : 0 : 2, status.uncertaintyMs ?? 0)
    }
}
