/// Who speaks when, and for how long: the sessions in the order of the file.
public struct Rundown: Codable, Sendable, Equatable {
    public var sessions: [PlannedSession]

    public init(sessions: [PlannedSession]) {
        self.sessions = sessions
    }

    public func session(_ id: String) -> PlannedSession? { sessions.first { $0.id == id } }
}

public struct PlannedSession: Codable, Sendable, Equatable {
    /// `[A-Za-z0-9-]{1,32}`: it is part of file names.
    public var id: String
    /// Ids of the only venues it goes to; nil: all of them.
    public var venues: [String]?
    public var reports: [PlannedReport]

    public init(id: String, venues: [String]? = nil, reports: [PlannedReport]) {
        self.id = id
        self.venues = venues
        self.reports = reports
    }

    public var isInternal: Bool { venues != nil }
    public var limitSeconds: Double { reports.reduce(0) { $0 + $1.limitSeconds } }

    public func report(_ number: Int) -> PlannedReport? { reports.first { $0.number == number } }
}

public struct PlannedReport: Codable, Sendable, Equatable {
    /// From 1; unique in its session.
    public var number: Int
    public var department: String
    /// Above 0.
    public var limitSeconds: Double
    public var title: String?
    public var speaker: String?

    public init(number: Int, department: String, limitSeconds: Double, title: String? = nil, speaker: String? = nil) {
        self.number = number
        self.department = department
        self.limitSeconds = limitSeconds
        self.title = title
        self.speaker = speaker
    }
}
