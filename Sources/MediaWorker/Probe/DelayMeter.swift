import LinuxSystem
import TransportStream
import WorkerProtocol

/// How late pictures arrive, by the time that they carry and this machine's wall clock. Pure: clocks are handed in.
///
/// What a step of the clock or a suspended machine could have touched is left out; a clock that drifts is what it is, and
/// whoever shows the figure says how well it is kept.
struct DelayMeter: Sendable {
    /// Milliseconds; further away it is no time of ours.
    private static let plausible = -86_400_000.0...86_400_000.0

    private(set) var record = DelayRecord()
    private var arrivals = ArrivalInspector()
    private var watch = ClockWatch()

    /// All, and those that did not begin as one does.
    var packets: (UInt64, UInt64) {
        (arrivals.inspector.packets, arrivals.inspector.continuity.missingSyncBytes)
    }

    mutating func take(_ piece: UnsafeRawBufferPointer, at clocks: ClockReading) {
        if let disturbance = watch.observe(clocks) { record.note(disturbance, at: clocks.monotonic) }
        for arrival in arrivals.feed(piece, at: clocks.monotonic) {
            record.count(isStamped: arrival.stamp != nil)
            guard let stamp = arrival.stamp else { continue }
            let wall = Double(clocks.wall - (clocks.monotonic - arrival.at)) / 1e6
            let ms = wall - Double(stamp.microseconds) / 1e3
            if Self.plausible.contains(ms) { record.add(ms, at: arrival.at) }
        }
    }
}
