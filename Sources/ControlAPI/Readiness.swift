import VenuecastModel

/// `GET /readyz`: whether the programme and every venue meant to be on is ok, and what is not.
public struct Readiness: Codable, Sendable, Equatable {
    public struct Lack: Codable, Sendable, Equatable {
        /// `program` or `venue/ID`.
        public var subject: String
        public var health: Health
        public var reasons: [Reason]
    }

    public var ready: Bool
    public var notReady: [Lack]

    public init(_ status: ActivityStatus) {
        notReady = []
        if status.program.health != .ok {
            notReady.append(Lack(subject: "program", health: status.program.health, reasons: status.program.reasons))
        }
        for venue in status.venues where venue.health != .ok && venue.health != .off {
            notReady.append(Lack(subject: "venue/\(venue.id)", health: venue.health, reasons: venue.reasons))
        }
        ready = notReady.isEmpty
    }
}
