import LinuxSystem
import WorkerProtocol

/// How late pictures were: each of the last five seconds, and all of them by tenths of a millisecond, so that a day takes no more
/// room than a minute. Pure; a copy is cheap, and is asked elsewhere than where pictures arrive.
struct DelayRecord: Sendable {
    /// Nanoseconds.
    private static let window: Int64 = 5_000_000_000
    private static let tenths = 10.0

    private(set) var stamped: UInt64 = 0
    private(set) var unstamped: UInt64 = 0
    private(set) var disturbances = 0
    /// When, CLOCK_MONOTONIC, and milliseconds.
    private var recent: [(at: Int64, ms: Double)] = []
    /// How many, by tenths of a millisecond.
    private var all: [Int: Int] = [:]
    private var quarantine = ClockWatch.quarantine(delayMs: 0).inNanoseconds
    private var quietUntil: Int64?

    mutating func count(isStamped: Bool) {
        if isStamped { stamped += 1 } else { unstamped += 1 }
    }

    /// - Parameter at: CLOCK_MONOTONIC nanoseconds; they only grow.
    mutating func add(_ ms: Double, at: Int64) {
        if let quietUntil, at < quietUntil { return }
        // Now and then, and not for each picture.
        if let first = recent.first, first.at + 2 * Self.window < at {
            recent.removeAll { $0.at + Self.window < at }
        }
        recent.append((at, ms))
        all[Int((ms * Self.tenths).rounded()), default: 0] += 1
    }

    mutating func note(_ disturbance: ClockWatch.Disturbance, at now: Int64) {
        disturbances += 1
        // Where nothing has come since the last one, what was known of the line still is.
        if let figures = DelayFigures(milliseconds: recent.map(\.ms)) {
            quarantine = ClockWatch.quarantine(delayMs: figures.p99Ms).inNanoseconds
        }
        quietUntil = now + quarantine
        // Figures of another clock: nothing that comes can be held against them. A clock that slept is the same one.
        if case .stepped = disturbance { (recent, all) = ([], [:]) }
    }

    func fill(_ report: inout ProbeReport, at now: Int64) {
        report.stampedPictures = stamped
        report.unstampedPictures = unstamped
        report.clockDisturbances = disturbances
        report.delay = DelayFigures(
            milliseconds: recent.reversed().prefix { $0.at + Self.window >= now }.map(\.ms))
        report.wholeDelay = DelayFigures(counts: all.map { (ms: Double($0.key) / Self.tenths, frames: $0.value) })
    }
}
