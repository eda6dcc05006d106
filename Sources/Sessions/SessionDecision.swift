import VenuecastModel
import WorkerProtocol

/// What an order comes to, at the state the trail is in: one line for the trail, or a no with its cause.
public struct SessionDecision: Sendable {
    /// Within so long after another person's press an order was given without having seen it.
    static let othersSeconds = 2.0
    /// Twice “next” or “undo” from one account within so long is two people, or one finger.
    static let ownSeconds = 1.0
    static let longestMark = 500

    public var log: SessionLog
    public var now: Moment
    public var by: Person
    /// The revision the order's sender has seen.
    public var seen: Int?
    public var venues: [RundownReader.Venue]

    public init(log: SessionLog, now: Moment, by: Person, seen: Int? = nil, venues: [RundownReader.Venue] = []) {
        self.log = log
        self.now = now
        self.by = by
        self.seen = seen
        self.venues = venues
    }

    /// - Parameter clock: for a session that begins now.
    public func event(_ order: SessionOrder, clock: SessionClock) throws(ControlError) -> SessionEvent {
        switch order {
        case .loadRundown(let csv, let isNew): try load(csv, isNew: isNew)
        case .startSession(let id): try startSession(id, clock)
        case .endSession(let id): try endSession(id)
        case .nextReport: try next()
        case .startReport(let number): try start(number)
        case .endReport: try end()
        case .amendReport(let number, let amendment): try amend(number, amendment)
        case .undo: try undo()
        case .mark(let text): try mark(text)
        }
    }

    // MARK: The rundown

    private func load(_ csv: [UInt8], isNew: Bool) throws(ControlError) -> SessionEvent {
        let reader = RundownReader(csv, venues: venues)
        guard let rundown = reader.rundown else { throw .rundownRefused(reader.problems) }
        if isNew {
            if let active = log.active { throw .newWhileActive(active) }
        } else {
            let changed = rundown.sessions.filter { planned in
                log.session(planned.id).map { $0.plan != planned } ?? false
            }
            if !changed.isEmpty { throw .sessionsHaveBegun(changed.map(\.id)) }
        }
        return .rundownLoaded(rundown, encoding: reader.encoding, isNew: isNew)
    }

    // MARK: Sessions

    private func startSession(_ id: String, _ clock: SessionClock) throws(ControlError) -> SessionEvent {
        guard RundownReader.isSessionID(id) else { throw .notASessionID(id) }
        if log.rundown == nil, log.sessions.isEmpty { throw .noRundown }
        guard let plan = log.plan(id) else { throw .unknownSession(id, known: log.sessionIDs) }
        if let active = log.active { throw .otherSessionRuns(active, wanted: id) }
        return .sessionStarted(plan, clock: log.session(id)?.clock(clock.bootID) ?? clock)
    }

    private func endSession(_ id: String) throws(ControlError) -> SessionEvent {
        guard RundownReader.isSessionID(id) else { throw .notASessionID(id) }
        guard log.plan(id) != nil else { throw .unknownSession(id, known: log.sessionIDs) }
        guard let active = log.active else { throw .noSession(log.session(id)) }
        guard active.id == id else { throw .notTheActiveSession(id, active) }
        try checkSeen()
        return .sessionEnded
    }

    private func active() throws(ControlError) -> SessionRun {
        guard let active = log.active else {
            throw .noSession(log.sessions.max { ($0.ended?.sequence ?? 0) < ($1.ended?.sequence ?? 0) })
        }
        return active
    }

    // MARK: Reports

    private func next() throws(ControlError) -> SessionEvent {
        let session = try active()
        try checkOthers { if case .reportStarted(_, wasNext: true) = $0 { true } else { false } }
        guard let report = session.next else { throw .allGiven(session) }
        return .reportStarted(report.number, wasNext: true)
    }

    private func start(_ number: Int) throws(ControlError) -> SessionEvent {
        let session = try active()
        guard session.plan.report(number) != nil else { throw .unknownReport(number, session.plan) }
        if let running = session.runningReport, running.report.number == number {
            throw .reportRuns(running, now: now)
        }
        try checkOthers()
        return .reportStarted(number, wasNext: false)
    }

    private func end() throws(ControlError) -> SessionEvent {
        let session = try active()
        guard session.runningReport != nil else { throw .noReport(session, now: now) }
        try checkOthers()
        return .reportEnded
    }

    private func mark(_ text: String) throws(ControlError) -> SessionEvent {
        _ = try active()
        let isPlain = !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        guard (1...Self.longestMark).contains(text.count), isPlain, text.contains(where: { !$0.isWhitespace }) else {
            throw .emptyMark
        }
        return .marked(text)
    }

    private func undo() throws(ControlError) -> SessionEvent {
        let session = try active()
        let gone = Set(
            log.entries.compactMap { entry -> Int? in
                if case .takenBack(let sequence) = entry.event { sequence } else { nil }
            })
        let last = log.entries.last { entry in
            // A session that goes on after its end: what was before is amended, not taken back.
            if gone.contains(entry.sequence) { return false }
            if case .sessionStarted = entry.event { return true }
            return entry.isReportPress
        }
        guard let last, last.isReportPress else { throw .nothingToUndo(session) }
        try checkOthers { if case .takenBack = $0 { true } else { false } }
        return .takenBack(last.sequence)
    }

    private func amend(_ number: Int, _ amendment: ReportAmendment) throws(ControlError) -> SessionEvent {
        let session: SessionRun
        if let id = amendment.session {
            guard RundownReader.isSessionID(id) else { throw .notASessionID(id) }
            guard let known = log.session(id) else { throw .unknownSession(id, known: log.sessions.map(\.id)) }
            session = known
        } else if let active = log.active {
            session = active
        } else {
            guard let last = log.sessions.max(by: { ($0.ended?.sequence ?? 0) < ($1.ended?.sequence ?? 0) }) else {
                throw .noSession(nil)
            }
            session = last
        }
        guard amendment.in != nil || amendment.out != nil else { throw .noTimes() }
        let runs = session.runs(of: number)
        let wanted = amendment.attempt.map { attempt in runs.first { $0.attempt == attempt } } ?? runs.last
        guard let run = wanted else { throw .notGiven(number, session, attempt: amendment.attempt) }
        if amendment.out != nil, run.end == nil { throw .stillRuns(run) }
        let start = try amendment.in.map { text throws(ControlError) in try moment(text, near: run.start, session) }
        let end = try amendment.out.map { text throws(ControlError) in
            try moment(text, near: run.end ?? now, session)
        }
        let (first, last) = (start ?? run.start, end ?? run.end ?? now)
        if last.seconds(since: first) <= 0 { throw .outOfOrder(code(first, session), code(last, session)) }
        return .amended(session: session.id, run: run.started.sequence, in: start, out: end)
    }

    private func moment(_ text: String, near press: Moment, _ session: SessionRun) throws(ControlError) -> Moment {
        let clock = session.clock(press.bootID)
        guard let clock, let code = Timecode(text, frameRate: clock.frameRate),
            let moment = clock.moment(code, near: press)
        else { throw .notATimecode(text, frameRate: clock?.frameRate ?? 25) }
        let (begin, end) = (session.started.at, session.ended?.at ?? now)
        // The first frame of the session began before the press.
        let slack = 1.0 / Double(clock.frameRate)
        guard moment.seconds(since: begin) >= -slack, end.seconds(since: moment) >= 0 else {
            throw .outsideOfSession(text, from: self.code(begin, session), to: self.code(end, session))
        }
        return moment
    }

    private func code(_ moment: Moment, _ session: SessionRun) -> String {
        session.clock(moment.bootID).map { "\($0.timecode(moment))" } ?? HouseFormatter.timeOfDay(moment.wall)
    }

    // MARK: Two at once

    /// Whoever says what he has seen is held to it.
    private func checkSeen() throws(ControlError) {
        guard let seen, let since = log.entries.last(where: { $0.sequence > seen && !$0.isMark }) else { return }
        throw faster(since, own: false)
    }

    /// Whoever does not say it may not have seen what another person did a moment ago.
    /// - Parameter isTwice: whether the press before was the same one; nil: it may come twice.
    private func checkOthers(_ isTwice: ((SessionEvent) -> Bool)? = nil) throws(ControlError) {
        if seen != nil { return try checkSeen() }
        guard let last = log.entries.last(where: { !$0.isMark }) else { return }
        let age = now.seconds(since: last.at)
        if last.by != by, last.isReportPress || last.isUndo, age < Self.othersSeconds {
            throw faster(last, own: false)
        }
        if let isTwice, isTwice(last.event), age < Self.ownSeconds { throw faster(last, own: true) }
    }

    private func faster(_ entry: JournalEntry, own: Bool) -> ControlError {
        let (what, whatZh) = entry.event.sentence
        return .somebodyWasFaster(entry, what, whatZh, now: now, own: own)
    }
}

extension JournalEntry {
    var isUndo: Bool { if case .takenBack = event { true } else { false } }
    var isMark: Bool { if case .marked = event { true } else { false } }

    /// What `report undo` takes back.
    var isReportPress: Bool {
        switch event {
        case .reportStarted, .reportEnded, .amended: true
        case .rundownLoaded, .sessionStarted, .clockChanged, .sessionEnded, .marked, .takenBack: false
        }
    }
}

extension SessionEvent {
    /// For people, in English and in Chinese.
    public var sentence: (en: String, zh: String) {
        switch self {
        case .rundownLoaded: ("rundown loaded", "加载议程")
        case .sessionStarted(let plan, _): ("session \(plan.id) started", "场次 \(plan.id) 开始")
        case .clockChanged: ("the machine was started anew", "机器重新启动")
        case .sessionEnded: ("session ended", "场次结束")
        case .reportStarted(let number, _): ("report \(number) started", "第 \(number) 号汇报开始")
        case .reportEnded: ("report ended", "汇报结束")
        case .marked(let text): ("mark: \(text)", "标记：\(text)")
        case .amended: ("a report's times amended", "更正汇报时间")
        case .takenBack(let sequence): ("press \(sequence) taken back", "撤回第 \(sequence) 次操作")
        }
    }
}
