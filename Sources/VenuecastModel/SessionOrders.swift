/// What can be ordered about sessions, reports and the rundown.
public enum SessionOrder: Sendable, Equatable {
    /// - Parameter isNew: what ran before belongs to another activity.
    case loadRundown(csv: [UInt8], isNew: Bool)
    case startSession(String)
    case endSession(String)
    case nextReport
    case startReport(Int)
    case endReport
    case amendReport(Int, ReportAmendment)
    /// Takes the last press back.
    case undo
    case mark(String)
}

/// Who orders something, as the kernel says.
public struct Person: Codable, Sendable, Equatable {
    /// The login name of the one who logged in, `sudo` or not; `uid 1003` where the machine has no name.
    public var name: String
    public var uid: UInt32?
    public var loginUID: UInt32?

    public init(name: String, uid: UInt32? = nil, loginUID: UInt32? = nil) {
        self.name = name
        self.uid = uid
        self.loginUID = loginUID
    }

    /// Nobody ordered it.
    public static let daemon = Person(name: "venuecastd")
    public static let unknown = Person(name: "unknown")
}

/// The conditions of an order; the body of those that need nothing else.
public struct OrderTerms: Codable, Sendable, Equatable {
    /// The `revision` its sender has seen; nil: not said.
    public var seen: Int?
    /// Also where it endangers what runs.
    public var yes: Bool?

    public init(seen: Int? = nil, yes: Bool? = nil) {
        self.seen = seen
        self.yes = yes
    }
}

/// The body of `POST /v1/reports/{n}/amend`: one of `in` and `out` at least, `14:03:10:05` or `14:03:10`.
public struct ReportAmendment: Codable, Sendable, Equatable {
    public var `in`: String?
    public var out: String?
    /// Nil: the session that runs, else the one that ended last.
    public var session: String?
    /// Nil: the last time the report was given.
    public var attempt: Int?

    public init(in start: String? = nil, out: String? = nil, session: String? = nil, attempt: Int? = nil) {
        self.in = start
        self.out = out
        self.session = session
        self.attempt = attempt
    }
}

/// The body of `POST /v1/markers`.
public struct MarkRequest: Codable, Sendable, Equatable {
    public var text: String

    public init(text: String) {
        self.text = text
    }
}
