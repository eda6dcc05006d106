import VenuecastModel
import WorkerProtocol

/// Where the activity stands: a fold of its trail, and nothing else.
public struct SessionLog: Sendable, Equatable {
    public private(set) var entries: [JournalEntry] = []
    public private(set) var rundown: Rundown?
    /// How it was loaded.
    public private(set) var rundownEntry: JournalEntry?
    public private(set) var rundownEncoding: String?
    /// Those that have begun, in that order.
    public private(set) var sessions: [SessionRun] = []
    /// The id of the one that runs.
    public private(set) var activeID: String?
    /// The id of the one that was begun last, also of another rundown, and its lane.
    private var lastBegun: String?
    private var lastLane = 1

    public init(_ entries: [JournalEntry] = []) {
        self.entries = entries
        let takenBack = Set(
            entries.compactMap { entry -> Int? in
                if case .takenBack(let sequence) = entry.event { sequence } else { nil }
            })
        for entry in entries where !takenBack.contains(entry.sequence) { apply(entry) }
    }

    /// The trail with one more line.
    public func adding(_ entry: JournalEntry) -> SessionLog { SessionLog(entries + [entry]) }

    /// Counts every press.
    public var revision: Int { entries.last?.sequence ?? 0 }
    public var active: SessionRun? { activeID.flatMap(session) }

    /// The one that ended last, as long as that is not longer ago.
    public func justEnded(_ now: Moment, within seconds: Double) -> SessionRun? {
        let last = sessions.max { ($0.ended?.sequence ?? 0) < ($1.ended?.sequence ?? 0) }
        guard let last, let ended = last.ended else { return nil }
        let age = now.seconds(since: ended.at)
        return age >= 0 && age < seconds ? last : nil
    }

    public func session(_ id: String) -> SessionRun? { sessions.first { $0.id == id } }

    /// As it is, or as it is planned.
    public func plan(_ id: String) -> PlannedSession? { session(id)?.plan ?? rundown?.session(id) }

    /// Every session there is: as the rundown has them, then those that it has no more.
    public var sessionIDs: [String] {
        let planned = rundown?.sessions.map(\.id) ?? []
        return planned + sessions.map(\.id).filter { !planned.contains($0) }
    }

    private mutating func apply(_ entry: JournalEntry) {
        switch entry.event {
        case .rundownLoaded(let rundown, let encoding, let isNew):
            self.rundown = rundown
            rundownEntry = entry
            rundownEncoding = encoding
            if isNew {
                sessions = []
                activeID = nil
            }
        case .sessionStarted(let plan, let clock):
            if !sessions.contains(where: { $0.id == plan.id }) {
                sessions.append(SessionRun(plan: plan, started: entry, clocks: []))
            }
            activeID = plan.id
            if lastBegun != plan.id { lastLane = 1 - lastLane }
            lastBegun = plan.id
            changeActive { [lastLane] session in
                session.plan = plan
                session.lane = lastLane
                session.note(clock)
                session.ended = nil
            }
        case .clockChanged(let clock):
            changeActive { $0.note(clock) }
        case .sessionEnded:
            changeActive { session in
                session.endReport(entry)
                session.ended = entry
            }
            activeID = nil
        case .reportStarted(let number, _):
            changeActive { $0.startReport(number, entry) }
        case .reportEnded:
            changeActive { $0.endReport(entry) }
        case .marked(let text):
            changeActive { $0.marks.append(SessionMark(text: text, entry: entry)) }
        case .amended(let id, let run, let start, let end):
            guard let index = sessions.firstIndex(where: { $0.id == id }) else { return }
            sessions[index].amend(run, start, end, entry)
        case .takenBack:
            break
        }
    }

    private mutating func changeActive(_ change: (inout SessionRun) -> Void) {
        guard let index = sessions.firstIndex(where: { $0.id == activeID }) else { return }
        change(&sessions[index])
    }
}

/// A session that has begun.
public struct SessionRun: Sendable, Equatable {
    public internal(set) var plan: PlannedSession
    /// Its first start.
    public let started: JournalEntry
    /// Nil while it runs.
    public internal(set) var ended: JournalEntry?
    /// One for each start of the machine.
    public internal(set) var clocks: [SessionClock]
    /// 0 or 1, another one than that of the session begun before: what finishes that one's recording is in nobody's way.
    public internal(set) var lane = 0
    /// In the order they were begun.
    public private(set) var runs: [ReportRun] = []
    public internal(set) var marks: [SessionMark] = []

    public var id: String { plan.id }
    public var runningReport: ReportRun? { runs.last.flatMap { $0.end == nil ? $0 : nil } }

    public func runs(of number: Int) -> [ReportRun] { runs.filter { $0.report.number == number } }

    public func clock(_ bootID: String) -> SessionClock? { clocks.first { $0.bootID == bootID } }

    /// What `report next` begins: the first one behind the last that was begun which has not been given; else the first
    /// that was left out.
    public var next: PlannedReport? {
        let given = Set(runs.map(\.report.number))
        let reports = plan.reports
        let behind = runs.last.flatMap { last in reports.firstIndex { $0.number == last.report.number } }
        return reports.dropFirst(behind.map { $0 + 1 } ?? 0).first { !given.contains($0.number) }
            ?? reports.first { !given.contains($0.number) }
    }

    /// What the rundown still allows for at this moment.
    public func secondsLeft(_ now: Moment) -> Double {
        let given = Set(runs.map(\.report.number))
        let open = plan.reports.filter { !given.contains($0.number) }.reduce(0) { $0 + $1.limitSeconds }
        let running = runningReport.map { max(0, $0.report.limitSeconds - now.seconds(since: $0.start)) }
        return open + (running ?? 0)
    }

    mutating func note(_ clock: SessionClock) {
        if self.clock(clock.bootID) == nil { clocks.append(clock) }
    }

    mutating func startReport(_ number: Int, _ entry: JournalEntry) {
        guard let report = plan.report(number) else { return }
        endReport(entry)
        runs.append(ReportRun(report: report, attempt: runs(of: number).count + 1, started: entry))
    }

    mutating func endReport(_ entry: JournalEntry) {
        guard let last = runs.indices.last, runs[last].end == nil else { return }
        runs[last].ended = entry
        runs[last].end = entry.at
    }

    mutating func amend(_ run: Int, _ start: Moment?, _ end: Moment?, _ entry: JournalEntry) {
        guard let index = runs.firstIndex(where: { $0.started.sequence == run }) else { return }
        if let start { runs[index].start = start }
        if let end { runs[index].end = end }
        runs[index].amended = entry
    }
}

/// One time a report was given.
public struct ReportRun: Sendable, Equatable {
    public let report: PlannedReport
    /// 1, or more when it was given before.
    public let attempt: Int
    /// The presses.
    public let started: JournalEntry
    public internal(set) var ended: JournalEntry?
    /// The last amendment.
    public internal(set) var amended: JournalEntry?
    /// What counts: the press, or what it was amended to. The end is the first moment after it; nil while it runs.
    public internal(set) var start: Moment
    public internal(set) var end: Moment?

    init(report: PlannedReport, attempt: Int, started: JournalEntry) {
        self.report = report
        self.attempt = attempt
        self.started = started
        start = started.at
    }

    public func seconds(_ now: Moment) -> Double { (end ?? now).seconds(since: start) }
}

public struct SessionMark: Sendable, Equatable {
    public let text: String
    public let entry: JournalEntry
}
