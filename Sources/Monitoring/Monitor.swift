import Alarms
import EventLog
import LinuxSystem
import Logging
import VenuecastModel

/// Looks at everything four times a second, raises and clears alarms, and puts on record what has happened. It reads snapshots alone: nothing waits
/// for it.
public actor Monitor: MonitorService {
    static let interval = Duration.milliseconds(250)

    let events: EventLog
    let board: AlarmBoard
    let store: AlarmStore
    let outbox: Outbox
    let settings: @Sendable () -> AlarmSettings
    var ledger: AlarmLedger
    let status: @Sendable () async -> ActivityStatus
    private let workers: @Sendable () async -> [WorkerStatus]
    private let logger: Logger
    private var happenings = Happenings()
    private var counters = Counters()

    /// - Parameters:
    ///   - status: a snapshot; does not wait.
    ///   - workers: likewise.
    ///   - stateDirectory: exists, and is ours alone. Alarms outlive the daemon in it.
    ///   - settings: of the configuration in force.
    ///   - board: where the alarms are written down.
    public init(
        events: EventLog, logger: Logger, status: @escaping @Sendable () async -> ActivityStatus,
        workers: @escaping @Sendable () async -> [WorkerStatus], stateDirectory: String,
        settings: @escaping @Sendable () -> AlarmSettings, board: AlarmBoard
    ) {
        self.events = events
        self.settings = settings
        self.board = board
        store = AlarmStore(path: "\(stateDirectory)/alarms.json", logger: logger)
        outbox = Outbox(directory: "\(stateDirectory)/outgoing", logger: logger, settings: settings)
        ledger = store.load().map { AlarmLedger($0, at: .now) } ?? AlarmLedger()
        board.alarms = ledger.alarms
        self.status = status
        self.workers = workers
        self.logger = logger
    }

    /// Until it is cancelled.
    public func run() async {
        async let telling: Void = outbox.run()
        while !Task.isCancelled {
            await look()
            try? await Task.sleep(for: Self.interval)
        }
        await telling
    }

    /// Once more, before the daemon ends.
    public func look() async {
        observe(await status(), await workers(), at: .now)
    }

    private func observe(_ status: ActivityStatus, _ workers: [WorkerStatus], at now: MonotonicInstant) {
        for draft in happenings.observe(status, at: now) { events.record(draft) }
        counters.observe(status, workers)
        watchAlarms(status, workers, at: now)
    }

    public func metrics() async -> String {
        let (status, workers) = (await status(), await workers())
        counters.observe(status, workers)
        return Metrics(
            status: status, workers: workers, counters: counters, events: events.condition,
            undelivered: outbox.waiting
        ).text()
    }
}
