import Glibc
import LinuxSystem

/// What the daemon is told by signals. Taken from the moment this exists, so that none is missed while it starts.
final class DaemonSignals: Sendable {
    enum Order: Sendable {
        /// SIGHUP: the configuration is read again.
        case reload
        /// SIGTERM, SIGINT: everything ends.
        case stop
        /// SIGUSR2: the daemon ends, the workers go on.
        case detach
    }

    /// To be iterated over once.
    let orders: AsyncStream<Order>
    private let sources: [SignalSource]

    init() {
        let (orders, continuation) = AsyncStream<Order>.makeStream(bufferingPolicy: .bufferingOldest(16))
        self.orders = orders
        sources = [
            SignalSource(SIGTERM) { continuation.yield(.stop) },
            SignalSource(SIGINT) { continuation.yield(.stop) },
            SignalSource(SIGUSR2) { continuation.yield(.detach) },
            SignalSource(SIGHUP) { continuation.yield(.reload) },
        ]
    }
}
