import VenuecastModel

/// Something that is not as it should be at this moment; an alarm if it lasts.
struct AlarmCondition: Sendable, Equatable {
    /// What kind of thing it is, which stays while the cause changes: `lost`, `impaired`, `no-good-input` …
    var kind: String
    var subject: String
    var severity: AlarmStatus.Severity
    /// The cause at this moment.
    var code: String
    var words: AlarmWords
    /// How long it must last.
    var hold: Duration
    /// Keys of conditions that explain this one: while any of them is there, this is a consequence.
    var explainedBy: [String] = []
    /// A venue's receiver had been connected before.
    var wasConnected = false

    var key: String { Self.key(subject, kind) }

    static func key(_ subject: String, _ kind: String) -> String { "\(subject)#\(kind)" }
}

/// Cause and next step, in both languages.
struct AlarmWords: Sendable, Equatable {
    var cause: String
    var causeZh: String
    var action: String
    var actionZh: String
}

/// What alarms are decided from.
public struct AlarmFacts: Sendable {
    public var status: ActivityStatus
    public var workers: [WorkerStatus]
    /// Why events are not written; nil while they are.
    public var eventsNotWritten: String?
    /// Why alarms do not reach whom they are for; nil while they do.
    public var notDelivered: String?
    /// Why figures of the last hours are not kept; nil while they are.
    public var historyNotKept: String?

    public init(
        status: ActivityStatus, workers: [WorkerStatus], eventsNotWritten: String? = nil, notDelivered: String? = nil,
        historyNotKept: String? = nil
    ) {
        self.historyNotKept = historyNotKept
        self.status = status
        self.workers = workers
        self.eventsNotWritten = eventsNotWritten
        self.notDelivered = notDelivered
    }
}
