import Alarms
import Dispatch
import EventLog
import Foundation
import History
import Latency
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
    let history: History
    private let latencies: LatencyBoard
    private let clockQueue = DispatchQueue(label: "venuecast.clock")
    private var sampledAt: MonotonicInstant?
    private var keptAt: MonotonicInstant?
    private var disturbances = ClockDisturbances()
    private var happenings = Happenings()
    private var counters = Counters()
    private var hasLooked = false

    /// - Parameters:
    ///   - status: a snapshot; does not wait.
    ///   - workers: likewise.
    ///   - stateDirectory: exists, and is ours alone. Alarms outlive the daemon in it.
    ///   - settings: of the configuration in force.
    ///   - board: where the alarms are written down.
    public init(
        events: EventLog, logger: Logger, status: @escaping @Sendable () async -> ActivityStatus,
        workers: @escaping @Sendable () async -> [WorkerStatus], stateDirectory: String,
        settings: @escaping @Sendable () -> AlarmSettings, board: AlarmBoard, latencies: LatencyBoard
    ) {
        self.latencies = latencies
        history = History(path: "\(stateDirectory)/history.sqlite", logger: logger)
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
        async let clock: Void = watchClock()
        while !Task.isCancelled {
            await look()
            try? await Task.sleep(for: Self.interval)
        }
        tell(disturbances.end())
        await telling
        await clock
        await history.close()
    }

    /// How the clock is kept: read where nobody waits for it, now and then, and at once after it was disturbed.
    private nonisolated func watchClock() async {
        while !Task.isCancelled {
            if latencies.isClockDue {
                let begun = MonotonicInstant.now
                let keeping = await clockQueue.perform { ClockKeeping.look() }
                latencies.noteClock(ClockStatus(keeping), begun: begun)
            }
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
        hasLooked = true
        watchLatency(status, at: now)
        watchAlarms(status, workers, at: now)
    }

    private func tell(_ disturbance: ClockWatch.Disturbance?) {
        guard let disturbance else { return }
        logger.notice("the clock was disturbed: \(disturbance)")
        events.record(EventDraft(disturbance))
    }

    private func watchLatency(_ status: ActivityStatus, at now: MonotonicInstant) {
        tell(disturbances.observe(latencies.observeClocks(), at: now))
        if sampledAt.map({ $0.duration(to: now) >= .seconds(1) }) ?? true {
            sampledAt = now
            latencies.sample(
                Dictionary(
                    status.venues.compactMap { venue in
                        guard venue.latency.source == "estimated" else { return nil }
                        return venue.latency.ms.map { (venue.id, $0) }
                    }, uniquingKeysWith: { $1 }))
        }
        if keptAt.map({ $0.duration(to: now) >= History.interval }) ?? true {
            keptAt = now
            history.note(status.venues, at: status.time)
        }
    }

    public func history(_ venue: String, _ query: HistoryQuery) async throws(ControlError) -> VenueHistory {
        let venues = await status().venues.map(\.id)
        guard venues.contains(venue) else { throw .unknownVenue(venue, known: venues) }
        if let found = await history.read(venue, query) { return found }
        throw .historyNotRead(history.trouble())
    }

    public func metrics() async -> String {
        // Totals are made of looks that follow one another: here one may be overtaken by the next.
        if !hasLooked { await look() }
        let (status, workers) = (await status(), await workers())
        return Metrics(
            status: status, workers: workers, counters: counters, events: events.condition,
            undelivered: outbox.waiting, undeliverable: outbox.lost, historyKept: history.trouble() == nil
        ).text()
    }
}

extension ControlError {
    /// - Parameter trouble: what is known of the cause.
    static func historyNotRead(_ trouble: String?) -> ControlError {
        ControlError(
            status: 503, code: "history-not-read", title: "The history cannot be read now",
            detail: "\(trouble ?? "The disk has not answered in time").",
            nextStep: "Look after the disk of the state directory, and ask again.",
            detailZh: trouble.map { "暂时无法读取历史数据（\($0)）。" } ?? "磁盘没有及时应答，暂时无法读取历史数据。",
            nextStepZh: "请检查状态目录所在的磁盘，然后重试。")
    }
}
