import Foundation
import LinuxSystem
import WorkerProtocol

/// How a process begins and ends.
extension WorkerSupervisor {
    /// Writes down who it will be, then starts it: a daemon that dies in between leaves an identity without a process, and
    /// never a process nobody knows of.
    func spawn(_ desired: DesiredWorker) throws -> RunningWorker {
        let identity = WorkerIdentity(
            id: id, instance: UUID().uuidString.lowercased(), digest: desired.digest,
            specification: desired.specification)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let path = context.paths.identity(id)
        try Files.writeAtomically(path, Array(encoder.encode(identity)), mode: 0o600)
        try Files.remove(context.paths.lastWords(id))
        let process = try ProcessHandle.spawn(
            SpawnRequest(executable: context.workerExecutable, arguments: [path], environment: context.environment))
        logger.info("started a worker", metadata: ["pid": "\(process.pid)", "instance": "\(identity.instance)"])
        return RunningWorker(
            process: process, instance: identity.instance, digest: desired.digest, timing: context.timing)
    }

    /// From here on the process is looked after.
    func watch(_ worker: RunningWorker, startedAt: Double?) {
        running = worker
        snapshot.pid = worker.process.pid
        snapshot.startedAt = startedAt
        let bell = bell
        worker.process.onExit { _ in Task { await bell.ring() } }
        worker.poller = Task { await self.poll(worker) }
    }

    /// Climbs the ladder until the process has ended. Afterwards there is no running worker, whether it ended or not.
    func end(_ worker: RunningWorker, _ ladder: StopLadder, because cause: String) async {
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
            if let status = await worker.process.waitForExit(timeout: rung.patience) {
                logger.info("a worker has ended", metadata: ["pid": "\(pid)", "status": "\(status)"])
                forget(worker)
                return
            }
            logger.warning(
                "a worker does not end", metadata: ["pid": "\(pid)", "tried": "\(rung.action)", "cause": "\(cause)"])
        }
        // It may hold the lock for ever: a successor gets a new file, and its sockets are renamed over the old ones.
        try? Files.remove(context.paths.lock(id))
        let sentence =
            "process \(pid) survived everything and was abandoned; look what it waits for with `cat /proc/\(pid)/stack`"
        logger.critical("\(sentence)")
        forget(worker)
        snapshot.phase = .abandoned
        snapshot.pid = pid
        snapshot.lastError = sentence
    }

    func forget(_ worker: RunningWorker) {
        worker.isEnding = true
        worker.poller?.cancel()
        worker.channel?.close()
        running = nil
        snapshot.pid = nil
        snapshot.startedAt = nil
        snapshot.cpuPercent = nil
        snapshot.memoryBytes = nil
        snapshot.report = nil
        // Only a process that runs needs one; without it a later daemon has nothing to look for.
        try? Files.remove(context.paths.identity(id))
    }

    /// The worker's own last words where it left some, else what the system and its last report say.
    func cause(of status: ExitStatus, _ worker: RunningWorker) -> String {
        let words = (try? Files.read(context.paths.lastWords(id), limit: 4096)).map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        if let words, !words.isEmpty { return "it \(status): \(words)" }
        if let last = worker.lastReport?.lastErrors.last { return "it \(status); before that it said: \(last)" }
        return "it \(status)"
    }
}
