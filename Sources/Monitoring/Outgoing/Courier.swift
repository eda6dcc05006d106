import LinuxSystem
import Logging
import Synchronization

/// Brings messages to one place. Whoever has one hands it over and waits for nothing.
final class Courier: Sendable {
    private let name: String
    private let logger: Logger
    /// - Returns: nil when it has arrived, else why not. Has a deadline of its own.
    private let deliver: @Sendable (AlarmMessage) async -> String?
    private let queue = Mutex(DeliveryQueue())
    private let shelf: MessageShelf?
    /// Beyond every deadline of a delivery: a disk that stands still.
    private static let patience = Duration.seconds(330)
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// - Parameter shelf: where messages outlive the daemon; what is there is brought first. May wait for the disk.
    init(
        _ name: String, shelf: MessageShelf? = nil, logger: Logger,
        deliver: @escaping @Sendable (AlarmMessage) async -> String?
    ) {
        self.shelf = shelf
        self.name = name
        self.logger = logger
        self.deliver = deliver
        (wakes, waker) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        for message in shelf?.load() ?? [] { queue.withLock { $0.add(message, at: .now) } }
        waker.yield()
    }

    func take(_ message: AlarmMessage) {
        noteLosses { $0.add(message, at: .now) }
        keep()
        waker.yield()
    }

    /// Each message that is given up is in the journal at least.
    private func noteLosses<Result: Sendable>(_ body: (inout DeliveryQueue) -> Result) -> Result {
        let (result, lost, cause) = queue.withLock { queue in
            let before = queue.lost
            let result = body(&queue)
            return (result, queue.lost - before, queue.cause)
        }
        if lost > 0 {
            logger.error(
                "alarms were not delivered and are given up",
                metadata: ["to": "\(name)", "messages": "\(lost)", "cause": "\(cause ?? "too many at once")"])
        }
        return result
    }

    private func keep() {
        shelf?.keep { self.queue.withLock { $0.messages } }
    }

    /// Why messages wait, or were given up; nil once one has arrived.
    var trouble: String? { queue.withLock { $0.cause.map { "\(name): \($0)" } } }
    var waiting: Int { queue.withLock { $0.count } }
    var lost: Int { queue.withLock { $0.lost } }

    /// Until it is cancelled.
    func run() async {
        for await _ in wakes {
            while !Task.isCancelled, await step() {}
        }
    }

    /// - Returns: false when there is nothing left to do.
    private func step() async -> Bool {
        switch noteLosses({ $0.next(at: .now) }) {
        case .send(let message):
            let deliver = deliver
            let outcome = await answer(within: Self.patience) { await deliver(message) }
            let cause = outcome ?? "nothing has come of it within \(Int(Self.patience.inSeconds)) s"
            let before = queue.withLock { queue in
                defer { queue.note(message, cause, at: .now) }
                return queue.cause
            }
            if cause == nil { keep() }
            if let cause, before == nil {
                logger.warning(
                    "an alarm was not delivered and is tried again", metadata: ["to": "\(name)", "cause": "\(cause)"])
            } else if cause == nil, before != nil {
                logger.notice("alarms are delivered again", metadata: ["to": "\(name)"])
            }
            return true
        case .wait(nil): return false
        case .wait(let until?):
            try? await Task.sleep(for: MonotonicInstant.now.duration(to: until))
            return true
        }
    }
}
