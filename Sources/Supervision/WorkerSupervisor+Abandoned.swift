import Glibc
import LinuxSystem

/// What not even SIGKILL ends: a process with a thread in uninterruptible sleep. It is told of until it is gone.
extension WorkerSupervisor {
    func abandon(_ process: ProcessHandle) {
        // It may hold the lock for ever: a successor gets a new file, and its sockets are renamed over the old ones.
        try? Files.remove(context.paths.lock(id))
        logger.critical("\(sentence(on: process))")
        abandoned.append(process)
        snapshot.abandoned = abandoned.map(\.pid)
        let pid = process.pid
        process.onExit { [weak self] _ in Task { await self?.noteEnd(ofAbandoned: pid) } }
    }

    /// Nobody wants this worker and nobody looks after a process of it: it is listed only while one cannot be ended.
    func leaveTheBoard() {
        guard let last = abandoned.last else {
            context.board[id] = nil
            return
        }
        snapshot.phase = .abandoned
        snapshot.pid = last.pid
        snapshot.lastError = sentence(on: last)
        context.board[id] = snapshot
    }

    private func noteEnd(ofAbandoned pid: pid_t) {
        abandoned.removeAll { $0.pid == pid }
        snapshot.abandoned = abandoned.map(\.pid)
        logger.notice("an abandoned process has ended after all", metadata: ["pid": "\(pid)"])
        if isAtRest { leaveTheBoard() }
    }

    private func sentence(on process: ProcessHandle) -> String {
        "process \(process.pid) survived SIGKILL and is abandoned; look what it waits for with "
            + "`cat /proc/\(process.pid)/stack`"
    }
}
