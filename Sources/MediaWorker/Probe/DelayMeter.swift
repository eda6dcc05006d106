import LinuxSystem
import TransportStream
import WorkerProtocol

/// How late pictures arrive, by the time that they carry and this machine's wall clock. Pure: clocks are handed in.
///
/// What a step of the clock or a suspended machine could have touched is left out; a clock that drifts is what it is, and
/// whoever shows the figure says how well it is kept.
struct DelayMeter: Sendable {
    /// Nanoseconds of the short window, and of what is left out behind a disturbance: pictures on their way.
    private static let window: Int64 = 5_000_000_000
    private static let quarantine: Int64 = 1_000_000_000
    /// An hour of 50 pictures a second.
    private static let most = 180_000
    /// Milliseconds; further away it is no time of ours.
    private static let plausible = -86_400_000.0...86_400_000.0

    private(set) var stamped: UInt64 = 0
    private(set) var unstamped: UInt64 = 0
    private(set) var disturbances = 0
    private var arrivals = ArrivalInspector()
    private var watch = ClockWatch()
    private var quietUntil: Int64?
    /// When, CLOCK_MONOTONIC, and milliseconds.
    private var delays: [(at: Int64, ms: Double)] = []

    /// All, and those that did not begin as one does.
    var packets: (UInt64, UInt64) {
        (arrivals.inspector.packets, arrivals.inspector.continuity.missingSyncBytes)
    }

    mutating func take(_ piece: UnsafeRawBufferPointer, at clocks: ClockReading) {
        if watch.observe(clocks) != nil {
            disturbances += 1
            quietUntil = clocks.monotonic + Self.quarantine
            // Of before the disturbance the last second may be wrong already.
            delays.removeAll { $0.at > clocks.monotonic - Self.quarantine }
        }
        for arrival in arrivals.feed(piece, at: clocks.monotonic) {
            guard let stamp = arrival.stamp else {
                unstamped += 1
                continue
            }
            stamped += 1
            if let quietUntil, arrival.at < quietUntil { continue }
            let wall = Double(clocks.wall - (clocks.monotonic - arrival.at)) / 1e6
            let ms = wall - Double(stamp.microseconds) / 1e3
            guard Self.plausible.contains(ms) else { continue }
            if delays.count == Self.most { delays.removeFirst(Self.most / 10) }
            delays.append((arrival.at, ms))
        }
    }

    func fill(_ report: inout ProbeReport, at monotonic: Int64) {
        report.stampedPictures = stamped
        report.unstampedPictures = unstamped
        report.clockDisturbances = disturbances
        report.delay = DelayFigures(
            milliseconds: delays.reversed().prefix { $0.at + Self.window >= monotonic }.map(\.ms))
        report.wholeDelay = DelayFigures(milliseconds: delays.map(\.ms))
    }
}
