import CLinux
import Dispatch
import Glibc

/// Calls a handler for arrivals of a signal, outside of any signal context; several that come at once may be one.
/// From its making on none is lost. While it lives, the signal's own effect is off for the whole process; it stays
/// off afterwards. One at a time for each signal. (Dispatch's own sources lose what comes before they are under way.)
public final class SignalSource: Sendable {
    private let number: Int32
    private let source: EventSource

    public init(
        _ number: Int32, queue: DispatchQueue = DispatchQueue(label: "venuecast.signal"),
        handler: @escaping @Sendable () -> Void
    ) {
        self.number = number
        let bell = clinux_watch_signal(number)
        precondition(bell >= 0, "signal \(number) cannot be watched: \(SystemError(code: -bell, operation: "watch"))")
        source = EventSource(reading: bell, queue: queue)
        source.onEvent {
            var count: UInt64 = 0
            if read(bell, &count, MemoryLayout.size(ofValue: count)) > 0 { handler() }
        }
        source.onCancel { close(bell) }
        source.resume()
    }

    deinit {
        clinux_unwatch_signal(number)
        source.cancel()
    }
}
