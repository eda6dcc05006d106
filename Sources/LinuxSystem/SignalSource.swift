import Dispatch
import Glibc

/// Calls a handler for each arrival of a signal, outside of any signal context. While it lives, the signal's own
/// effect is off for the whole process; it stays off afterwards.
public final class SignalSource: Sendable {
    private let source: EventSource

    public init(
        _ number: Int32, queue: DispatchQueue = DispatchQueue(label: "venuecast.signal"),
        handler: @escaping @Sendable () -> Void
    ) {
        // Before the source exists, or a signal in between would still kill us.
        signal(number, SIG_IGN)
        source = EventSource(signal: number, queue: queue)
        source.onEvent(handler)
        source.resume()
    }

    deinit {
        source.cancel()
    }
}
