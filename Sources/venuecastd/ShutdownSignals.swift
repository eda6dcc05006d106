import Glibc
import LinuxSystem
import Logging

/// What the daemon is told by signals. Taken from the moment this exists, so that none is missed while it starts.
final class ShutdownSignals: Sendable {
    enum Order: Sendable {
        /// SIGTERM, SIGINT: everything ends.
        case stop
        /// SIGUSR2: the daemon ends, the workers go on.
        case detach
    }

    /// To be iterated over once.
    let orders: AsyncStream<Order>
    private let sources: [SignalSource]

    init(logger: Logger) {
        let (orders, continuation) = AsyncStream<Order>.makeStream(bufferingPolicy: .bufferingOldest(1))
        self.orders = orders
        sources = [
            SignalSource(SIGTERM) { continuation.yield(.stop) },
            SignalSource(SIGINT) { continuation.yield(.stop) },
            SignalSource(SIGUSR2) { continuation.yield(.detach) },
            SignalSource(SIGHUP) {
                logger.warning(
                    "SIGHUP changes nothing: to use a changed configuration, stop venuecastd and start it again")
            },
        ]
    }
}
