import Glibc

/// The machine's clocks at one moment, nanoseconds.
public struct ClockReading: Sendable, Equatable {
    /// CLOCK_MONOTONIC: only goes forward, and stands still while the machine is suspended.
    public var monotonic: Int64
    /// CLOCK_BOOTTIME: the same, and goes on then.
    public var boot: Int64
    /// CLOCK_REALTIME: may be set.
    public var wall: Int64

    public init(monotonic: Int64, boot: Int64, wall: Int64) {
        self.monotonic = monotonic
        self.boot = boot
        self.wall = wall
    }

    public static func now() -> ClockReading {
        func read(_ clock: clockid_t) -> Int64 {
            var time = timespec()
            clock_gettime(clock, &time)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }
        // Read again where something came in between.
        var reading = ClockReading(monotonic: 0, boot: 0, wall: 0)
        for _ in 0..<5 {
            let before = read(CLOCK_MONOTONIC)
            let (boot, wall) = (read(CLOCK_BOOTTIME), read(CLOCK_REALTIME))
            let after = read(CLOCK_MONOTONIC)
            reading = ClockReading(monotonic: before + (after - before) / 2, boot: boot, wall: wall)
            if after - before < 50_000 { break }
        }
        return reading
    }

    public var instant: MonotonicInstant { MonotonicInstant(nanoseconds: monotonic) }
}

/// Notices that the wall clock was set, or that the machine slept. Each reading is held against the one before, so that a
/// clock that drifts, or is led slowly, is no news however long it does. Pure: readings are handed in.
public struct ClockWatch: Sendable {
    public enum Disturbance: Sendable, Equatable {
        case stepped(milliseconds: Double)
        case suspended(seconds: Double)
    }

    /// Nanoseconds: what being interrupted between two questions looks like,
    private static let slack: Int64 = 5_000_000
    /// and how fast a clock may be led, parts per thousand: twice what the kernel does (adjtimex(2): 500 ppm). chrony leads
    /// one that is far off up to 83 times as fast (`maxslewrate`): nothing that is measured meanwhile is right, and each look
    /// is a disturbance. `ClockDisturbances` makes one of them.
    private static let slew: Int64 = 1

    private var last: ClockReading?

    public init() {}

    /// For how long behind a disturbance what arrives may still be from before it: as long as a line is, and a second.
    /// - Parameter delayMs: what the slowest took. SRT holds a minute at most: more is a clock that is wrong, and no line.
    public static func quarantine(delayMs: Double) -> Duration {
        .seconds(1 + min(max(0, delayMs), 61_000) / 1000)
    }

    public mutating func observe(_ reading: ClockReading) -> Disturbance? {
        defer { last = reading }
        guard let last else { return nil }
        let (monotonic, boot, wall) = (
            reading.monotonic - last.monotonic, reading.boot - last.boot, reading.wall - last.wall
        )
        if boot - monotonic > Self.slack { return .suspended(seconds: Double(boot - monotonic) / 1e9) }
        let step = wall - boot
        guard step.magnitude > (Self.slack + max(0, boot) / 1000 * Self.slew).magnitude else { return nil }
        return .stepped(milliseconds: Double(step) / 1e6)
    }
}
