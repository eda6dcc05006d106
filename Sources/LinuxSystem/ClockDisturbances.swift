/// Makes one of what belongs together: a clock that is led fast is disturbed at every look, for as long as that takes, and
/// whoever reads the record wants to hear of it once. Pure: disturbances and times are handed in.
public struct ClockDisturbances: Sendable {
    /// What lies further apart is two.
    static let quiet = Duration.seconds(1)
    /// One that does not end is told so often.
    static let longest = Duration.seconds(60)

    private struct Span {
        var disturbance: ClockWatch.Disturbance
        let begunAt: MonotonicInstant
        var lastAt: MonotonicInstant

        init(_ disturbance: ClockWatch.Disturbance, at now: MonotonicInstant) {
            self.disturbance = disturbance
            (begunAt, lastAt) = (now, now)
        }
    }

    private var open: Span?

    public init() {}

    /// At every look.
    /// - Parameter disturbance: of this look; nil: none.
    /// - Returns: the one that is over by now, with all that belongs to it.
    public mutating func observe(
        _ disturbance: ClockWatch.Disturbance?, at now: MonotonicInstant
    ) -> ClockWatch.Disturbance? {
        if let disturbance, let before = open, before.lastAt.duration(to: now) < Self.quiet,
            before.begunAt.duration(to: now) < Self.longest,
            let joined = before.disturbance.joined(with: disturbance)
        {
            open?.disturbance = joined
            open?.lastAt = now
            return nil
        }
        if let before = open, disturbance == nil, before.lastAt.duration(to: now) < Self.quiet { return nil }
        defer { open = disturbance.map { Span($0, at: now) } }
        return open?.disturbance
    }

    /// Nobody will look again.
    public mutating func end() -> ClockWatch.Disturbance? {
        defer { open = nil }
        return open?.disturbance
    }
}

extension ClockWatch.Disturbance {
    /// Nil: of another kind, or in the other direction.
    fileprivate func joined(with next: Self) -> Self? {
        switch (self, next) {
        case (.stepped(let before), .stepped(let after)) where (before < 0) == (after < 0):
            .stepped(milliseconds: before + after)
        case (.suspended(let before), .suspended(let after)): .suspended(seconds: before + after)
        default: nil
        }
    }
}
