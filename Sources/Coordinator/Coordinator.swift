import ArchiveAccess
import Foundation
import Latency
import LinuxSystem
import Logging
import Sessions
import Supervision
import Synchronization
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

/// Holds what operators want, has the reconciler make it so, and says how things are. Knows no HTTP and no media.
///
/// What an operator asks for is on disk before it is acknowledged. Snapshots are put together from what is already
/// known, outside of the actor: a slow disk or a silent worker holds no question up.
public final actor Coordinator: ControlService {
    let loader: ConfigurationLoader
    let accepted: AcceptedConfiguration?
    let paths: RunPaths
    let reconciler: Reconciler
    let logger: Logger
    /// Puts on record what happens; does not wait.
    let record: @Sendable (EventDraft) -> Void
    private let board: AlarmBoard
    let archive: ArchiveGate
    private let latencies: LatencyBoard
    private let state: StateDirectory
    private let intents: IntentStore
    let sessionStore: SessionStore
    let asRunWriter: AsRunWriter
    private let diskGauge = DiskGauge()
    /// What lies among the recordings and was complained of already.
    let leftOut = Mutex<Set<String>>([])
    private let workerExecutable: String
    private let executor = QueueExecutor(label: "venuecast.coordinator")
    private let startedAt = Date()
    private let inForce: Mutex<InForce>
    private var digests: WorkerDigests?
    /// By worker id; a secret is read when its worker is asked for, and not again because of another one.
    var desired: [String: DesiredWorker] = [:]
    var isReloading = false
    /// What an earlier daemon left was taken back: before that, nothing may be started beside it.
    private(set) var hasTakenBack = false
    private var tasks: [Task<Void, Never>] = []
    private var reassertion: Task<Void, Never>?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The configuration that counts, and what status needs of it.
    private struct InForce: Sendable {
        var configuration: Configuration
        var activity: Activity
    }

    /// - Parameters:
    ///   - loader: reads the configuration's file again for a reload.
    ///   - accepted: where a configuration is kept once it is accepted.
    ///   - stateDirectory: exists, and is ours alone.
    ///   - workerExecutable: absolute path of `venuecast-worker`.
    ///   - workerEnvironment: all of it.
    public init(
        configuration: Configuration, loader: ConfigurationLoader, accepted: AcceptedConfiguration? = nil,
        paths: RunPaths, stateDirectory: String, workerExecutable: String, workerEnvironment: [String: String],
        timing: SupervisionTiming = SupervisionTiming(), logger: Logger,
        record: @escaping @Sendable (EventDraft) -> Void = { _ in }, board: AlarmBoard = AlarmBoard(),
        archive: ArchiveGate = ArchiveGate(),
        latencies: LatencyBoard = LatencyBoard()
    ) {
        self.latencies = latencies
        self.logger = logger
        self.board = board
        self.archive = archive
        self.record = record
        self.loader = loader
        self.accepted = accepted
        inForce = Mutex(InForce(configuration: configuration, activity: Activity(configuration)))
        self.paths = paths
        self.workerExecutable = workerExecutable
        state = StateDirectory(path: stateDirectory, logger: logger)
        intents = IntentStore(directory: state)
        sessionStore = SessionStore(path: "\(stateDirectory)/sessions.jsonl", logger: logger)
        asRunWriter = AsRunWriter(logger: logger)
        reconciler = Reconciler(
            paths: paths, workerExecutable: workerExecutable, environment: workerEnvironment, timing: timing,
            logger: logger)
    }

    /// Takes back what an earlier daemon left, starts the rest, and returns when that is under way.
    public func start() async throws {
        digests = WorkerDigests(
            key: try state.digestKey(), program: WorkerDigests.programBuild(workerExecutable),
            shippedPipelines: loader.shippedPipelines)
        intents.load()
        prepareRecordings()
        try await resumeSessions()
        try await reconciler.start()
        hasTakenBack = true
        tasks.append(
            Task { [weak self, events = reconciler.events] in
                for await event in events { await self?.handle(event) }
            })
        await apply()
        // A session may have ended just before the daemon did: its recorders are still let go on for a moment.
        endRecordingLater()
        tasks.append(Task { [weak self] in await self?.replaceOutdatedWhenIdle() })
        tasks.append(Task { [weak self] in await self?.keepCountdown() })
        tasks.append(Task { [weak self] in await self?.keepRetention() })
        tasks.append(
            Task { [weak self, diskGauge] in await diskGauge.run { [weak self] in self?.recordingsDirectory } })
    }

    /// Stops all workers; bounded by one stop ladder (6 s), and by the answer to a change on air just before it (7 s).
    public func stop() async {
        endTasks()
        await reconciler.stopAll()
    }

    /// Leaves all workers running, for the next daemon.
    public func detach() async {
        endTasks()
        await reconciler.detachAll()
    }

    private func endTasks() {
        for task in tasks { task.cancel() }
        tasks = []
        reassertion?.cancel()
    }

    nonisolated var configuration: Configuration { inForce.withLock { $0.configuration } }
    nonisolated var activity: Activity { inForce.withLock { $0.activity } }
    nonisolated var statePath: String { state.path }
    /// Where the sessions stand. Waits for nothing.
    nonisolated var sessionLog: SessionLog { sessionStore.current }

    // MARK: Snapshots

    public nonisolated func status() async -> ActivityStatus {
        var status = report().status()
        status.alarms = board.alarms
        status.archive = archive.status()
        status.configurationRefused = accepted?.refusal
        latencies.complete(&status)
        return status
    }

    /// What the configuration in force says of alarms.
    public nonisolated var alarmConfiguration: Configuration.Alarms { configuration.alarms }

    public nonisolated func workers() async -> [WorkerStatus] {
        let report = report()
        return reconciler.snapshot().map { WorkerStatus($0, report: report) }
    }

    nonisolated func report() -> StatusReport {
        StatusReport(
            activity: activity, intents: intents.current,
            workers: Dictionary(uniqueKeysWithValues: reconciler.snapshot().map { ($0.id, $0) }), now: .now,
            time: Date(), startedAt: startedAt, recording: recordingTargets(configuration).first, sessions: sessionLog,
            freeBytes: recordingsDirectory.flatMap(diskGauge.freeBytes),
            audience: Audience(configuration, sessionLog.active?.plan), slateFeed: LinkFeed(slate: paths).liveFeed,
            moment: now)
    }

    // MARK: Venues

    public func venue(_ id: String, _ action: VenueAction, terms: OrderTerms) async throws(ControlError) {
        guard activity.venues.contains(where: { $0.id == id }) else {
            throw .unknownVenue(id, known: activity.venues.map(\.id))
        }
        switch action {
        case .start:
            // Its passphrase may be a new one.
            if intents.current.isStopped(id) { desired[WorkerID.link(id)] = nil }
            try await change { $0.setStopped(id, false) }
            await apply()
        case .stop:
            if !intents.current.isStopped(id) {
                try checkSession([.init(worker: WorkerID.link(id), change: .removed)], yes: terms.yes)
            }
            try await change { $0.setStopped(id, true) }
            await apply()
        case .restart:
            if intents.current.isStopped(id) { throw .venueIsStopped(id) }
            try await restart(WorkerID.link(id))
        }
        logger.notice("operator: venue", metadata: ["venue": "\(id)", "action": "\(action.rawValue)"])
    }

    public nonisolated func report(_ venue: String, _ report: ReceiverReport) async throws(ControlError) {
        guard activity.venues.contains(where: { $0.id == venue }) else {
            throw .unknownVenue(venue, known: activity.venues.map(\.id))
        }
        latencies.note(report, of: venue)
    }

    // MARK: Workers

    public func replaceWorker(_ id: String, terms: OrderTerms) async throws(ControlError) {
        let known = reconciler.snapshot().map(\.id)
        guard known.contains(id) else { throw .unknownWorker(id, known: known) }
        // A link's is the way to mend one venue, in the middle of a session as well.
        if !id.hasPrefix("link/") { try checkSession([.init(worker: id, change: .restarted)], yes: terms.yes) }
        try await restart(id)
        logger.notice("operator: worker replaced", metadata: ["worker": "\(id)"])
    }

    private func restart(_ id: String) async throws(ControlError) {
        do {
            try await reconciler.restart(id)
        } catch {
            throw .workerDoesNotAnswer(id, error)
        }
    }

    // MARK: Programme

    public func program(_ action: ProgramAction) async throws(ControlError) {
        let body: WorkerRequest.Body
        switch action {
        case .take(let source, let force):
            guard source == "auto" || activity.sources.contains(source) else {
                throw .unknownSource(source, known: activity.sources)
            }
            body = .take(source: source, force: force)
        case .mute(let isMuted):
            body = .mute(isMuted)
        }
        // Written before the worker is asked: one that starts anew in between is told the same.
        let before = intents.current
        try await change { $0.note(action) }
        let wanted = intents.current
        do throws(ControlError) {
            try await command(body)
        } catch {
            // Unless somebody has asked for something else of the programme meanwhile.
            try? await change { intents in
                if intents.take == wanted.take { intents.take = before.take }
                if intents.isMuted == wanted.isMuted { intents.isMuted = before.isMuted }
            }
            throw error
        }
        if case .take = action { reassertion?.cancel() }
        logger.notice("operator: programme", metadata: ["action": "\(action)"])
    }

    private func command(_ body: WorkerRequest.Body) async throws(ControlError) {
        let answer: WorkerResponse.Body
        do {
            answer = try await reconciler.request(WorkerID.program, body)
        } catch {
            throw .noProgram(error)
        }
        if case .refused(let refusal) = answer { throw ControlError(refusal, sources: activity.sources) }
    }

    // MARK: Intents

    private func change(_ edit: @escaping IntentStore.Edit) async throws(ControlError) {
        do {
            try await intents.change(edit)
        } catch {
            throw .stateNotWritten(error)
        }
    }

    /// Has the reconciler make it so. An order that comes before is carried out by `start`.
    func apply() async {
        guard hasTakenBack else { return }
        await reconciler.setDesired(wanted(configuration, fresh: false))
    }

    /// - Parameter fresh: reads secrets and the like again; else only those of workers that are new.
    func wanted(_ configuration: Configuration, fresh: Bool) -> [DesiredWorker] {
        guard let digests else { return [] }
        return plan(
            configuration, intents.current, paths, recording: recordingTargets(configuration),
            session: sessionLog.active?.plan
        ).map {
            specification in
            if !fresh, let known = desired[specification.id], known.specification == specification { return known }
            let worker = digests.desired(specification)
            if !fresh { desired[specification.id] = worker }
            return worker
        }
    }

    /// From now on this is the configuration.
    func adopt(_ configuration: Configuration, _ workers: [DesiredWorker]) async {
        inForce.withLock { $0 = InForce(configuration: configuration, activity: Activity(configuration)) }
        prepareRecordings()
        desired = Dictionary(uniqueKeysWithValues: workers.map { ($0.id, $0) })
        await reconciler.setDesired(workers)
    }

    // MARK: A programme worker comes

    private func handle(_ event: WorkerEvent) async {
        record(EventDraft(event))
        guard case .ready(WorkerID.program, let isTakenBack) = event else { return }
        reassertion?.cancel()
        if isTakenBack {
            await adoptOverride()
        } else {
            reassertion = Task { await self.reassert() }
        }
    }

    /// The worker that went on without us knows best what holds.
    private func adoptOverride() async {
        guard case .program(let report) = reconciler.snapshot(WorkerID.program)?.report?.detail else { return }
        let before = intents.current
        if before.take?.source == report.taken, before.isMuted == report.sound.muted { return }
        logger.notice("the programme worker holds another override than was written down; that one counts")
        do throws(ControlError) {
            try await change { intents in
                if intents.take?.source != report.taken {
                    intents.take = report.taken.map { Intents.Take(source: $0, force: false) }
                }
                intents.isMuted = report.sound.muted
            }
        } catch {
            logger.error("cannot write down the programme's override", metadata: ["error": "\(error)"])
        }
    }

    /// A new one begins with `auto` and sound: it is told again what operators want. An input that was taken and is not
    /// there yet is tried until it is, as long as it is wanted.
    private func reassert() async {
        while !Task.isCancelled, intents.current.isMuted {
            do throws(ControlError) {
                try await command(.mute(true))
                break
            } catch {
                await tryAgain("cannot mute the new programme worker", error)
            }
        }
        while !Task.isCancelled, let take = intents.current.take {
            guard activity.sources.contains(take.source) else {
                logger.warning(
                    "what was taken is not in the configuration any more; automatic from now on",
                    metadata: ["source": "\(take.source)"])
                try? await change { $0.take = nil }
                return
            }
            do throws(ControlError) {
                try await command(.take(source: take.source, force: take.force))
                return
            } catch  where error.code == "unknown-source" {
                // The worker is of another configuration, and another one comes.
                logger.error("cannot take again", metadata: ["source": "\(take.source)", "error": "\(error)"])
                return
            } catch {
                await tryAgain("cannot take again yet", error)
            }
        }
    }

    /// What operators want holds for as long as they want it, also where a busy worker answers late.
    private func tryAgain(_ what: Logger.Message, _ error: ControlError) async {
        // An input that is dead is no news each time.
        if error.code != "dead-input" { logger.warning(what, metadata: ["error": "\(error)"]) }
        try? await Task.sleep(for: .milliseconds(500))
    }
}
