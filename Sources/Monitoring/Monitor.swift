import EventLog
import LinuxSystem
import Logging
import VenuecastModel

/// Looks at everything twice a second and puts on record what has happened. It reads snapshots alone: nothing waits
/// for it.
public actor Monitor: MonitorService {
    static let interval = Duration.milliseconds(500)

    private let events: EventLog
    private let status: @Sendable () async -> ActivityStatus
    private let workers: @Sendable () async -> [WorkerStatus]
    private let logger: Logger
    private var happenings = Happenings()
    private var counters = Counters()

    /// - Parameters:
    ///   - status: a snapshot; does not wait.
    ///   - workers: likewise.
    public init(
        events: EventLog, logger: Logger, status: @escaping @Sendable () async -> ActivityStatus,
        workers: @escaping @Sendable () async -> [WorkerStatus]
    ) {
        self.events = events
        self.status = status
        self.workers = workers
        self.logger = logger
    }

    /// Until it is cancelled.
    public func run() async {
        while !Task.isCancelled {
            await look()
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// Once more, before the daemon ends.
    public func look() async {
        observe(await status(), await workers(), at: .now)
    }

    private func observe(_ status: ActivityStatus, _ workers: [WorkerStatus], at now: MonotonicInstant) {
        for draft in happenings.observe(status, at: now) { events.record(draft) }
        counters.observe(status, workers)
    }

    public func metrics() async -> String {
        let (status, workers) = (await status(), await workers())
        counters.observe(status, workers)
        return Metrics(status: status, workers: workers, counters: counters, events: events.condition).text()
    }
}
