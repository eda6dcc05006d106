import LinuxSystem
import VenuecastModel

/// Decides how late each venue is said to be: measured where a receiver's report can be believed, else estimated. Pure:
/// clocks are handed in.
///
/// A measured figure is the difference of two machines' wall clocks. It counts while both are kept and known how well, and it
/// is thrown away with everything a step of the clock or a suspended machine could have touched.
public struct LatencyBook: Sendable {
    /// A report older than this says nothing of now, and one is at most so long.
    static let validity = Duration.seconds(15)
    /// Estimates of the last minute, one a second.
    static let window = 60
    /// How a clock is kept changes slowly.
    static let clockInterval = Duration.seconds(20)
    /// Of one machine's clock against itself: reading it takes no longer.
    static let ownUncertaintyMs = 0.1

    private struct Entry: Sendable {
        var report: ReceiverReport
        var receivedAt: MonotonicInstant
    }

    private let bootID: String
    private var reports: [String: Entry] = [:]
    private var estimates: [String: [Double]] = [:]
    private var watch = ClockWatch()
    private var disturbedAt: MonotonicInstant?
    /// How this machine's clock is kept; nil until it was looked at, and again after it was disturbed.
    public private(set) var clock: ClockStatus?
    private var clockLookedAt: MonotonicInstant?

    /// - Parameter bootID: of this machine; empty: not known.
    public init(bootID: String) {
        self.bootID = bootID
    }

    // MARK: Facts

    /// Often: several times a second.
    /// - Returns: what has happened to the clock since the last time.
    public mutating func observe(_ reading: ClockReading) -> ClockWatch.Disturbance? {
        guard let disturbance = watch.observe(reading) else { return nil }
        disturbedAt = reading.instant
        // Whoever kept it may be gone: that is what sets clocks.
        clock = nil
        return disturbance
    }

    /// - Parameter begun: when the look at it began: what was seen before a disturbance says nothing of the clock behind it.
    public mutating func noteClock(_ status: ClockStatus, begun: MonotonicInstant) {
        if let disturbedAt, begun < disturbedAt { return }
        (clock, clockLookedAt) = (status, begun)
    }

    public mutating func note(_ report: ReceiverReport, of venue: String, at now: MonotonicInstant) {
        reports[venue] = Entry(report: report, receivedAt: now)
    }

    /// Once a second: the estimates percentiles are made of. A venue that is not connected has none.
    public mutating func sample(_ estimated: [String: Double]) {
        estimates = estimated.reduce(into: [:]) { result, item in
            result[item.key] = ((estimates[item.key] ?? []) + [item.value]).suffix(Self.window)
        }
    }

    // MARK: Decision

    /// Whether it is time to look at how this machine's clock is kept.
    public func isClockDue(at now: MonotonicInstant) -> Bool {
        guard clock != nil, let clockLookedAt else { return true }
        return clockLookedAt.duration(to: now) >= Self.clockInterval
    }

    /// - Parameter estimated: with `ms` nil while nothing goes to the venue.
    public func judge(_ estimated: LatencyStatus, of venue: String, at now: MonotonicInstant) -> LatencyStatus {
        guard estimated.ms != nil else { return estimated }
        var status = estimated
        if let entry = reports[venue], entry.receivedAt.duration(to: now) < Self.validity {
            switch believe(entry) {
            case .success(let uncertaintyMs):
                status.ms = entry.report.p50Ms
                status.source = "measured"
                status.uncertaintyMs = uncertaintyMs
                (status.p50Ms, status.p95Ms, status.p99Ms) = (
                    entry.report.p50Ms, entry.report.p95Ms, entry.report.p99Ms
                )
                return status
            case .failure(let doubt): status.notMeasured = doubt.reason
            }
        }
        if let figures = Percentiles(estimates[venue] ?? []) {
            (status.p50Ms, status.p95Ms, status.p99Ms) = (figures.p50, figures.p95, figures.p99)
        }
        return status
    }

    private struct Doubt: Error {
        var reason: Reason
    }

    /// - Returns: by how much the figure may be off.
    private func believe(_ entry: Entry) -> Result<Double, Doubt> {
        // Its frames, and the time in which they were on their way, lie behind the disturbance.
        let touched = Duration.seconds(entry.report.seconds) + ClockWatch.quarantine(delayMs: entry.report.p99Ms)
        if let disturbedAt, disturbedAt.duration(to: entry.receivedAt) < touched {
            return .failure(Doubt(reason: .clockDisturbed))
        }
        let uncertaintyMs: Double
        if !bootID.isEmpty, entry.report.bootID == bootID {
            uncertaintyMs = Self.ownUncertaintyMs
        } else {
            guard let clock, clock.synchronised, let own = clock.uncertaintyMs else {
                return .failure(Doubt(reason: .ownClockNotKept))
            }
            guard entry.report.clock.synchronised, let theirs = entry.report.clock.uncertaintyMs else {
                return .failure(Doubt(reason: .receiversClockNotKept))
            }
            uncertaintyMs = own + theirs
        }
        // Nothing arrives before it was sent.
        guard entry.report.p50Ms + uncertaintyMs > 0 else { return .failure(Doubt(reason: .clocksDisagree)) }
        return .success(uncertaintyMs)
    }
}

/// Nearest rank.
public struct Percentiles: Sendable, Equatable {
    public var p50: Double
    public var p95: Double
    public var p99: Double

    /// Nil where there is nothing.
    public init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        func rank(_ percent: Int) -> Double { sorted[(sorted.count * percent - 1) / 100] }
        (p50, p95, p99) = (rank(50), rank(95), rank(99))
    }
}

extension Reason {
    static let clockDisturbed = Reason(
        code: "clock-disturbed",
        text: "The clock was set, or the machine slept, while this was measured: wait for the next report.",
        textZh: "测量期间本机时钟被调整或机器曾休眠：请等待下一次报告。")
    static let ownClockNotKept = Reason(
        code: "clock-not-synchronised",
        text: "This machine's clock is not synchronised: set up chrony or systemd-timesyncd here.",
        textZh: "本机时钟未同步：请在本机配置 chrony 或 systemd-timesyncd。")
    static let receiversClockNotKept = Reason(
        code: "receiver-clock-not-synchronised",
        text: "The receiver's clock is not synchronised: set up chrony or systemd-timesyncd there.",
        textZh: "接收端时钟未同步：请在接收端配置 chrony 或 systemd-timesyncd。")
    static let clocksDisagree = Reason(
        code: "clocks-disagree",
        text: "By the receiver's clock frames arrive before they were made: compare both clocks' servers.",
        textZh: "按接收端时钟，画面到达早于产生时间：请核对两端的时间服务器。")
}
