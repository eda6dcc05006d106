import Glibc
import LinuxSystem
import Synchronization
import WorkerProtocol

/// What is known of a worker at this moment.
public struct WorkerSnapshot: Sendable, Equatable {
    public enum Phase: String, Sendable, Equatable {
        case starting, running
        /// Ready, and nothing comes in.
        case starved
        case stopping
        /// For its next start.
        case waiting
        /// It could not be ended, and nobody wants a successor.
        case abandoned
    }

    public var id: String
    public var phase: Phase
    public var pid: pid_t?
    /// Seconds since 1970.
    public var startedAt: Double?
    /// Unasked ends followed by a new start.
    public var restarts = 0
    /// Of one core, over the last few seconds.
    public var cpuPercent: Double?
    /// Proportional (PSS).
    public var memoryBytes: UInt64?
    /// The latest one of the process that runs now; nil when none runs or it has not answered yet.
    public var report: WorkerReport?
    /// What its last process died of, or why it cannot be started: a sentence.
    public var lastError: String?
    /// While `waiting`.
    public var nextStart: MonotonicInstant?
    /// Runs another version of the program than would be started now.
    public var isOutdated = false
    /// Its processes that survived SIGKILL and are still there; a successor may run beside them.
    public var abandoned: [pid_t] = []
    /// Its latest unasked ends, newest last, at most `WorkerEnding.kept`.
    public var endings: [WorkerEnding] = []

    public init(id: String, phase: Phase) {
        self.id = id
        self.phase = phase
    }
}

/// What happened to a worker, for those who must act on it.
public enum WorkerEvent: Sendable, Equatable {
    /// A process has said that it is ready. `isTakenBack`: an earlier daemon started it.
    case ready(id: String, isTakenBack: Bool)
    /// Unasked.
    case ended(id: String, cause: String)
    /// Asked for: not wanted any more, replaced, restarted.
    case stopped(id: String, because: String)
}

/// Where supervisors write down what they know and anybody reads it without waiting for them.
final class SnapshotBoard: Sendable {
    private let snapshots = Mutex<[String: WorkerSnapshot]>([:])

    subscript(id: String) -> WorkerSnapshot? {
        get { snapshots.withLock { $0[id] } }
        set { snapshots.withLock { $0[id] = newValue } }
    }

    var all: [WorkerSnapshot] {
        snapshots.withLock { $0.values.sorted { $0.id < $1.id } }
    }
}
