import Dispatch
import Foundation
import LinuxSystem
import Synchronization

/// One change on its way to the disk: either it is finished or it is given up, whichever comes first.
final class DurableOrder<Value: Sendable>: Sendable {
    private let waiter = Mutex<CheckedContinuation<Result<Value, any Error>, Never>?>(nil)

    func await(_ continuation: CheckedContinuation<Result<Value, any Error>, Never>) {
        waiter.withLock { $0 = continuation }
    }

    var isWaitedFor: Bool { waiter.withLock { $0 != nil } }

    /// - Parameter commit: carried out before the asker hears of it, unless it was given up.
    /// - Returns: false when it was given up.
    @discardableResult
    func finish(_ result: Result<Value, any Error>, commit: () -> Void = {}) -> Bool {
        let waiting = waiter.withLock { waiting in
            defer { waiting = nil }
            if waiting != nil { commit() }
            return waiting
        }
        waiting?.resume(returning: result)
        return waiting != nil
    }

    func giveUp(because error: any Error) {
        finish(.failure(error))
    }

    /// Has `body` carried out where it may wait for the disk, and waits for it no longer than the deadline.
    /// - Parameter path: whose disk it is, for the sentence.
    static func carryOut(
        on queue: DispatchQueue, within deadline: Duration, path: String,
        _ body: @escaping @Sendable (DurableOrder<Value>) -> Void
    ) async throws -> Value {
        let order = DurableOrder<Value>()
        let result = await withCheckedContinuation { continuation in
            order.await(continuation)
            queue.async {
                if order.isWaitedFor { body(order) }
            }
            durableOrderClock.asyncAfter(deadline: .now() + deadline.inSeconds) {
                order.giveUp(because: SlowDisk(path: path, seconds: deadline.inSeconds))
            }
        }
        return try result.get()
    }
}

private let durableOrderClock = DispatchQueue(label: "venuecast.deadlines")

struct SlowDisk: Error, CustomStringConvertible {
    let path: String
    let seconds: Double
    var description: String { "the disk of \(path) has not answered within \(seconds) s" }
    var descriptionZh: String { "\(path) 所在磁盘在 \(seconds) 秒内没有响应" }
}
