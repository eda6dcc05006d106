import Foundation
import LinuxSystem
import WorkerProtocol

/// How a process begins and ends.
extension WorkerSupervisor {
    /// Writes down who it will be, then starts it: a daemon that dies in between leaves an identity without a process, and
    /// never a process nobody knows of.
    func spawn(_ desired: DesiredWorker) throws -> RunningWorker {
        let identity = WorkerIdentity(
            id: id, instance: UUID().uuidString.lowercased(), digest: desired.digest, contents: desired.contents,
            build: desired.build, specification: desired.specification)
        try Files.remove(context.paths.lastWords(id))
        let process: ProcessHandle
        do {
            try write(identity)
            process = try ProcessHandle.spawn(
                SpawnRequest(
                    executable: context.workerExecutable, arguments: [context.paths.identity(id)],
                    environment: context.environment))
        } catch {
            // The next daemon would take it for a worker that died, and count a restart.
            try? Files.remove(context.paths.identity(id))
            throw error
        }
        logger.info("started a worker", metadata: ["pid": "\(process.pid)", "instance": "\(identity.instance)"])
        return RunningWorker(
            process: process, identity: identity, digest: desired.digest, timing: context.timing)
    }

    private func write(_ identity: WorkerIdentity) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try Files.writeAtomically(context.paths.identity(id), Array(encoder.encode(identity)), mode: 0o600)
    }

    /// From here on the process is looked after.
    func watch(_ worker: RunningWorker, startedAt: Double?) {
        running = worker
        snapshot.pid = worker.process.pid
        snapshot.startedAt = startedAt
        snapshot.isOutdated = worker.isOutdated(by: wanted)
        let bell = bell
        worker.process.onExit { _ in Task { await bell.ring() } }
        worker.poller = Task { await self.poll(worker) }
    }

    /// What became of a process that was to end.
    enum End {
        case ended
        case abandoned
        /// We were told to let go of it meanwhile: the next daemon finds it.
        case left
    }

    /// Climbs the ladder until the process has ended. Afterwards there is no running worker, unless it was left.
    func end(_ worker: RunningWorker, _ ladder: StopLadder, because cause: String) async -> End {
        worker.isEnding = true
        worker.poller?.cancel()
        snapshot.phase = .stopping
        let pid = worker.process.pid
        var ladder = ladder
        while let rung = ladder.next() {
            switch rung.action {
            case .ask:
                guard let channel = worker.channel else { continue }
                channel.tell(.stop)
            case .terminate:
                worker.process.signal(SIGTERM)
            case .kill:
                worker.process.signal(SIGKILL)
            }
            if let status = await wait(for: worker, rung) {
                logger.info("a worker has ended", metadata: ["pid": "\(pid)", "status": "\(status)"])
                forget(worker)
                return .ended
            }
            if isDetached { return .left }
            logger.warning(
                "a worker does not end", metadata: ["pid": "\(pid)", "tried": "\(rung.action)", "cause": "\(cause)"])
        }
        forget(worker)
        abandon(worker.process)
        return .abandoned
    }

    /// - Returns: nil when the rung's patience is over, or when we are to let go.
    private func wait(for worker: RunningWorker, _ rung: StopLadder.Rung) async -> ExitStatus? {
        let end = MonotonicInstant.now.advanced(by: rung.patience)
        let isPeaceful = rung.action == .ask && worker.finishesInPeace
        let peace = isPeaceful ? end.advanced(by: context.timing.finishing) : end
        // In short waits: what ends the waiting may change in each.
        while !isDetached, .now < end || (wanted == nil && !isHurried && .now < peace) {
            if let status = await worker.process.waitForExit(timeout: .milliseconds(100)) { return status }
        }
        return worker.process.exitStatus
    }

    func forget(_ worker: RunningWorker) {
        worker.isEnding = true
        worker.poller?.cancel()
        worker.channel?.close()
        running = nil
        snapshot.pid = nil
        snapshot.startedAt = nil
        snapshot.isOutdated = false
        snapshot.cpuPercent = nil
        snapshot.memoryBytes = nil
        snapshot.report = nil
        // Only a process that runs needs one; without it a later daemon has nothing to look for.
        try? Files.remove(context.paths.identity(id))
    }

    /// Changes on air what can be; what then runs is what is wanted, and is written down as that.
    /// - Returns: false when it did not take it.
    func adjust(_ worker: RunningWorker, _ adjustment: WorkerAdjustment, _ wanted: DesiredWorker) async -> Bool {
        let answer = try? await worker.channel?.ask(
            adjustment.request(digest: wanted.digest), timeout: context.timing.answer)
        guard answer == .done, !worker.isEnding, var identity = worker.identity else { return false }
        worker.digest = wanted.digest
        (identity.specification, identity.digest) = (wanted.specification, wanted.digest)
        worker.identity = identity
        do {
            // Afterwards: a daemon that dies in between finds a worker whose own digest says what it runs.
            try write(identity)
        } catch {
            logger.error("an adjusted worker's identity cannot be written", metadata: ["error": "\(error)"])
        }
        logger.info("adjusted a worker on air")
        await look(worker)
        return true
    }

    /// How its process ended: what the system says, its own last words, what it had last complained of.
    func ending(_ cause: String, _ worker: RunningWorker) -> WorkerEnding {
        WorkerEnding(
            at: wallClockSeconds(), cause: cause, lastWords: lastWords(),
            lastErrors: worker.lastReport?.lastErrors ?? [])
    }

    func lastWords() -> String? {
        let bytes = try? Files.read(context.paths.lastWords(id), limit: 4096)
        let words = bytes.map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
        return words.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A process of this worker that nobody looks after.
    func killStray(_ pid: pid_t) async {
        guard let process = WorkerCensus.open(pid, of: id, context.paths) else { return }
        process.signal(SIGKILL)
        if await process.waitForExit(timeout: .seconds(2)) == nil { abandon(process) }
    }

    /// Somebody else holds this worker's lock.
    func killStrays() async {
        for pid in WorkerCensus(context.paths).of(id) where pid != running?.process.pid && !isDetached {
            await killStray(pid)
        }
    }
}
