import Glibc
import LinuxSystem
import WorkerProtocol

/// Which processes of this machine are workers of a run directory: those whose last argument is an identity file in
/// it. What a process was started with cannot be lost, unlike files, sockets and locks, and no other process that got
/// an old number has it.
struct WorkerCensus: Sendable {
    /// By worker id.
    private(set) var processes: [String: [pid_t]] = [:]

    /// Reads all of /proc, some milliseconds.
    init(_ paths: RunPaths) {
        let us = getuid()
        for name in (try? Files.list("/proc")) ?? [] {
            guard let pid = pid_t(name), pid != getpid(), ProcessFacts.owner(pid) == us,
                let path = ProcessFacts.arguments(pid)?.last, path.hasPrefix("\(paths.workers)/"),
                let id = RunPaths.id(ofFile: String(path.dropFirst(paths.workers.count + 1)), suffix: ".json"),
                ProcessFacts.isAlive(pid)
            else { continue }
            processes[id, default: []].append(pid)
        }
    }

    func of(_ id: String) -> [pid_t] { processes[id] ?? [] }
}
