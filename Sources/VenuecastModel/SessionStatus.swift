import Foundation

/// The session that runs now, as `GET /v1/status` has it.
public struct SessionStatus: Codable, Sendable, Equatable {
    public var id: String
    public var startedAt: Date
    public var startedBy: String
    /// Goes to chosen venues only.
    public var isInternal: Bool
    /// Ids of the venues it goes to; all of them unless it is internal.
    public var venues: [String]
    /// Counts every press; an order that says which one its sender has `seen` is refused where another came since.
    public var revision: Int
    /// The one that runs; null in a break.
    @Nullable public var report: ReportStatus?
    /// What `report next` would start; null when none is left.
    @Nullable public var next: PlannedReportStatus?
    /// Reports of the rundown, and those of them that have been given or are being given.
    public var reports: Int
    public var given: Int
    /// What the rundown still allows for, the rest of the running report's time included.
    public var secondsLeft: Double
    public var reasons: [Reason]

    public init(
        id: String, startedAt: Date, startedBy: String, isInternal: Bool, venues: [String], revision: Int,
        report: ReportStatus? = nil, next: PlannedReportStatus? = nil, reports: Int, given: Int, secondsLeft: Double,
        reasons: [Reason] = []
    ) {
        self.id = id
        self.startedAt = startedAt
        self.startedBy = startedBy
        self.isInternal = isInternal
        self.venues = venues
        self.revision = revision
        self.reports = reports
        self.given = given
        self.secondsLeft = secondsLeft
        self.reasons = reasons
        self.report = report
        self.next = next
    }
}

/// The report that runs.
public struct ReportStatus: Codable, Sendable, Equatable {
    public var number: Int
    public var department: String
    @Nullable public var title: String?
    @Nullable public var speaker: String?
    /// 1, or more when it is given again.
    public var attempt: Int
    public var startedAt: Date
    public var startedBy: String
    /// Of its first frame.
    public var timecode: String
    public var elapsedSeconds: Double
    public var limitSeconds: Double
    /// Below 0 when it is over its time.
    public var remainingSeconds: Double
    public var countdown: CountdownPhase

    public init(
        number: Int, department: String, title: String?, speaker: String?, attempt: Int, startedAt: Date,
        startedBy: String, timecode: String, elapsedSeconds: Double, limitSeconds: Double, remainingSeconds: Double,
        countdown: CountdownPhase
    ) {
        self.number = number
        self.department = department
        self.attempt = attempt
        self.startedAt = startedAt
        self.startedBy = startedBy
        self.timecode = timecode
        self.elapsedSeconds = elapsedSeconds
        self.limitSeconds = limitSeconds
        self.remainingSeconds = remainingSeconds
        self.countdown = countdown
        self.title = title
        self.speaker = speaker
    }
}

/// How far a report is in its time.
public enum CountdownPhase: String, Codable, Sendable, CaseIterable {
    case running
    /// At most two minutes are left; likewise thirty seconds.
    case twoMinutes, thirtySeconds
    /// The limit was reached just now.
    case timeUp
    /// More than ten seconds ago.
    case overrun
}

/// A report as the rundown has it.
public struct PlannedReportStatus: Codable, Sendable, Equatable {
    public var number: Int
    public var department: String
    public var limitSeconds: Double
    @Nullable public var title: String?
    @Nullable public var speaker: String?

    public init(number: Int, department: String, limitSeconds: Double, title: String? = nil, speaker: String? = nil) {
        self.number = number
        self.department = department
        self.limitSeconds = limitSeconds
        self.title = title
        self.speaker = speaker
    }
}

/// An element of `GET /v1/sessions`, and `GET /v1/sessions/{id}`.
public struct SessionSummary: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable, CaseIterable {
        case planned, active, ended
    }

    public var id: String
    public var state: State
    public var isInternal: Bool
    public var venues: [String]
    @Nullable public var startedAt: Date?
    @Nullable public var startedBy: String?
    @Nullable public var endedAt: Date?
    @Nullable public var endedBy: String?
    /// Of all its reports together.
    public var limitSeconds: Double
    public var revision: Int
    public var reports: [ReportSummary]
    public var marks: [MarkSummary]

    public init(
        id: String, state: State, isInternal: Bool, venues: [String], startedAt: Date? = nil, startedBy: String? = nil,
        endedAt: Date? = nil, endedBy: String? = nil, limitSeconds: Double, revision: Int, reports: [ReportSummary],
        marks: [MarkSummary] = []
    ) {
        self.id = id
        self.state = state
        self.isInternal = isInternal
        self.venues = venues
        self.limitSeconds = limitSeconds
        self.revision = revision
        self.reports = reports
        self.marks = marks
        self.startedAt = startedAt
        self.startedBy = startedBy
        self.endedAt = endedAt
        self.endedBy = endedBy
    }
}

/// A report of the rundown and the times it was given.
public struct ReportSummary: Codable, Sendable, Equatable {
    public var number: Int
    public var department: String
    public var limitSeconds: Double
    @Nullable public var title: String?
    @Nullable public var speaker: String?
    /// Empty: not given yet.
    public var runs: [RunSummary]

    public init(
        number: Int, department: String, limitSeconds: Double, title: String?, speaker: String?, runs: [RunSummary]
    ) {
        self.number = number
        self.department = department
        self.limitSeconds = limitSeconds
        self.runs = runs
        self.title = title
        self.speaker = speaker
    }
}

/// One time a report was given.
public struct RunSummary: Codable, Sendable, Equatable {
    public var attempt: Int
    public var startedAt: Date
    /// Null while it runs.
    @Nullable public var endedAt: Date?
    /// Of the first frame, and of the first one after it.
    public var inTimecode: String
    @Nullable public var outTimecode: String?
    public var durationSeconds: Double
    /// Above 0 when it took longer than its limit.
    public var overrunSeconds: Double
    public var startedBy: String
    @Nullable public var endedBy: String?
    /// Its times are not those of the presses.
    @Nullable public var amendedBy: String?

    public init(
        attempt: Int, startedAt: Date, endedAt: Date?, inTimecode: String, outTimecode: String?,
        durationSeconds: Double, overrunSeconds: Double, startedBy: String, endedBy: String?, amendedBy: String?
    ) {
        self.attempt = attempt
        self.startedAt = startedAt
        self.inTimecode = inTimecode
        self.durationSeconds = durationSeconds
        self.overrunSeconds = overrunSeconds
        self.startedBy = startedBy
        self.endedAt = endedAt
        self.outTimecode = outTimecode
        self.endedBy = endedBy
        self.amendedBy = amendedBy
    }
}

public struct MarkSummary: Codable, Sendable, Equatable {
    public var text: String
    public var at: Date
    public var timecode: String
    public var by: String

    public init(text: String, at: Date, timecode: String, by: String) {
        self.text = text
        self.at = at
        self.timecode = timecode
        self.by = by
    }
}

/// `GET /v1/rundown`.
public struct RundownStatus: Codable, Sendable, Equatable {
    @Nullable public var loadedAt: Date?
    @Nullable public var loadedBy: String?
    /// `UTF-8` or `GB18030`: what it was converted from.
    @Nullable public var encoding: String?
    public var sessions: [SessionSummary]

    public init(
        loadedAt: Date? = nil, loadedBy: String? = nil, encoding: String? = nil, sessions: [SessionSummary] = []
    ) {
        self.sessions = sessions
        self.loadedAt = loadedAt
        self.loadedBy = loadedBy
        self.encoding = encoding
    }
}
