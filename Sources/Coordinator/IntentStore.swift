import Dispatch
import Foundation
import LinuxSystem
import Synchronization

/// What operators want: known to anybody at once, and on disk before it counts. One change after the other; a disk
/// that stands still holds up nobody for longer than the deadline, and what it did not take was not acknowledged and
/// does not count, also when the disk comes back.
final class IntentStore: Sendable {
    typealias Edit = @Sendable (inout Intents) -> Void

    private let directory: StateDirectory
    private let deadline: Duration
    private let known = Mutex(Intents())
    /// Where writing may wait for the disk.
    private let writer = DispatchQueue(label: "venuecast.intents")
    private let clock = DispatchQueue(label: "venuecast.intents.deadline")

    init(directory: StateDirectory, deadline: Duration = .seconds(3)) {
        self.directory = directory
        self.deadline = deadline
    }

    /// What counts now. Waits for nothing.
    var current: Intents { known.withLock { $0 } }

    /// From disk; once, at the start.
    func load() {
        let saved = directory.loadIntents()
        known.withLock { $0 = saved }
    }

    /// Returns when the changed intents are on disk.
    /// - Throws: why they are not; nothing has changed then.
    func change(_ edit: @escaping Edit) async throws {
        let order = Order()
        let result = await withCheckedContinuation { continuation in
            order.await(continuation)
            writer.async { self.carryOut(order, edit) }
            clock.asyncAfter(deadline: .now() + deadline.inSeconds) {
                order.giveUp(because: SlowDisk(path: self.directory.path, seconds: self.deadline.inSeconds))
            }
        }
        try result.get()
    }

    private func carryOut(_ order: Order, _ edit: Edit) {
        guard order.isWaitedFor else { return }
        let before = current
        var wanted = before
        edit(&wanted)
        do {
            if wanted != before { try directory.save(wanted) }
        } catch {
            order.finish(.failure(error))
            return
        }
        let counts = order.finish(.success(())) { known.withLock { $0 = wanted } }
        // Nobody was told that it had been taken: it must not come back after a restart.
        if !counts { try? directory.save(before) }
    }

    struct SlowDisk: Error, CustomStringConvertible {
        let path: String
        let seconds: Double
        var description: String { "the disk of \(path) has not answered within \(seconds) s" }
    }
}

/// One change on its way to the disk: either it is finished or it is given up, whichever comes first.
private final class Order: Sendable {
    private let waiter = Mutex<CheckedContinuation<Result<Void, any Error>, Never>?>(nil)

    func await(_ continuation: CheckedContinuation<Result<Void, any Error>, Never>) {
        waiter.withLock { $0 = continuation }
    }

    var isWaitedFor: Bool { waiter.withLock { $0 != nil } }

    /// - Parameter commit: carried out before the asker hears of it, unless it was given up.
    /// - Returns: false when it was given up.
    @discardableResult
    func finish(_ result: Result<Void, any Error>, commit: () -> Void = {}) -> Bool {
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
}
