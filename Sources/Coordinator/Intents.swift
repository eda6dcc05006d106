import VenuecastModel

/// What operators have asked for and what must outlive the daemon.
public struct Intents: Codable, Sendable, Equatable {
    /// A take that holds until `auto`.
    public struct Take: Codable, Sendable, Equatable {
        public var source: String
        public var force: Bool

        public init(source: String, force: Bool) {
            self.source = source
            self.force = force
        }
    }

    /// Ids of the venues that are meant to be off, sorted.
    public var stoppedVenues: [String] = []
    /// Nil is automatic.
    public var take: Take?
    public var isMuted = false

    public init() {}

    public func isStopped(_ venue: String) -> Bool { stoppedVenues.contains(venue) }

    mutating func note(_ action: ProgramAction) {
        switch action {
        case .take("auto", _): take = nil
        case .take(let source, let force): take = Take(source: source, force: force)
        case .mute(let isMuted): self.isMuted = isMuted
        }
    }

    public mutating func setStopped(_ venue: String, _ isStopped: Bool) {
        stoppedVenues.removeAll { $0 == venue }
        if isStopped { stoppedVenues = (stoppedVenues + [venue]).sorted() }
    }
}
