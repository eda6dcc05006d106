import Dispatch
import LinuxSystem

extension ChildRun {
    /// What a program needs of ours, and nothing else.
    private static let inherited = ["PATH", "LANG", "LC_ALL", "TZ", "HOME"]

    init(
        arguments: [String], environment: [String: String] = [:], output: SpawnRequest.Output = .inherited,
        deadline: Duration
    ) {
        let own = currentEnvironment().filter { Self.inherited.contains($0.key) }
        self.init(
            SpawnRequest(
                executable: arguments[0], arguments: Array(arguments.dropFirst()),
                environment: own.merging(environment) { $1 }, output: output),
            deadline: deadline)
    }

    /// Runs it.
    /// - Returns: nil when it ended with 0, else a predicate: `exited with code 1`.
    func failure() async -> String? {
        switch await run() {
        case .ended(.exited(code: 0)): nil
        case .ended(let status): "\(status)"
        case .overdue: "did not end within \(Int(deadline.inSeconds)) s and was killed"
        case .notStarted(let error): "\(error)"
        }
    }
}

/// Carries out what may wait for a disk, on a queue and not on the cooperative pool.
func offPool<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await DispatchQueue(label: "venuecast.outgoing").perform(work)
}
