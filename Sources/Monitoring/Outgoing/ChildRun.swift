import Dispatch
import Glibc
import LinuxSystem

/// Runs a program to its end, or to its deadline: then it is killed, with everything it has started.
struct ChildRun: Sendable {
    var arguments: [String]
    var environment: [String: String] = [:]
    var output: SpawnRequest.Output = .inherited
    var deadline: Duration

    /// What a program needs of ours, and nothing else.
    private static let inherited = ["PATH", "LANG", "LC_ALL", "TZ", "HOME"]

    /// - Returns: nil when it ended with 0, else a predicate: `exited with code 1`.
    func run() async -> String? {
        var environment = currentEnvironment().filter { Self.inherited.contains($0.key) }
        environment.merge(self.environment) { $1 }
        let request = SpawnRequest(
            executable: arguments[0], arguments: Array(arguments.dropFirst()), environment: environment, output: output)
        let process: ProcessHandle
        switch await offPool({ Result { try ProcessHandle.spawn(request) } }) {
        case .success(let started): process = started
        case .failure(let error): return "\(error)"
        }
        guard let status = await process.waitForExit(timeout: deadline) else {
            // Its session is its own: what it has started goes as well.
            kill(-process.pid, SIGKILL)
            process.signal(SIGKILL)
            _ = await process.waitForExit(timeout: .seconds(1))
            return "did not end within \(Int(deadline.inSeconds)) s and was killed"
        }
        return status == .exited(code: 0) ? nil : "\(status)"
    }
}

/// Carries out what may wait for a disk, on a queue and not on the cooperative pool.
func offPool<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await DispatchQueue(label: "venuecast.outgoing").perform(work)
}
