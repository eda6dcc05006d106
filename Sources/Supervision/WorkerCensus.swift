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
        for name in (try? Files.list("/proc")) ?? [] {
            guard let pid = pid_t(name), let id = Self.worker(pid, paths) else { continue }
            processes[id, default: []].append(pid)
        }
    }

    func of(_ id: String) -> [pid_t] { processes[id] ?? [] }

    /// Takes hold of a process that was counted some time ago; nil where it is gone, though its number may be another's.
    static func open(_ pid: pid_t, of id: String, _ paths: RunPaths) -> ProcessHandle? {
        // In this order: from here on the handle stands for one process, and it is that one which is looked at.
        guard let process = try? ProcessHandle.open(pid: pid), worker(pid, paths) == id else { return nil }
        return process
    }

    /// Which worker it is; nil where it is none of ours.
    private static func worker(_ pid: pid_t, _ paths: RunPaths) -> String? {
        guard pid != getpid(), ProcessFacts.owner(pid) == getuid(),
            let path = ProcessFacts.arguments(pid)?.last, path.hasPrefix("\(paths.workers)/"),
            let id = RunPaths.id(ofFile: String(path.dropFirst(paths.workers.count + 1)), suffix: ".json"),
            ProcessFacts.isAlive(pid)
        else { return nil }
        return id
    }
}
