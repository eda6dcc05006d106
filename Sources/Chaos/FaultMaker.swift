import Glibc
import LinuxSystem
import Rig

/// Carries faults out. Whatever it stops it sets going again.
struct FaultMaker {
    let rig: Rig
    let disk: StateDisk?

    /// - Returns: whom it has killed, of the workers.
    func make(_ fault: Fault) async throws -> [pid_t] {
        switch fault {
        case .killWorker(let id):
            return pids(id).filter { ProcessFacts.isAlive($0) && kill($0, SIGKILL) == 0 }
        case .stopWorker(let id, let milliseconds):
            try await stop(pids(id), milliseconds)
        case .starveWorkerOfMemory(let id, let milliseconds):
            let starved = pids(id)
            for pid in starved { try await limitMemory(pid, to: "1048576") }
            try await Task.sleep(for: .milliseconds(milliseconds))
            for pid in starved { try await limitMemory(pid, to: "unlimited") }
        case .flapInput(let id):
            for _ in 0..<4 { try await stop(pids(id), 700) }
        case .stopReceiver(let index, let milliseconds):
            rig.receivers[index].signal(SIGSTOP)
            try await Task.sleep(for: .milliseconds(milliseconds))
            rig.receivers[index].signal(SIGCONT)
        case .dropReceiver(let index):
            rig.receivers[index].drop()
        case .killDaemon:
            try await startAgain(after: SIGKILL)
        case .detachDaemon:
            try await startAgain(after: SIGUSR2)
        case .reload(let index):
            try reload(index)
        case .reloadNonsense:
            try await reloadNonsense()
        case .fillDisk:
            try await disk?.fill()
            try await Task.sleep(for: .seconds(2))
            try await disk?.makeRoom()
        case .freezeDisk(let milliseconds):
            try await disk?.freeze()
            try await Task.sleep(for: .milliseconds(milliseconds))
            try await disk?.thaw()
        }
        return []
    }

    /// A SIGHUP that came before it handles signals would end it, as it would any program.
    private func startAgain(after signal: Int32) async throws {
        try await rig.endDaemonAlone(signal)
        try rig.startDaemon()
        try await rig.status("the daemon answers again", within: .seconds(30)) { _ in true }
    }

    private func pids(_ id: String) -> [pid_t] {
        let name = "/" + id.replacing("/", with: ".") + ".json"
        return rig.workerPids().filter { ProcessFacts.arguments($0)?.last?.hasSuffix(name) ?? false }
    }

    private func stop(_ pids: [pid_t], _ milliseconds: Int) async throws {
        for pid in pids { kill(pid, SIGSTOP) }
        try await Task.sleep(for: .milliseconds(milliseconds))
        for pid in pids { kill(pid, SIGCONT) }
        try await Task.sleep(for: .milliseconds(300))
    }

    /// The soft limit alone: root may not be allowed to raise the other again.
    private func limitMemory(_ pid: pid_t, to bytes: String) async throws {
        let tool = try rig.workspace.spawn("prlimit", ["--pid", "\(pid)", "--as=\(bytes):"], log: "prlimit.log")
        // A worker that is just ending is not there any more: no fault, then.
        _ = await tool.waitForExit(timeout: .seconds(5))
    }

    /// Toggles between two latencies, so that every reload changes something.
    private func reload(_ index: Int) throws {
        let place = "127.0.0.1:\(rig.venues[index].port.number)?mode=listener\"\nlatencyMs = "
        try rig.editConfiguration { text in
            text.contains(place + "200")
                ? text.replacing(place + "200", with: place + "250")
                : text.replacing(place + "250", with: place + "200")
        }
        if let daemon = rig.daemonPid { kill(daemon, SIGHUP) }
    }

    private func reloadNonsense() async throws {
        var before = ""
        try rig.editConfiguration { text in
            before = text
            return text + "\nnonsense = \n"
        }
        if let daemon = rig.daemonPid { kill(daemon, SIGHUP) }
        try await Task.sleep(for: .seconds(1))
        let kept = before
        try rig.editConfiguration { _ in kept }
    }
}
