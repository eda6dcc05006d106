import EventLog
import LinuxSystem
import Logging
import VenuecastModel

/// Looks at everything twice a second and puts on record what has happened. It reads snapshots alone: nothing waits
/// for it.
public actor Monitor {
    static let interval = Duration.milliseconds(500)

    private let events: EventLog
    private let status: @Sendable () async -> ActivityStatus
    private let logger: Logger
    private var happenings = Happenings()

    /// - Parameter status: a snapshot; does not wait.
    public init(events: EventLog, logger: Logger, status: @escaping @Sendable () async -> ActivityStatus) {
        self.events = events
        self.status = status
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
        observe(await status(), at: .now)
    }

    private func observe(_ status: ActivityStatus, at now: MonotonicInstant) {
        for draft in happenings.observe(status, at: now) { events.record(draft) }
    }
}
