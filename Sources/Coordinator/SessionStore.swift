import Dispatch
import LinuxSystem
import Logging
import Sessions
import Synchronization

/// Where the sessions stand: known to anybody at once, and on disk before it counts. Decisions come one after the other:
/// of two presses the second one sees the first.
final class SessionStore: Sendable {
    typealias Decision = @Sendable (SessionLog) throws -> JournalEntry

    private let path: String
    private let deadline: Duration
    private let known = Mutex(SessionLog())
    /// Where writing may wait for the disk.
    private let writer = DispatchQueue(label: "venuecast.sessions")
    private let journal: Mutex<JournalFile>

    init(path: String, logger: Logger, deadline: Duration = .seconds(3)) {
        self.path = path
        self.deadline = deadline
        journal = Mutex(JournalFile(path: path, logger: logger))
    }

    /// What counts now. Waits for nothing.
    var current: SessionLog { known.withLock { $0 } }

    /// From disk; the first time it is asked for.
    /// - Throws: it cannot be read; nothing counts then, and nothing is written to it.
    func load() throws {
        try journal.withLock { journal in
            guard !journal.isLoaded else { return }
            let log = SessionLog(try journal.load())
            known.withLock { $0 = log }
        }
    }

    /// Returns when the decision's entry is on disk and counts.
    /// - Throws: what the decision throws, or why it could not be written down; nothing has changed then.
    func perform(_ decision: @escaping Decision) async throws -> (entry: JournalEntry, log: SessionLog) {
        try await DurableOrder<(entry: JournalEntry, log: SessionLog)>.carryOut(
            on: writer, within: deadline, path: path
        ) { order in
            do {
                // An order may come before the daemon has got round to it.
                try self.load()
                let before = self.current
                let entry = try decision(before)
                try self.journal.withLock { try $0.append(entry) }
                let log = before.adding(entry)
                let counts = order.finish(.success((entry, log))) { self.known.withLock { $0 = log } }
                if !counts { self.journal.withLock { $0.takeBack() } }
            } catch {
                order.finish(.failure(error))
            }
        }
    }
}
