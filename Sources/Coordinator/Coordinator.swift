import Foundation
import LinuxSystem
import Logging
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
    private let activity: Activity
    private let configuration: Configuration
    private let paths: RunPaths
    private let reconciler: Reconciler
    private let state: StateDirectory
    private let logger: Logger
    private let executor = QueueExecutor(label: "venuecast.coordinator")
    private let startedAt = Date()
    private let intents = Mutex(Intents())
    private var digest: SpecificationDigest?
    /// By worker id; a secret is read when its worker is asked for, and not again because of another one.
    private var digests: [String: String] = [:]
    private var listener: Task<Void, Never>?
    private var reassertion: Task<Void, Never>?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - stateDirectory: exists, and is ours alone.
    ///   - workerExecutable: absolute path of `venuecast-worker`.
    ///   - workerEnvironment: all of it.
    public init(
        configuration: Configuration, paths: RunPaths, stateDirectory: String, workerExecutable: String,
        workerEnvironment: [String: String], timing: SupervisionTiming = SupervisionTiming(), logger: Logger
    ) {
        self.logger = logger
        activity = Activity(configuration)
        self.configuration = configuration
        self.paths = paths
        state = StateDirectory(path: stateDirectory, logger: logger)
        reconciler = Reconciler(
            paths: paths, workerExecutable: workerExecutable, environment: workerEnvironment, timing: timing,
            logger: logger)
    }

    /// Takes back what an earlier daemon left, starts the rest, and returns when that is under way.
    public func start() async throws {
        digest = SpecificationDigest(key: try state.digestKey())
        let saved = state.loadIntents()
        intents.withLock { $0 = saved }
        try await reconciler.start()
        listener = Task { [weak self, events = reconciler.events] in
            for await event in events { await self?.handle(event) }
        }
        await apply()
    }

    /// Stops all workers; bounded by one stop ladder (6 s).
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
        listener?.cancel()
        reassertion?.cancel()
    }

    // MARK: Snapshots

    public nonisolated func status() async -> ActivityStatus {
        report().status()
    }

    public nonisolated func workers() async -> [WorkerStatus] {
        let report = report()
        return reconciler.snapshot().map { WorkerStatus($0, report: report) }
    }

    private nonisolated func report() -> StatusReport {
        StatusReport(
            activity: activity, intents: intents.withLock { $0 },
            workers: Dictionary(uniqueKeysWithValues: reconciler.snapshot().map { ($0.id, $0) }), now: .now,
            time: Date(), startedAt: startedAt)
    }

    // MARK: Venues

    public func venue(_ id: String, _ action: VenueAction) async throws(ControlError) {
        guard activity.venues.contains(where: { $0.id == id }) else {
            throw .unknownVenue(id, known: activity.venues.map(\.id))
        }
        switch action {
        case .start:
            // Its passphrase may be a new one.
            if intents.withLock({ $0.isStopped(id) }) { digests[WorkerID.link(id)] = nil }
            try change { $0.setStopped(id, false) }
            await apply()
        case .stop:
            try change { $0.setStopped(id, true) }
            await apply()
        case .restart:
            if intents.withLock({ $0.isStopped(id) }) { throw .venueIsStopped(id) }
            do {
                try await reconciler.restart(WorkerID.link(id))
            } catch {
                throw .workerDoesNotAnswer(WorkerID.link(id), error)
            }
        }
        logger.notice("operator: venue", metadata: ["venue": "\(id)", "action": "\(action.rawValue)"])
    }

    // MARK: Programme

    public func program(_ action: ProgramAction) async throws(ControlError) {
        let body: WorkerRequest.Body
        var wanted = intents.withLock { $0 }
        switch action {
        case .take(let source, let force):
            guard source == "auto" || activity.sources.contains(source) else {
                throw .unknownSource(source, known: activity.sources)
            }
            wanted.take = source == "auto" ? nil : Intents.Take(source: source, force: force)
            body = .take(source: source, force: force)
        case .mute(let isMuted):
            wanted.isMuted = isMuted
            body = .mute(isMuted)
        }
        // Written before the worker is asked: one that starts anew in between is told the same.
        let before = intents.withLock { $0 }
        try change { $0 = wanted }
        do throws(ControlError) {
            try await command(body)
        } catch {
            // Unless somebody has asked for something else meanwhile.
            if intents.withLock({ $0 == wanted }) { try? change { $0 = before } }
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

    private func change(_ edit: (inout Intents) -> Void) throws(ControlError) {
        var new = intents.withLock { $0 }
        edit(&new)
        do {
            try state.save(new)
        } catch {
            throw .stateNotWritten(error)
        }
        intents.withLock { $0 = new }
    }

    /// Has the reconciler make it so.
    private func apply() async {
        let intents = intents.withLock { $0 }
        await reconciler.setDesired(plan(configuration, intents, paths).map(desired))
    }

    private func desired(_ specification: WorkerSpecification) -> DesiredWorker {
        let digest = digests[specification.id] ?? digest?.of(specification) ?? ""
        digests[specification.id] = digest
        return DesiredWorker(specification: specification, digest: digest)
    }

    // MARK: A programme worker comes

    private func handle(_ event: WorkerEvent) {
        guard case .ready(WorkerID.program, _, let isTakenBack) = event else { return }
        reassertion?.cancel()
        if isTakenBack {
            adoptOverride()
        } else {
            reassertion = Task { await self.reassert() }
        }
    }

    /// The worker that went on without us knows best what holds.
    private func adoptOverride() {
        guard case .program(let report) = reconciler.snapshot(WorkerID.program)?.report?.detail else { return }
        var held = intents.withLock { $0 }
        if held.take?.source != report.taken { held.take = report.taken.map { Intents.Take(source: $0, force: false) } }
        held.isMuted = report.sound.muted
        if held == intents.withLock({ $0 }) { return }
        logger.notice("the programme worker holds another override than was written down; that one counts")
        do throws(ControlError) {
            try change { $0 = held }
        } catch {
            logger.error("cannot write down the programme's override", metadata: ["error": "\(error)"])
        }
    }

    /// A new one begins with `auto` and sound: it is told again what operators want. An input that was taken and is not
    /// there yet is tried until it is, as long as it is wanted.
    private func reassert() async {
        if intents.withLock({ $0.isMuted }) {
            do throws(ControlError) {
                try await command(.mute(true))
            } catch {
                logger.error("cannot mute the new programme worker", metadata: ["error": "\(error)"])
            }
        }
        while !Task.isCancelled, let take = intents.withLock({ $0.take }) {
            guard activity.sources.contains(take.source) else {
                logger.warning(
                    "what was taken is not in the configuration any more; automatic from now on",
                    metadata: ["source": "\(take.source)"])
                try? change { $0.take = nil }
                return
            }
            do throws(ControlError) {
                try await command(.take(source: take.source, force: take.force))
                return
            } catch  where error.code == "dead-input" {
                try? await Task.sleep(for: .milliseconds(500))
            } catch {
                logger.error("cannot take again", metadata: ["source": "\(take.source)", "error": "\(error)"])
                return
            }
        }
    }
}
