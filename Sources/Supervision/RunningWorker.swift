import LinuxSystem
import WorkerProtocol

/// A process and what is known of it; belongs to one supervisor alone.
final class RunningWorker {
    let process: ProcessHandle
    let instance: String
    let digest: String
    /// An earlier daemon started it.
    let isTakenBack: Bool
    let since: MonotonicInstant
    var channel: WorkerChannel?
    /// Nil before the first answer.
    var answeredAt: MonotonicInstant?
    var readyAt: MonotonicInstant?
    var watch: ProgressWatch
    /// A sentence's predicate, once it is to be killed for it.
    var illness: String?
    /// It is being stopped: nothing it says counts any more.
    var isEnding = false
    var lastReport: WorkerReport?
    var poller: Task<Void, Never>?
    var cpuSample: (ticks: UInt64, at: MonotonicInstant)?
    var memorySampledAt: MonotonicInstant?

    init(
        process: ProcessHandle, instance: String, digest: String, isTakenBack: Bool = false,
        channel: WorkerChannel? = nil, timing: SupervisionTiming
    ) {
        self.process = process
        self.instance = instance
        self.digest = digest
        self.isTakenBack = isTakenBack
        self.channel = channel
        since = .now
        watch = ProgressWatch(patience: timing.stuck, hunger: timing.hunger)
    }

    /// How long it has been ready; nil when it never was.
    var readyFor: Duration? { readyAt.map { $0.duration(to: .now) } }
}
