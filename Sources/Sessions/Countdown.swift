import VenuecastModel

/// How far a report is in its time.
public struct Countdown: Sendable, Equatable {
    /// So long after the limit it is an overrun.
    static let graceSeconds = 10.0

    public var elapsedSeconds: Double
    public var limitSeconds: Double

    public init(elapsedSeconds: Double, limitSeconds: Double) {
        self.elapsedSeconds = elapsedSeconds
        self.limitSeconds = limitSeconds
    }

    public init(_ run: ReportRun, now: Moment) {
        self.init(elapsedSeconds: max(0, run.seconds(now)), limitSeconds: run.report.limitSeconds)
    }

    /// Below 0 when it is over its time.
    public var remainingSeconds: Double { limitSeconds - elapsedSeconds }

    /// A short report gets no warning that would come at its beginning.
    public var phase: CountdownPhase {
        switch remainingSeconds {
        case ...(-Self.graceSeconds): .overrun
        case ...0: .timeUp
        case ...30 where limitSeconds > 30: .thirtySeconds
        case ...120 where limitSeconds > 120: .twoMinutes
        default: .running
        }
    }
}
