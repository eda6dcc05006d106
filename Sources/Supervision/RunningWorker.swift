import LinuxSystem
import WorkerProtocol

/// A process and what is known of it; belongs to one supervisor alone.
final class RunningWorker {
    let process: ProcessHandle
    /// Nil for one whose identity file is lost or is another's.
    var identity: WorkerIdentity?
    /// Which process it is by its own word: the identity's, or what it said when it was taken back without one.
    let instance: String?
    /// What it says it runs.
    var digest: String
    /// An earlier daemon started it.
    let isTakenBack: Bool
    /// When it was started or taken back, later by what we stood still ourselves.
    private(set) var since: MonotonicInstant
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
        process: ProcessHandle, identity: WorkerIdentity?, instance: String? = nil, digest: String,
        isTakenBack: Bool = false,
        channel: WorkerChannel? = nil, timing: SupervisionTiming
    ) {
        self.process = process
        self.identity = identity
        self.instance = instance ?? identity?.instance
        self.digest = digest
        self.isTakenBack = isTakenBack
        self.channel = channel
        since = .now
        watch = ProgressWatch(patience: timing.stuck, hunger: timing.hunger)
    }

    /// Time in which we stood still ourselves counts for nobody.
    func excuse(_ lost: Duration, at now: MonotonicInstant) {
        since = min(since.advanced(by: lost), now)
        answeredAt = answeredAt.map { min($0.advanced(by: lost), now) }
    }

    /// How long it has been ready; nil when it never was.
    var readyFor: Duration? { readyAt.map { $0.duration(to: .now) } }

    /// Whether it does what is wanted. The same specification may have another digest where another version of the
    /// program wrote it down.
    func does(_ wanted: DesiredWorker) -> Bool {
        if digest == wanted.digest { return true }
        guard let identity else { return false }
        return identity.specification == wanted.specification && identity.contents == wanted.contents
    }

    /// What makes it do what is wanted without a new process; nil where nothing does.
    func adjustment(to wanted: DesiredWorker) -> WorkerAdjustment? {
        guard let identity, identity.contents == wanted.contents else { return nil }
        return identity.specification.adjustment(to: wanted.specification)
    }

    /// Has something to finish that nobody has to wait for.
    var finishesInPeace: Bool {
        if case .recorder? = identity?.specification.role { true } else { false }
    }

    /// It is of another version of the program than what would be started now.
    func isOutdated(by wanted: DesiredWorker?) -> Bool {
        guard let wanted else { return false }
        return identity?.build != wanted.build
    }
}
