import Foundation
import LinuxSystem
import Logging
import Sessions
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

/// Sessions, reports and the rundown: an order is decided on, on disk, and in force when it is acknowledged.
extension Coordinator {
    public nonisolated func order(
        _ order: SessionOrder, by person: Person, terms: OrderTerms, pressedAt: UInt64
    ) async throws(ControlError) {
        let venues = configuration.venues.map { RundownReader.Venue(id: $0.id, name: $0.name) }
        let own = SessionClock(bootID: currentBootID(), frameRate: configuration.house.frameRate, clock: .now())
        @Sendable func decide(_ log: SessionLog, _ clock: SessionClock) throws(ControlError) -> JournalEntry {
            // Of two presses the later line is not the earlier one.
            let last = log.entries.last.flatMap { $0.at.bootID == clock.bootID ? $0.at.monotonic : nil }
            let now = (log.active?.clock(clock.bootID) ?? clock).moment(monotonic: max(pressedAt, last ?? 0))
            let decision = SessionDecision(log: log, now: now, by: person, seen: terms.seen, venues: venues)
            let event = try decision.event(order, clock: clock)
            return JournalEntry(sequence: log.revision + 1, at: now, by: person, event: event)
        }
        var clock = own
        if case .startSession(let id) = order {
            // What can be said without a disk is said first.
            _ = try decide(sessionLog, own)
            clock = try await clockForStart(id, own, yes: terms.yes ?? false)
        }
        let result: (entry: JournalEntry, log: SessionLog)
        do {
            result = try await sessionStore.perform { [clock] log in try decide(log, clock) }
        } catch let error as ControlError {
            throw error
        } catch {
            throw .stateNotWritten(error)
        }
        await follow(result.entry, result.log)
    }

    private nonisolated func clockForStart(
        _ id: String, _ own: SessionClock, yes: Bool
    ) async throws(ControlError) -> SessionClock {
        guard let recording = configuration.recording else { return own }
        let preflight = RecordingPreflight(
            target: RecordingTarget(session: id, recording, stateDirectory: statePath),
            floorBytes: recording.minimumFreeBytes, isKnown: sessionLog.session(id) != nil)
        do throws(ControlError) {
            let found = try await preflight.run()
            return found?.frameRate == own.frameRate ? found ?? own : own
        } catch {
            if !yes { throw error }
            logger.warning("a session is started all the same", metadata: ["because": "\(error.detail)"])
            return own
        }
    }

    /// What comes of a line of the trail.
    private func follow(_ entry: JournalEntry, _ log: SessionLog) async {
        logger.notice(
            "session: \(entry.event.sentence.en)",
            metadata: ["by": "\(entry.by.name)", "session": "\(log.activeID ?? "–")", "revision": "\(entry.sequence)"])
        switch entry.event {
        case .sessionStarted:
            await apply()
            await confirmAudience()
        case .sessionEnded:
            await apply()
            endRecordingLater()
        default: break
        }
        writeAsRun(log, entry)
    }

    /// A frame is on disk some time after its moment, and an editor likes a little more than the last word: recorders go on
    /// for so long after a session's end.
    static let recordingTail = Duration.seconds(2)

    func endRecordingLater() {
        Task { [weak self] in
            try? await Task.sleep(for: Self.recordingTail + .milliseconds(100))
            await self?.apply()
        }
    }

    private static let confirmation = Duration.seconds(2)

    /// Whoever starts an internal session is told so when no other venue gets the programme any more. What does not
    /// confirm in time stands in status.
    private nonisolated func confirmAudience() async {
        let deadline = MonotonicInstant.now.advanced(by: Self.confirmation)
        while MonotonicInstant.now < deadline {
            let report = report()
            let isConfirmed = report.activity.venues.allSatisfy { venue in
                switch report.audience.share(of: venue.id) {
                case .program: true
                case .nothing: report.workers[WorkerID.link(venue.id)] == nil
                case .slate: !report.venue(venue).reasons.contains { $0.code == "not-yet-slate" }
                }
            }
            if isConfirmed { return }
            try? await Task.sleep(for: .milliseconds(10))
        }
        logger.error("not all venues have confirmed that they do not get the internal session")
    }

    nonisolated func writeAsRun(_ log: SessionLog, _ entry: JournalEntry) {
        switch entry.event {
        case .rundownLoaded: break
        case .amended(let session, _, _, _): writeAsRun(log, session)
        default:
            // Also the one that has just ended.
            let last = log.sessions.max { ($0.ended?.sequence ?? 0) < ($1.ended?.sequence ?? 0) }?.id
            if let id = log.activeID ?? last { writeAsRun(log, id) }
        }
    }

    private nonisolated func writeAsRun(_ log: SessionLog, _ session: String) {
        guard let recording = configuration.recording else { return }
        asRunWriter.write(
            log, session: session, activity: activity.name,
            to: RecordingTarget(session: session, recording, stateDirectory: statePath))
    }

    /// After a daemon's start: what an earlier one could not finish.
    /// - Throws: what ran cannot be known: nothing may be touched, since a session that runs would be ended.
    func resumeSessions() async throws {
        do {
            try sessionStore.load()
        } catch {
            throw UnreadableJournal(cause: "\(error)")
        }
        let bootID = currentBootID()
        if let active = sessionLog.active, active.clock(bootID) == nil {
            let clock = SessionClock(bootID: bootID, frameRate: configuration.house.frameRate, clock: .now())
            let now = clock.moment(monotonic: UInt64(MonotonicInstant.now.nanoseconds))
            do {
                _ = try await sessionStore.perform { log in
                    JournalEntry(sequence: log.revision + 1, at: now, by: .daemon, event: .clockChanged(clock))
                }
            } catch {
                logger.error("the session's new clock cannot be written down", metadata: ["error": "\(error)"])
            }
        }
        let log = sessionLog
        if let recording = configuration.recording {
            for session in log.sessions {
                let target = RecordingTarget(session: session.id, recording, stateDirectory: statePath)
                if Files.exists(target.sessionDirectory) { writeAsRun(log, session.id) }
            }
        }
    }

    /// What is to be recorded at this moment: first the session that runs, then the end of the one before.
    nonisolated func recordingTargets(_ configuration: Configuration) -> [RecordingTarget] {
        let log = sessionLog
        let sessions = [log.active, log.justEnded(now, within: Self.recordingTail.inSeconds)].compactMap { $0 }
        return sessions.map { session in
            guard let recording = configuration.recording else {
                return RecordingTarget(session: session.id, directory: "")
            }
            return RecordingTarget(
                session: session.id, recording, stateDirectory: statePath, clock: session.clock(currentBootID()),
                lane: session.lane)
        }
    }

    /// Absolute; nil: nothing is recorded.
    nonisolated var recordingsDirectory: String? {
        configuration.recording.map { RecordingTarget(session: "", $0, stateDirectory: statePath).directory }
    }

    /// A directory of our own is made; one that somebody named has to be there, or its disk is not mounted.
    nonisolated func prepareRecordings() {
        guard let recording = configuration.recording else { return }
        for directory in [recording.directory, recording.copyDirectory].compactMap({ $0 })
        where !directory.hasPrefix("/") {
            do {
                try Files.ensureDirectory("\(statePath)/\(directory)", mode: 0o750)
            } catch {
                logger.error("the recordings' directory cannot be made", metadata: ["error": "\(error)"])
            }
        }
    }

    // MARK: Snapshots

    public nonisolated func sessions() async -> [SessionSummary] {
        sessionLog.summaries(now: now, venues: activity.venues.map(\.id))
    }

    public nonisolated func rundown() async -> RundownStatus {
        sessionLog.rundownStatus(now: now, venues: activity.venues.map(\.id))
    }

    nonisolated var now: Moment {
        let clock = SessionClock(bootID: currentBootID(), frameRate: configuration.house.frameRate, clock: .now())
        return (sessionLog.active?.clock(clock.bootID) ?? clock).moment(
            monotonic: UInt64(MonotonicInstant.now.nanoseconds))
    }
}

struct UnreadableJournal: Error, CustomStringConvertible {
    var cause: String
    var description: String {
        "what is known of sessions cannot be read: \(cause). Mend that; or move the file away, and a session that runs is over. "
            + "The workers go on meanwhile"
    }
}
