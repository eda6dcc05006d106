/// How long a condition must last before it is an alarm, and how long it must be gone. All of it is configuration.
public struct AlarmPolicy: Sendable, Equatable {
    /// Nothing on air, the fault slate, no picture, no sound.
    public var program = Duration.seconds(2)
    /// A venue that was connected gets nothing.
    public var venue = Duration.seconds(10)
    /// A venue that is meant to be on has never been connected.
    public var absent = Duration.seconds(60)
    public var input = Duration.seconds(5)
    public var recording = Duration.seconds(5)
    /// What works and is impaired.
    public var impaired = Duration.seconds(30)
    /// So long a condition must be gone before its alarm is cleared.
    public var clear = Duration.seconds(10)

    // MARK: Not configured

    /// A condition that has come so often within `flapWindow` is an alarm, however short it lasted each time, and its alarm
    /// is cleared only after `flapClear`.
    public var flaps = 5
    public var flapWindow = Duration.seconds(600)
    public var flapClear = Duration.seconds(300)
    /// Venues that are lost within so long of each other may have one cause,
    public var together = Duration.seconds(10)
    /// when they are so many, and half of all.
    public var many = 3
    /// After a start, alarms of the daemon before have so long to be seen again.
    public var restored = Duration.seconds(30)

    public init() {}
}
