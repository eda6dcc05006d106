import Foundation

/// Something done by a person, or something that happened: an element of `GET /v1/events`.
public struct Event: Codable, Sendable, Equatable {
    /// Who asked: as the kernel says it of a socket's connection; over the network, whose token it was.
    public struct Actor: Codable, Sendable, Equatable {
        /// Null over the network.
        @Nullable public var uid: UInt32?
        /// Null where the uid has no name.
        @Nullable public var user: String?
        /// The user who logged in, kept through `sudo`.
        @Nullable public var loginUser: String?
        @Nullable public var pid: Int32?
        /// Of the socket: `operator`, `monitor`, `archive`.
        public var role: String

        public init(uid: UInt32?, user: String?, loginUser: String? = nil, pid: Int32? = nil, role: String) {
            self.role = role
            self.uid = uid
            self.user = user
            self.loginUser = loginUser
            self.pid = pid
        }

        /// The person behind it, as far as the system knows one.
        public var name: String { loginUser ?? user ?? uid.map { "uid \($0)" } ?? "unknown" }
    }

    public enum Outcome: String, Codable, Sendable, CaseIterable {
        case ok, refused
    }

    /// Ascending without a gap, also across restarts of the daemon.
    public var id: UInt64
    public var time: Date
    /// `order`, `venue.state`, `worker.ended` …: see `EventKind`.
    public var kind: String
    /// `venue/shinan`, `worker/link/shinan`, `program`, `daemon` …
    public var subject: String
    /// Null: it happened by itself.
    @Nullable public var who: Actor?
    /// Of an order; null for what happened by itself.
    @Nullable public var outcome: Outcome?
    /// What else there is to say, by name.
    public var details: [String: String]
    /// SHA-256 over the previous event's hash and this event, in hexadecimal.
    public var hash: String?

    public init(
        id: UInt64, time: Date, kind: String, subject: String, who: Actor? = nil, outcome: Outcome? = nil,
        details: [String: String] = [:], hash: String? = nil
    ) {
        self.id = id
        self.time = time
        self.kind = kind
        self.subject = subject
        self.who = who
        self.outcome = outcome
        self.details = details
        self.hash = hash
    }
}

/// An event before it has its place in the log.
public struct EventDraft: Sendable, Equatable {
    public var kind: String
    public var subject: String
    public var who: Event.Actor?
    public var outcome: Event.Outcome?
    public var details: [String: String]

    public init(
        _ kind: String, _ subject: String, who: Event.Actor? = nil, outcome: Event.Outcome? = nil,
        details: [String: String] = [:]
    ) {
        self.kind = kind
        self.subject = subject
        self.who = who
        self.outcome = outcome
        self.details = details
    }
}

/// The kinds of events there are.
public enum EventKind {
    /// Something that was asked for over a socket; `details.action` says what.
    public static let order = "order"
    public static let daemonStarted = "daemon.started"
    public static let daemonStopped = "daemon.stopped"
    public static let reloaded = "daemon.reloaded"
    public static let reloadRefused = "daemon.reload-refused"
    public static let workerReady = "worker.ready"
    public static let workerTakenBack = "worker.taken-back"
    public static let workerEnded = "worker.ended"
    public static let workerStopped = "worker.stopped"
    public static let venueState = "venue.state"
    public static let venueHealth = "venue.health"
    public static let inputHealth = "input.health"
    public static let onAir = "program.on-air"
    public static let programHealth = "program.health"
    public static let muted = "program.muted"
    public static let recordingState = "recording.state"
    public static let recordingRemoved = "recording.removed"
    /// A session begins or ends; a report likewise; how far a report is in its time.
    public static let sessionState = "session.state"
    public static let reportState = "report.state"
    public static let countdown = "report.countdown"
    public static let alarmRaised = "alarm.raised"
    public static let alarmCleared = "alarm.cleared"
    public static let alarmAcknowledged = "alarm.acknowledged"
    /// This machine's wall clock was set, or the machine slept.
    public static let clock = "daemon.clock"
    /// Of the log itself: a torn line after a crash, damage, removal of what is too old, events that were lost.
    public static let logTorn = "log.torn"
    public static let logDamaged = "log.damaged"
    public static let logPruned = "log.pruned"
    public static let logLost = "log.lost"

    public static let all = [
        order, daemonStarted, daemonStopped, reloaded, reloadRefused, workerReady, workerTakenBack, workerEnded,
        workerStopped, venueState, venueHealth, inputHealth, onAir, programHealth, muted, recordingState,
        recordingRemoved, sessionState, reportState, countdown, alarmRaised, alarmCleared, alarmAcknowledged, clock,
        logTorn, logDamaged, logPruned, logLost,
    ]
}

/// Which events are asked for. All of it has to match.
public struct EventQuery: Sendable, Equatable {
    /// Only later ones, the oldest first; nil: the latest ones.
    public var since: UInt64?
    /// Exactly, or everything under it: `venue` finds `venue/jimo`, `worker/link` finds `worker/link/jimo`.
    public var subject: String?
    /// Exactly, or everything under it: `worker` finds `worker.ended`.
    public var kind: String?
    public var limit: Int

    /// For `limit`.
    public static let limits = 1...1000

    public init(since: UInt64? = nil, subject: String? = nil, kind: String? = nil, limit: Int = 100) {
        self.since = since
        self.subject = subject
        self.kind = kind
        self.limit = limit
    }

    /// With a number that has a next one.
    public var bounded: EventQuery {
        var query = self
        query.since = since.map { min($0, .max - 1) }
        return query
    }

    public func matches(_ event: Event) -> Bool {
        (subject.map { Self.isUnder(event.subject, $0, "/") } ?? true)
            && (kind.map { Self.isUnder(event.kind, $0, ".") } ?? true)
    }

    private static func isUnder(_ text: String, _ prefix: String, _ separator: String) -> Bool {
        text == prefix || text.hasPrefix(prefix + separator)
    }
}
