import Synchronization
import VenuectlKit

/// What venuectl prints and complains of, together.
final class Captured: Sendable {
    private let stored = Mutex("")

    var text: String { stored.withLock { $0 } }

    var console: Console {
        Console(environment: ["LANG": "C"], write: add, complain: { _ in }, size: { nil })
    }

    @Sendable private func add(_ text: String) {
        stored.withLock { $0 += text }
    }
}
