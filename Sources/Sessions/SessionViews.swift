import VenuecastModel
import WorkerProtocol

/// The trail as the API shows it.
extension SessionLog {
    /// - Parameter venues: ids of all there are.
    public func status(now: Moment, venues: [String]) -> SessionStatus? {
        guard let run = active else { return nil }
        let given = Set(run.runs.map(\.report.number)).count
        return SessionStatus(
            id: run.id, startedAt: run.started.at.date, startedBy: run.started.by.name, isInternal: run.plan.isInternal,
            venues: run.plan.venues ?? venues, revision: revision,
            report: run.runningReport.map { run.status($0, now) },
            next: run.next.map(PlannedReportStatus.init), reports: run.plan.reports.count, given: given,
            secondsLeft: tenths(run.secondsLeft(now)))
    }

    public func summaries(now: Moment, venues: [String]) -> [SessionSummary] {
        sessionIDs.compactMap { id in plan(id).map { summary($0, session(id), now, venues) } }
    }

    public func rundownStatus(now: Moment, venues: [String]) -> RundownStatus {
        RundownStatus(
            loadedAt: rundownEntry?.at.date, loadedBy: rundownEntry?.by.name, encoding: rundownEncoding,
            sessions: (rundown?.sessions ?? []).map { summary($0, session($0.id), now, venues) })
    }

    /// What all sessions of the rundown that have not ended still need, seconds.
    public func secondsLeft(_ now: Moment) -> Double {
        sessionIDs.reduce(0) { sum, id in
            guard let run = session(id) else { return sum + (rundown?.session(id)?.limitSeconds ?? 0) }
            return run.ended == nil ? sum + run.secondsLeft(now) : sum
        }
    }

    private func summary(_ plan: PlannedSession, _ run: SessionRun?, _ now: Moment, _ venues: [String])
        -> SessionSummary
    {
        SessionSummary(
            id: plan.id, state: run == nil ? .planned : run?.id == activeID ? .active : .ended,
            isInternal: plan.isInternal, venues: plan.venues ?? venues, startedAt: run?.started.at.date,
            startedBy: run?.started.by.name, endedAt: run?.ended?.at.date, endedBy: run?.ended?.by.name,
            limitSeconds: plan.limitSeconds, revision: revision,
            reports: plan.reports.map { report in
                ReportSummary(
                    number: report.number, department: report.department, limitSeconds: report.limitSeconds,
                    title: report.title, speaker: report.speaker,
                    runs: run.map { run in run.runs(of: report.number).map { run.summary($0, now) } } ?? [])
            },
            marks: run.map { run in
                run.marks.map {
                    MarkSummary(
                        text: $0.text, at: $0.entry.at.date, timecode: run.code($0.entry.at), by: $0.entry.by.name)
                }
            } ?? [])
    }
}

extension SessionRun {
    fileprivate func code(_ moment: Moment) -> String {
        clock(moment.bootID).map { "\($0.timecode(moment))" } ?? HouseFormatter.timeOfDay(moment.wall)
    }

    fileprivate func status(_ given: ReportRun, _ now: Moment) -> ReportStatus {
        let countdown = Countdown(given, now: now)
        return ReportStatus(
            number: given.report.number, department: given.report.department, title: given.report.title,
            speaker: given.report.speaker, attempt: given.attempt, startedAt: given.start.date,
            startedBy: given.started.by.name, timecode: code(given.start),
            elapsedSeconds: tenths(countdown.elapsedSeconds),
            limitSeconds: given.report.limitSeconds, remainingSeconds: tenths(countdown.remainingSeconds),
            countdown: countdown.phase)
    }

    fileprivate func summary(_ given: ReportRun, _ now: Moment) -> RunSummary {
        let seconds = given.seconds(now)
        return RunSummary(
            attempt: given.attempt, startedAt: given.start.date, endedAt: given.end?.date,
            inTimecode: code(given.start),
            outTimecode: given.end.map(code), durationSeconds: tenths(seconds),
            overrunSeconds: tenths(max(0, seconds - given.report.limitSeconds)), startedBy: given.started.by.name,
            endedBy: given.ended?.by.name, amendedBy: given.amended?.by.name)
    }
}

extension PlannedReportStatus {
    init(_ report: PlannedReport) {
        self.init(
            number: report.number, department: report.department, limitSeconds: report.limitSeconds,
            title: report.title, speaker: report.speaker)
    }
}

private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
