import Glibc
import LinuxSystem
import WorkerProtocol

/// Takes hold of the process that an earlier daemon started.
extension WorkerSupervisor {
    /// Where one lives, it is the running worker from now on; whether it stays is decided by the first `want`. Where
    /// none does, its files are cleared away and its end is put on record.
    func takeBack(_ leftover: Leftover) async {
        let worker = await find(leftover)
        for pid in leftover.pids where pid != worker?.process.pid {
            logger.warning("a second process of this worker is killed", metadata: ["pid": "\(pid)"])
            await killStray(pid)
        }
        if let worker {
            snapshot.phase = .starting
            logger.notice(
                "found a worker of an earlier daemon",
                metadata: ["pid": "\(worker.process.pid)", "answers": "\(worker.channel != nil)"])
            watch(worker, startedAt: ProcessFacts.age(worker.process.pid).map { wallClockSeconds() - $0 })
            return
        }
        if leftover.identity != nil { noteDeathBefore() }
        try? Files.remove(context.paths.identity(id))
        try? Files.remove(context.paths.socket(id))
        // It is listed when it is wanted.
        leaveTheBoard()
    }

    private func find(_ leftover: Leftover) async -> RunningWorker? {
        if let channel = try? WorkerChannel.connect(path: context.paths.socket(id)) {
            let pid = channel.peer.pid
            if leftover.pids.contains(pid), let process = WorkerCensus.open(pid, of: id, context.paths) {
                return await meet(process, channel, leftover.identity)
            }
            // Nobody of ours: it is left alone, and our worker's socket takes its place.
            logger.error(
                "another program listens on the socket of a worker; the worker's own will replace it",
                metadata: ["pid": "\(pid)", "path": "\(context.paths.socket(id))"])
            channel.close()
        }
        return findSilent(leftover)
    }

    /// An answer that comes after the process was taken hold of proves that it is the one that speaks.
    private func meet(_ process: ProcessHandle, _ channel: WorkerChannel, _ identity: WorkerIdentity?) async
        -> RunningWorker?
    {
        do throws(WorkerError) {
            let answer = try await channel.ask(
                .hello(protocolVersion: WorkerHello.protocolVersion), timeout: context.timing.silence)
            guard case .hello(let hello) = answer, hello.id == id else { return ill(process, identity) }
            // One that speaks another version is replaced: nothing it runs is the same.
            let isSpoken = WorkerHello.spokenVersions.contains(hello.protocolVersion)
            let isDescribed = isSpoken && identity?.instance == hello.instance && identity?.digest == hello.digest
            let worker = RunningWorker(
                process: process, identity: isDescribed ? identity : nil, instance: hello.instance,
                digest: isSpoken ? hello.digest : "", isTakenBack: true, channel: channel, timing: context.timing)
            worker.answeredAt = .now
            return worker
        } catch .connectionLost {
            // It ended before it could answer.
            return process.exitStatus == nil ? ill(process, identity) : nil
        } catch {
            return ill(process, identity)
        }
    }

    /// One without a socket: a young one has only begun, and gets the time of a start.
    private func findSilent(_ leftover: Leftover) -> RunningWorker? {
        let byAge = leftover.pids.compactMap { pid in ProcessFacts.age(pid).map { (pid: pid, age: $0) } }
        guard let youngest = byAge.min(by: { $0.age < $1.age }),
            let process = WorkerCensus.open(youngest.pid, of: id, context.paths)
        else { return nil }
        guard let identity = leftover.identity, youngest.age < context.timing.start.inSeconds else {
            return ill(process, leftover.identity)
        }
        return RunningWorker(
            process: process, identity: identity, digest: identity.digest, isTakenBack: true, timing: context.timing)
    }

    private func ill(_ process: ProcessHandle, _ identity: WorkerIdentity?) -> RunningWorker {
        let worker = RunningWorker(
            process: process, identity: identity, digest: identity?.digest ?? "", isTakenBack: true,
            timing: context.timing)
        worker.illness = "was left by an earlier daemon and does not answer"
        return worker
    }
}
