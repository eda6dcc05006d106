import Foundation
import Glibc
import LinuxSystem
import Logging
import WorkerProtocol

/// Makes the running workers equal to the desired ones. First start, a changed configuration, recovery from a fault and
/// taking workers back after a restart of the daemon are all that one act.
///
/// Levels: info for what was asked for, notice for what is worth knowing, warning for an unasked end, error for an ill
/// worker, critical for one that cannot be ended.
public actor Reconciler {
    /// What happened to workers; to be iterated over once. Old events are dropped when nobody does.
    public nonisolated let events: AsyncStream<WorkerEvent>

    private let context: SupervisionContext
    private var supervisors: [String: WorkerSupervisor] = [:]
    private var revision = 0
    /// Everything was stopped or let go of: an order that comes late starts nothing any more.
    private var isClosed = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { context.executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - workerExecutable: absolute path; gets the path of an identity file as its only argument.
    ///   - environment: all of it; nothing is inherited.
    public init(
        paths: RunPaths, workerExecutable: String, environment: [String: String],
        timing: SupervisionTiming = SupervisionTiming(), logger: Logger
    ) {
        let (events, continuation) = AsyncStream<WorkerEvent>.makeStream(bufferingPolicy: .bufferingNewest(256))
        self.events = events
        context = SupervisionContext(
            paths: paths, workerExecutable: workerExecutable, environment: environment, timing: timing,
            executor: QueueExecutor(label: "venuecast.supervision"), board: SnapshotBoard(), logger: logger,
            events: continuation)
    }

    /// Whether workers that an earlier daemon left are running. Reads all of /proc, some milliseconds.
    public static func findsWorkers(of paths: RunPaths) -> Bool { !WorkerCensus(paths).processes.isEmpty }

    /// Makes the directories and looks for workers that an earlier daemon left running. To be called once, before the first
    /// `setDesired`, which decides what becomes of them.
    public func start() async throws {
        try Files.ensureDirectory(context.paths.workers, mode: 0o700)
        try Files.ensureDirectory(context.paths.feeds, mode: 0o700)
        try Files.ensureDirectory(context.paths.thumbnails, mode: 0o700)
        let found = try Leftover.find(context.paths, context.logger).map { ($0, supervisor($0.id)) }
        await withTaskGroup(of: Void.self) { group in
            for (leftover, supervisor) in found {
                group.addTask { await supervisor.takeBack(leftover) }
            }
        }
    }

    /// Starts, stops and replaces what differs. Returns when it is under way, not when it is done.
    /// When called again meanwhile, the later call counts.
    public func setDesired(_ desired: [DesiredWorker]) async {
        if isClosed { return }
        revision += 1
        let mine = revision
        let wanted = Dictionary(desired.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for (id, supervisor) in supervisors where wanted[id] == nil {
            await supervisor.want(nil)
            if revision != mine { return }
        }
        // In the plan's order: the programme before those that live on it.
        for worker in desired {
            await supervisor(worker.id).want(worker)
            if revision != mine { return }
        }
    }

    /// Ends the worker's process and starts a new one at once, whatever its back-off.
    /// - Throws: `.unknown`; `.abandoned` where it cannot be ended and nobody wants a new one.
    public func restart(_ id: String) async throws(WorkerError) {
        guard let supervisor = supervisors[id], context.board[id] != nil else { throw .unknown(id: id) }
        try await supervisor.restart()
    }

    /// All workers that run or ought to, sorted by id. Waits for nobody.
    public nonisolated func snapshot() -> [WorkerSnapshot] {
        context.board.all
    }

    public nonisolated func snapshot(_ id: String) -> WorkerSnapshot? {
        context.board[id]
    }

    /// Asks a worker for something; it has two seconds to answer.
    public func request(_ id: String, _ body: WorkerRequest.Body) async throws(WorkerError) -> WorkerResponse.Body {
        guard let supervisor = supervisors[id] else { throw .unknown(id: id) }
        return try await supervisor.perform(body)
    }

    /// Returns when this and all supervisors have got round to it: none of them hangs.
    public func answer() {}

    /// Stops all workers, side by side. Returns after one stop ladder (6 s) at the latest; where a change on air is just
    /// being made, after that one's answer (7 s) and the ladder. The end of this reconciler.
    public func stopAll() async {
        await forAll { await $0.stop() }
        Leftover.removeDeadSockets(of: context.paths)
    }

    /// Lets go of all workers and leaves them running, for another daemon to take back; those that are being ended as
    /// well. Returns at once, or when a change that is just being made on air has had its answer (7 s at the latest). The
    /// end of this reconciler.
    public func detachAll() async {
        await forAll { await $0.detach() }
    }

    private func forAll(_ act: @escaping @Sendable (WorkerSupervisor) async -> Void) async {
        isClosed = true
        revision += 1
        await withTaskGroup(of: Void.self) { group in
            for supervisor in supervisors.values {
                group.addTask { await act(supervisor) }
            }
        }
    }

    private func supervisor(_ id: String) -> WorkerSupervisor {
        if let known = supervisors[id] { return known }
        let new = WorkerSupervisor(id: id, context: context)
        supervisors[id] = new
        return new
    }
}
