import LinuxSystem
import VenuecastModel

/// Tells from one status and the next what has happened. Pure.
struct Happenings: Sendable {
    /// A change of health alone, within one state, is an event when it has held for so long: a link at the limit of loss
    /// would write one a second.
    static let settling = Duration.seconds(5)

    private struct Settled: Sendable {
        var health: Health
        /// What it has been since, where that is another.
        var candidate: (health: Health, since: MonotonicInstant)?

        /// - Returns: the health before, when a new one has settled.
        mutating func observe(_ new: Health, at now: MonotonicInstant) -> Health? {
            guard new != health else {
                candidate = nil
                return nil
            }
            if candidate?.health != new { candidate = (new, now) }
            guard let candidate, candidate.since.duration(to: now) >= Happenings.settling else { return nil }
            return settle(new)
        }

        mutating func settle(_ new: Health) -> Health {
            defer {
                health = new
                candidate = nil
            }
            return health
        }
    }

    private var last: ActivityStatus?
    private var healths: [String: Settled] = [:]

    /// - Returns: nothing the first time: there is nothing to compare with.
    mutating func observe(_ status: ActivityStatus, at now: MonotonicInstant) -> [EventDraft] {
        defer { last = status }
        guard let last else {
            note(status)
            return []
        }
        let before = Dictionary(last.venues.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var drafts = program(last.program, status.program, now) + recording(last.recording, status.recording)
        drafts += session(last.session, status.session)
        for venue in status.venues { drafts += self.venue(before[venue.id], venue, now) }
        for input in status.inputs {
            drafts += health("input/\(input.id)", EventKind.inputHealth, input.health, input.reasons, now)
        }
        return drafts
    }

    private mutating func note(_ status: ActivityStatus) {
        healths["program"] = Settled(health: status.program.health)
        for venue in status.venues { healths["venue/\(venue.id)"] = Settled(health: venue.health) }
        for input in status.inputs { healths["input/\(input.id)"] = Settled(health: input.health) }
    }

    private mutating func venue(_ before: VenueStatus?, _ venue: VenueStatus, _ now: MonotonicInstant) -> [EventDraft] {
        let subject = "venue/\(venue.id)"
        guard let before, before.state != venue.state else {
            return health(subject, EventKind.venueHealth, venue.health, venue.reasons, now)
        }
        healths[subject] = Settled(health: venue.health)
        var details = ["from": before.state.rawValue, "to": venue.state.rawValue, "health": venue.health.rawValue]
        details["peer"] = venue.link.peer ?? before.link.peer
        details.merge(Self.why(venue.reasons)) { $1 }
        return [EventDraft(EventKind.venueState, subject, details: details)]
    }

    private mutating func program(
        _ before: ProgramStatus, _ program: ProgramStatus, _ now: MonotonicInstant
    ) -> [EventDraft] {
        var drafts: [EventDraft] = []
        if before.onAir != program.onAir {
            var details = ["from": before.onAir ?? "nothing", "to": program.onAir ?? "nothing", "mode": program.mode]
            details.merge(Self.why(program.reasons)) { $1 }
            drafts.append(EventDraft(EventKind.onAir, "program", details: details))
        }
        if let muted = program.audio.muted, let wasMuted = before.audio.muted, muted != wasMuted {
            drafts.append(EventDraft(EventKind.muted, "program", details: ["muted": "\(muted)"]))
        }
        return drafts + health("program", EventKind.programHealth, program.health, program.reasons, now)
    }

    private func recording(_ before: RecordingStatus, _ recording: RecordingStatus) -> [EventDraft] {
        guard before.state != recording.state || before.session != recording.session else { return [] }
        var details = ["from": before.state.rawValue, "to": recording.state.rawValue]
        details["session"] = recording.session
        details.merge(Self.why(recording.reasons)) { $1 }
        return [EventDraft(EventKind.recordingState, "recording", details: details)]
    }

    private func session(_ before: SessionStatus?, _ session: SessionStatus?) -> [EventDraft] {
        func state(_ session: SessionStatus, _ state: String) -> EventDraft {
            EventDraft(
                EventKind.sessionState, "session/\(session.id)",
                details: ["state": state, "given": "\(session.given)", "reports": "\(session.reports)"])
        }
        func draft(_ kind: String, _ report: ReportStatus, _ details: [String: String]) -> EventDraft {
            EventDraft(
                kind, "report/\(report.number)",
                details: ["department": report.department, "elapsedSeconds": "\(report.elapsedSeconds)"].merging(
                    details
                ) {
                    $1
                })
        }
        var drafts: [EventDraft] = []
        let (old, new) = (before?.report, session?.report)
        let isSame = before?.id == session?.id && old?.number == new?.number && old?.attempt == new?.attempt
        if let old, !isSame { drafts.append(draft(EventKind.reportState, old, ["state": "ended"])) }
        if let before, before.id != session?.id { drafts.append(state(before, "ended")) }
        if let session, before?.id != session.id { drafts.append(state(session, "active")) }
        if let new, !isSame {
            drafts.append(
                draft(EventKind.reportState, new, ["state": "active", "timecode": new.timecode, "by": new.startedBy]))
        }
        if let new, (isSame ? old?.countdown : .running) != new.countdown {
            drafts.append(draft(EventKind.countdown, new, ["phase": new.countdown.rawValue]))
        }
        return drafts
    }

    private mutating func health(
        _ subject: String, _ kind: String, _ health: Health, _ reasons: [Reason], _ now: MonotonicInstant
    ) -> [EventDraft] {
        guard var settled = healths[subject] else {
            healths[subject] = Settled(health: health)
            return []
        }
        let before = settled.observe(health, at: now)
        healths[subject] = settled
        guard let before else { return [] }
        let details = ["from": before.rawValue, "to": health.rawValue].merging(Self.why(reasons)) { $1 }
        return [EventDraft(kind, subject, details: details)]
    }

    /// The first reason is the weightiest.
    private static func why(_ reasons: [Reason]) -> [String: String] {
        guard let first = reasons.first else { return [:] }
        return ["code": first.code, "text": first.text, "textZh": first.textZh]
    }
}
