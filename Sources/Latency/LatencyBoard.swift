import LinuxSystem
import Synchronization
import VenuecastModel

/// The book for whoever asks, at any time and without waiting.
public final class LatencyBoard: Sendable {
    private let book: Mutex<LatencyBook>

    public init(bootID: String = currentBootID()) {
        book = Mutex(LatencyBook(bootID: bootID))
    }

    public func note(_ report: ReceiverReport, of venue: String) {
        book.withLock { $0.note(report, of: venue, at: .now) }
    }

    public var isClockDue: Bool { book.withLock { $0.isClockDue(at: .now) } }

    /// - Parameter begun: when the look at it began.
    public func noteClock(_ clock: ClockStatus, begun: MonotonicInstant) {
        book.withLock { $0.noteClock(clock, begun: begun) }
    }

    public func observeClocks() -> ClockWatch.Disturbance? {
        let reading = ClockReading.now()
        return book.withLock { $0.observe(reading) }
    }

    public func sample(_ estimated: [String: Double]) { book.withLock { $0.sample(estimated) } }

    /// Puts in what is believed of each venue, and how the clock is kept.
    public func complete(_ status: inout ActivityStatus) {
        let book = book.withLock { $0 }
        status.clock = book.clock
        for index in status.venues.indices {
            status.venues[index].latency = book.judge(
                status.venues[index].latency, of: status.venues[index].id, at: .now)
        }
    }
}
