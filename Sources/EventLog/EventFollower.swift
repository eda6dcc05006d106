import Synchronization
import VenuecastModel

/// One reader's place in the log, and the events behind it as they come. It pulls: a slow one holds nothing up and
/// nothing is kept for it.
public final class EventFollower: Sendable {
    private let log: EventLog
    private let wake: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation
    private let token: UInt64
    private let position: Mutex<UInt64>
    private let query: EventQuery

    /// - Parameter query: `since` is where it begins; nil: behind the last event. Its limit is what comes at once.
    public init(_ log: EventLog, _ query: EventQuery) {
        self.log = log
        self.query = query
        (wake, waker) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        position = Mutex(query.since ?? log.head.id)
        token = log.listen { [waker] in waker.yield() }
        waker.yield()
    }

    deinit {
        log.unlisten(token)
    }

    /// To be iterated over once: an element for each time there may be something new.
    public var wakes: AsyncStream<Void> { wake }

    /// Wakes it for another reason: a heartbeat is due.
    public func ring() { waker.yield() }

    /// No more wakes.
    public func end() { waker.finish() }

    /// What has come since, at most `query.limit` at once; empty when there is nothing.
    public func next() async throws -> [Event] {
        var query = query
        query.since = position.withLock { $0 }
        // Before it is read: what comes meanwhile is found the next time.
        let head = log.head.id
        let events = try await log.lines(query).compactMap { EventLine(reading: $0)?.event }
        position.withLock { position in
            if events.count == query.limit, let last = events.last {
                position = last.id
            } else {
                position = max(head, events.last?.id ?? 0)
            }
        }
        return events
    }
}
