import Synchronization
import WorkerProtocol

/// What the sender last knew of itself, for whoever asks; reading it waits for nothing.
final class LinkBoard: Sendable {
    struct Entry: Sendable {
        /// Listening, or trying.
        var isReady = false
        /// Without what the stream knows better: starvation, queueing.
        var report = LinkReport(connection: .waiting)
        /// Newest last.
        var errors: [String] = []
    }

    static let longestErrors = 8

    private let entry = Mutex(Entry())
    private let failure = Mutex<SenderFailure?>(nil)

    func read() -> Entry { entry.withLock { $0 } }

    func update(_ change: (inout sending Entry) -> Void) {
        entry.withLock { change(&$0) }
    }

    /// For whoever waits for a change of state to come out.
    func noteFailure(_ value: SenderFailure) { failure.withLock { $0 = value } }

    func takeFailure() -> SenderFailure? {
        failure.withLock { failure in
            defer { failure = nil }
            return failure
        }
    }
}
