import Foundation

/// A condition a person must know of: an element of `GET /v1/alarms`.
public struct AlarmStatus: Codable, Sendable, Equatable {
    public enum Severity: String, Codable, Sendable, CaseIterable {
        case warning, critical
    }

    /// Something else that is not as it should be because of the same cause.
    public struct Consequence: Codable, Sendable, Equatable {
        /// `venue/jimo`.
        public var subject: String
        public var text: String
        public var textZh: String

        public init(subject: String, text: String, textZh: String) {
            self.subject = subject
            self.text = text
            self.textZh = textZh
        }
    }

    /// Another one each time it is raised.
    public var id: String
    public var severity: Severity
    /// `venue/jimo`, `program`, `input/camera`, `recording`, `events` …
    public var subject: String
    /// For programs: `absent`, `loss`, `no-good-input` …
    public var code: String
    /// A sentence; `action` is the next step.
    public var cause: String
    public var causeZh: String
    public var action: String
    public var actionZh: String
    public var consequences: [Consequence]
    public var raisedAt: Date
    /// How often it has come back since: a flapping condition is one alarm.
    public var count: Int
    /// The person's name; null until somebody does.
    @Nullable public var acknowledgedBy: String?
    @Nullable public var acknowledgedAt: Date?

    public init(
        id: String, severity: Severity, subject: String, code: String, cause: String, causeZh: String, action: String,
        actionZh: String, consequences: [Consequence] = [], raisedAt: Date, count: Int = 1,
        acknowledgedBy: String? = nil, acknowledgedAt: Date? = nil
    ) {
        self.id = id
        self.severity = severity
        self.subject = subject
        self.code = code
        self.cause = cause
        self.causeZh = causeZh
        self.action = action
        self.actionZh = actionZh
        self.consequences = consequences
        self.raisedAt = raisedAt
        self.count = count
        self.acknowledgedBy = acknowledgedBy
        self.acknowledgedAt = acknowledgedAt
    }
}

/// The body of `POST /v1/alarms/{id}/acknowledge`; may be left out.
public struct AcknowledgeRequest: Codable, Sendable, Equatable {
    /// The person's name; the user's where it is left out.
    public var by: String?

    public init(by: String? = nil) {
        self.by = by
    }
}
