import LinuxSystem

/// Messages on their way to one place, one after the other: what fails is tried again, later each time. Pure.
struct DeliveryQueue: Sendable {
    /// What may wait; the oldest goes first where there is no more room.
    static let limit = 200
    /// Between two tries, from the first to the longest.
    static let pauses = (first: Duration.seconds(1), longest: Duration.seconds(60))
    /// What is older is no news any more.
    static let patience = Duration.seconds(3600)

    private struct Item: Sendable {
        var message: AlarmMessage
        var since: MonotonicInstant
    }

    private var items: [Item] = []
    private var failures = 0
    private var notBefore: MonotonicInstant?
    /// Why the last try failed; nil when it did not. It stands until something arrives: that nothing waits any more is no
    /// proof that anything would.
    private(set) var cause: String?
    /// Messages that were given up.
    private(set) var lost = 0

    var count: Int { items.count }
    var messages: [AlarmMessage] { items.map(\.message) }

    mutating func add(_ message: AlarmMessage, at now: MonotonicInstant) {
        items.append(Item(message: message, since: now))
        if items.count > Self.limit {
            items.removeFirst()
            lost += 1
        }
    }

    enum Step: Sendable, Equatable {
        case send(AlarmMessage)
        case wait(until: MonotonicInstant?)
    }

    mutating func next(at now: MonotonicInstant) -> Step {
        let fresh = items.filter { $0.since.duration(to: now) <= Self.patience }
        lost += items.count - fresh.count
        items = fresh
        guard let first = items.first else {
            (failures, notBefore) = (0, nil)
            return .wait(until: nil)
        }
        if let notBefore, notBefore > now { return .wait(until: notBefore) }
        return .send(first.message)
    }

    /// - Parameter cause: nil: it has arrived.
    mutating func note(_ message: AlarmMessage, _ cause: String?, at now: MonotonicInstant) {
        self.cause = cause
        guard cause != nil else {
            (failures, notBefore) = (0, nil)
            items.removeAll { $0.message.delivery == message.delivery }
            return
        }
        let pause = Self.pauses.first * (1 << min(failures, 10))
        failures += 1
        notBefore = now.advanced(by: min(pause, Self.pauses.longest))
    }
}
