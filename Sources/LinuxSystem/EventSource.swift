import Dispatch

/// A dispatch source that may be handed from thread to thread. Made suspended, as dispatch does.
/// `@unchecked`: libdispatch's objects are thread-safe, and Swift's overlay does not say so.
final class EventSource: @unchecked Sendable {
    private let source: any DispatchSourceProtocol

    init(reading descriptor: Int32, queue: DispatchQueue) {
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
    }

    init(writing descriptor: Int32, queue: DispatchQueue) {
        source = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
    }

    func onEvent(_ handler: @escaping @Sendable () -> Void) {
        source.setEventHandler(handler: handler)
    }

    /// After it, no source watches the descriptor any more.
    func onCancel(_ handler: @escaping @Sendable () -> Void) {
        source.setCancelHandler(handler: handler)
    }

    func resume() { source.resume() }
    func suspend() { source.suspend() }
    func cancel() { source.cancel() }
}
