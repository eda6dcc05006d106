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
    private let isLoaded = Mutex(false)
    /// Where writing may wait for the disk.
    private let writer = DispatchQueue(label: "venuecast.intents")

    init(directory: StateDirectory, deadline: Duration = .seconds(3)) {
        self.directory = directory
        self.deadline = deadline
    }

    /// What counts now. Waits for nothing.
    var current: Intents { known.withLock { $0 } }

    /// From disk; the first time it is asked for.
    func load() {
        isLoaded.withLock { isLoaded in
            if isLoaded { return }
            let saved = directory.loadIntents()
            known.withLock { $0 = saved }
            isLoaded = true
        }
    }

    /// Returns when the changed intents are on disk.
    /// - Throws: why they are not; nothing has changed then.
    func change(_ edit: @escaping Edit) async throws {
        try await DurableOrder<Void>.carryOut(on: writer, within: deadline, path: directory.path) { order in
            self.carryOut(order, edit)
        }
    }

    private func carryOut(_ order: DurableOrder<Void>, _ edit: Edit) {
        // An order may come before the daemon has got round to it: it changes what was asked for before, and forgets nothing.
        load()
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
}
