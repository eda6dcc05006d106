import VenuecastModel
import WorkerProtocol

/// A point in time: the house's clock, of which every frame has a whole number, and the time of day by the session's
/// clock.
public struct Moment: Codable, Sendable, Equatable {
    /// The kernel's name for the time since the machine's start.
    public var bootID: String
    /// CLOCK_MONOTONIC, nanoseconds.
    public var monotonic: UInt64
    /// Nanoseconds since 1970, UTC.
    public var wall: Int64

    public init(bootID: String, monotonic: UInt64, wall: Int64) {
        self.bootID = bootID
        self.monotonic = monotonic
        self.wall = wall
    }

    /// Seconds from an earlier one to this; by the time of day where the machine was started in between.
    public func seconds(since other: Moment) -> Double {
        bootID == other.bootID
            ? (Double(monotonic) - Double(other.monotonic)) / 1e9 : Double(wall - other.wall) / 1e9
    }
}

/// A line of the trail: what was pressed, when and by whom. Nothing is ever taken out of the trail; what an operator
/// takes back is a line as well.
public struct JournalEntry: Codable, Sendable, Equatable {
    /// From 1, without a gap.
    public var sequence: Int
    public var at: Moment
    public var by: Person
    public var event: SessionEvent

    public init(sequence: Int, at: Moment, by: Person, event: SessionEvent) {
        self.sequence = sequence
        self.at = at
        self.by = by
        self.event = event
    }
}

public enum SessionEvent: Codable, Sendable, Equatable {
    /// - Parameter isNew: what ran before belongs to another activity.
    case rundownLoaded(Rundown, encoding: String, isNew: Bool)
    /// With what the rundown says of it at that moment; also when it goes on after an end.
    case sessionStarted(PlannedSession, clock: SessionClock)
    /// The machine was started anew in the middle of it.
    case clockChanged(SessionClock)
    case sessionEnded
    /// Ends the one that ran. - Parameter wasNext: by `report next`.
    case reportStarted(Int, wasNext: Bool)
    case reportEnded
    case marked(String)
    /// - Parameter run: the sequence of its start.
    case amended(session: String, run: Int, in: Moment?, out: Moment?)
    /// The entry of that sequence counts no more.
    case takenBack(Int)
}
