import Dispatch
import Glibc

/// Runs a program to its end, or to its deadline: then it is killed, with everything it has started.
public struct ChildRun: Sendable {
    public enum Outcome: Sendable {
        case ended(ExitStatus)
        /// It was killed at the deadline.
        case overdue
        case notStarted(any Error)
    }

    public var request: SpawnRequest
    public var deadline: Duration

    public init(_ request: SpawnRequest, deadline: Duration) {
        self.request = request
        self.deadline = deadline
    }

    public func run() async -> Outcome {
        let process: ProcessHandle
        do {
            // A program may lie on a disk that hangs.
            process = try await DispatchQueue(label: "venuecast.child").perform { [request] in
                try ProcessHandle.spawn(request)
            }
        } catch {
            return .notStarted(error)
        }
        if let status = await process.waitForExit(timeout: deadline) { return .ended(status) }
        // Its session is its own: what it has started goes as well.
        kill(-process.pid, SIGKILL)
        process.signal(SIGKILL)
        _ = await process.waitForExit(timeout: .seconds(1))
        return .overdue
    }
}
