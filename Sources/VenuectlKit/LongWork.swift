import CLinux
import Foundation
import Glibc
import LinuxSystem
import Synchronization

/// Work that reads and writes for minutes: on a thread of its own that gives way to everything else on the machine, and
/// breaks off in good order on Ctrl-C.
enum LongWork {
    final class Cancellation: Sendable {
        private let isSet = Atomic(false)
        var isCancelled: Bool { isSet.load(ordering: .relaxed) }

        func cancel() { isSet.store(true, ordering: .relaxed) }
    }

    static func run<Result: Sendable>(_ body: @escaping @Sendable (Cancellation) throws -> Result) async throws
        -> Result
    {
        let cancellation = Cancellation()
        let signals = [SIGINT, SIGTERM, SIGHUP].map { SignalSource($0) { cancellation.cancel() } }
        defer { withExtendedLifetime(signals) {} }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let thread = Thread {
                    // Of this thread and those that it starts.
                    setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)
                    _ = clinux_idle_io()
                    continuation.resume(with: Swift.Result { try body(cancellation) })
                }
                thread.stackSize = 8 << 20
                thread.start()
            }
        } onCancel: {
            cancellation.cancel()
        }
    }
}
