import LinuxSystem
import Logging
import WorkerProtocol

/// What all supervisors of a daemon share.
struct SupervisionContext: Sendable {
    var paths: RunPaths
    var workerExecutable: String
    var environment: [String: String]
    var timing: SupervisionTiming
    var executor: QueueExecutor
    var board: SnapshotBoard
    var logger: Logger
    var events: AsyncStream<WorkerEvent>.Continuation
}

/// The life of one worker: starts its process, watches it, ends it, starts the next one. One loop does all of it, one
/// thing after the other, and looks at everything again whenever the bell rings.
actor WorkerSupervisor {
    let id: String
    let context: SupervisionContext
    let logger: Logger
    let bell: Bell
    var running: RunningWorker?
    var snapshot: WorkerSnapshot {
        didSet { if snapshot != oldValue { context.board[id] = snapshot } }
    }
    private(set) var wanted: DesiredWorker?
    private var life: Task<Void, Never>?
    private var backOff = BackOff()
    private var notBefore: MonotonicInstant?
    /// The process before ended unasked: the next start is a restart.
    private var hasEndedUnasked = false
    /// Those that survived SIGKILL, as long as they are there.
    var abandoned: [ProcessHandle] = []
    /// Until the next start, whichever way it comes about.
    private var restartIsAsked = false
    private(set) var isDetached = false
    /// Everything ends.
    private(set) var isHurried = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { context.executor.asUnownedSerialExecutor() }

    init(id: String, context: SupervisionContext) {
        self.id = id
        self.context = context
        var logger = context.logger
        logger[metadataKey: "worker"] = "\(id)"
        self.logger = logger
        bell = Bell(executor: context.executor)
        snapshot = WorkerSnapshot(id: id, phase: .waiting)
    }

    /// Takes note of what ought to be and returns; nil is "no such worker".
    func want(_ desired: DesiredWorker?) async {
        if isDetached { return }
        if desired?.digest != wanted?.digest { forgive() }
        wanted = desired
        if let running { snapshot.isOutdated = running.isOutdated(by: desired) }
        if life == nil, desired != nil || running != nil {
            if running == nil {
                snapshot.phase = .starting
                snapshot.pid = nil
            }
            // Written even where nothing differs: from now on it is listed.
            context.board[id] = snapshot
            life = Task { await self.live() }
        }
        await bell.ring()
    }

    /// Ends the process, if there is one, and starts the next at once.
    /// - Throws: `.abandoned` where nobody wants a next one and the last cannot be ended.
    func restart() async throws(WorkerError) {
        if isAtRest, let process = abandoned.last { throw .abandoned(pid: process.pid) }
        forgive()
        restartIsAsked = true
        await bell.ring()
    }

    /// Returns when the process has ended or was abandoned.
    func stop() async {
        isHurried = true
        await want(nil)
        await life?.value
    }

    /// Lets go of the process and leaves it running; one that is being ended is not waited for, and not hurried.
    func detach() async {
        isDetached = true
        await bell.ring()
        await life?.value
    }

    private func forgive() {
        backOff = BackOff()
        notBefore = nil
    }

    // MARK: The loop

    private func live() async {
        while !isDetached {
            if let worker = running {
                await conclude(worker, await fate(of: worker))
            } else if let wanted {
                await proceed(with: wanted)
            } else {
                break
            }
        }
        // Nothing waits between the look at `wanted` and here.
        life = nil
        if isDetached {
            running?.poller?.cancel()
            running?.channel?.close()
        } else {
            leaveTheBoard()
        }
    }

    /// No process and no wish for one.
    var isAtRest: Bool { life == nil && running == nil }

    private func proceed(with desired: DesiredWorker) async {
        if let notBefore, notBefore > .now, !restartIsAsked {
            snapshot.phase = .waiting
            snapshot.nextStart = notBefore
            await bell.wait(until: notBefore)
        } else {
            start(desired)
        }
    }

    private enum Fate {
        case exited(ExitStatus)
        case ill(String)
        /// Asked for: not wanted any more, replaced, restarted.
        case end(String)
        case adjust(WorkerAdjustment, DesiredWorker)
        case detached
    }

    /// Waits until something has to be done about the process.
    private func fate(of worker: RunningWorker) async -> Fate {
        let timing = context.timing
        while true {
            if let status = worker.process.exitStatus { return .exited(status) }
            if isDetached { return .detached }
            guard let wanted else { return .end("it is not wanted any more") }
            if !worker.does(wanted) {
                let adjustment = worker.channel == nil ? nil : worker.adjustment(to: wanted)
                return adjustment.map { .adjust($0, wanted) } ?? .end("its specification has changed")
            }
            if restartIsAsked { return .end("a restart was asked for") }
            if let illness = worker.illness { return .ill(illness) }
            var deadlines: [MonotonicInstant] = []
            if let answeredAt = worker.answeredAt {
                let deadline = answeredAt.advanced(by: timing.silence)
                if deadline <= .now { return .ill("gave no answer for \(timing.silence.inSeconds) s") }
                deadlines.append(deadline)
            }
            if worker.readyAt == nil {
                let deadline = worker.since.advanced(by: timing.start)
                if deadline <= .now { return .ill("was not ready after \(timing.start.inSeconds) s") }
                deadlines.append(deadline)
            }
            let due = Standstill.nextLook(before: deadlines.min(), now: .now)
            await bell.wait(until: due)
            let now = MonotonicInstant.now
            if let lost = Standstill.lost(due: due, now: now) {
                worker.excuse(lost, at: now)
                logger.info("the daemon itself stood still", metadata: ["seconds": "\(lost.inSeconds)"])
            }
        }
    }

    private func conclude(_ worker: RunningWorker, _ fate: Fate) async {
        switch fate {
        case .detached:
            return
        case .exited(let status):
            let ending = ending("\(status)", worker)
            forget(worker)
            if status == .exited(code: exitOccupied) { await killStrays() }
            again(ending, status == .exited(code: exitUnusable) ? .unusable : .failed(readyFor: worker.readyFor))
        case .ill(let illness):
            let readyFor = worker.readyFor
            logger.error("a worker is ill and is killed", metadata: ["cause": "it \(illness)"])
            let outcome: String
            switch await end(worker, context.timing.stopLadder.killingOnly, because: "it \(illness)") {
            case .ended: outcome = "was killed"
            case .abandoned: outcome = survival(of: worker)
            case .left: return
            }
            again(ending("\(illness) and \(outcome)", worker), .failed(readyFor: readyFor))
        case .end(let cause):
            logger.info("stopping a worker", metadata: ["cause": "\(cause)"])
            await end(worker, asFor: cause)
        case .adjust(let adjustment, let wanted):
            if await adjust(worker, adjustment, wanted) || worker.process.exitStatus != nil { return }
            logger.warning("a worker did not take a change on air and is started anew")
            await end(worker, asFor: "it did not take a change on air")
        }
    }

    /// Brings to its end what is not ill; that it survives is nothing that was asked for.
    private func end(_ worker: RunningWorker, asFor cause: String) async {
        switch await end(worker, context.timing.stopLadder, because: cause) {
        case .ended: context.events.yield(.stopped(id: id, because: cause))
        case .abandoned: record(ending("was to end (\(cause)) and \(survival(of: worker))", worker))
        case .left: break
        }
    }

    private func survival(of worker: RunningWorker) -> String {
        "survived SIGKILL; process \(worker.process.pid) is abandoned"
    }

    /// Its process ended while no daemon looked after it.
    func noteDeathBefore() {
        let ending = WorkerEnding(
            at: wallClockSeconds(), cause: "ended while no daemon ran", lastWords: lastWords())
        hasEndedUnasked = true
        record(ending)
        logger.warning("a worker ended while no daemon ran", metadata: ["cause": "\(ending.sentence)"])
    }

    /// Decides when the next start may be.
    private func again(_ ending: WorkerEnding, _ kind: BackOff.Ending) {
        let delay = backOff.delay(after: kind)
        notBefore = .now.advanced(by: delay)
        hasEndedUnasked = true
        record(ending)
        logger.warning(
            "a worker ended unasked",
            metadata: ["cause": "\(ending.sentence)", "nextStartSeconds": "\(delay.inSeconds)"])
    }

    private func record(_ ending: WorkerEnding) {
        snapshot.lastError = ending.sentence
        snapshot.endings = (snapshot.endings + [ending]).suffix(WorkerEnding.kept)
        context.events.yield(.ended(id: id, cause: ending.sentence))
    }

    private func start(_ desired: DesiredWorker) {
        if hasEndedUnasked { snapshot.restarts += 1 }
        hasEndedUnasked = false
        restartIsAsked = false
        snapshot.nextStart = nil
        do {
            let worker = try spawn(desired)
            snapshot.phase = .starting
            watch(worker, startedAt: wallClockSeconds())
        } catch {
            again(WorkerEnding(at: wallClockSeconds(), cause: "cannot be started: \(error)"), .unusable)
        }
    }
}

/// `EX_DATAERR`: the worker finds its specification or its pipeline unusable.
let exitUnusable: Int32 = 65
/// `EX_TEMPFAIL`: another process holds the worker's lock.
let exitOccupied: Int32 = 75
