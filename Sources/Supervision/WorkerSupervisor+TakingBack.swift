import Glibc
import LinuxSystem
import WorkerProtocol

/// Looks for the process that an earlier daemon started.
extension WorkerSupervisor {
    /// Where there is one, it is the running worker from now on; whether it stays is decided by the first `want`. Where
    /// there is none, its files are cleared away.
    func takeBack(_ identity: WorkerIdentity) async {
        if let worker = await find(identity) {
            snapshot.phase = .starting
            logger.notice(
                "found a worker of an earlier daemon",
                metadata: ["pid": "\(worker.process.pid)", "answers": "\(worker.channel != nil)"])
            watch(worker, startedAt: startTime(of: worker.process.pid))
        } else {
            try? Files.remove(context.paths.identity(id))
            try? Files.remove(context.paths.socket(id))
        }
    }

    private func find(_ identity: WorkerIdentity) async -> RunningWorker? {
        guard let channel = try? WorkerChannel.connect(path: context.paths.socket(id)),
            let process = try? ProcessHandle.open(pid: channel.peer.pid)
        else { return findSilent(identity) }
        do throws(WorkerError) {
            // An answer that comes after the process was taken hold of proves that it is the one that speaks.
            let answer = try await channel.ask(
                .hello(protocolVersion: WorkerHello.protocolVersion), timeout: context.timing.answer)
            guard case .hello(let hello) = answer, hello.id == id else { return ill(process, identity) }
            // Of another version: no digest is the same, so that it is replaced.
            let isOurs = hello.protocolVersion == WorkerHello.protocolVersion
            let worker = RunningWorker(
                process: process, instance: hello.instance, digest: isOurs ? hello.digest : "", isTakenBack: true,
                channel: channel, timing: context.timing)
            worker.answeredAt = .now
            return worker
        } catch .noAnswer {
            return ill(process, identity)
        } catch {
            // It ended before it could answer.
            return nil
        }
    }

    /// One without a socket still holds its lock.
    private func findSilent(_ identity: WorkerIdentity) -> RunningWorker? {
        let lock = context.paths.lock(id)
        guard Files.exists(lock) else { return nil }
        do {
            _ = try LockFile.acquire(lock)
            return nil
        } catch {
            guard (error as? SystemError)?.code == EAGAIN,
                let text = try? Files.read(lock, limit: 32),
                let pid = pid_t(String(decoding: text, as: UTF8.self)),
                let process = try? ProcessHandle.open(pid: pid)
            else { return nil }
            return ill(process, identity)
        }
    }

    private func ill(_ process: ProcessHandle, _ identity: WorkerIdentity) -> RunningWorker {
        let worker = RunningWorker(
            process: process, instance: identity.instance, digest: identity.digest, isTakenBack: true,
            timing: context.timing)
        worker.illness = "was left by an earlier daemon and does not answer"
        return worker
    }

    /// Seconds since 1970.
    private func startTime(of pid: pid_t) -> Double? {
        guard let ticks = ProcessFacts.startTicks(pid) else { return nil }
        var uptime = timespec()
        clock_gettime(CLOCK_BOOTTIME, &uptime)
        let age = Double(uptime.tv_sec) - Double(ticks) / ProcessFacts.ticksPerSecond
        return wallClockSeconds() - age
    }
}
