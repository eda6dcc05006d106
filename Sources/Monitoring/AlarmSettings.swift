import Alarms

/// What the configuration in force says of alarms.
public struct AlarmSettings: Sendable, Equatable {
    public var policy = AlarmPolicy()

    public init() {}
}
