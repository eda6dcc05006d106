import CLinux
import Dispatch
import Glibc
import Synchronization

/// The pidfd and who waits on it. Kept alive by its source until the process has ended, so that it is reaped.
final class ProcessCore: Sendable {
    private struct State {
        var status: ExitStatus?
        /// -1 once the process has ended.
        var pidfd: Int32
        var handlers: [@Sendable (ExitStatus) -> Void] = []
        var source: EventSource?
    }

    let queue = DispatchQueue(label: "venuecast.process")
    private let state: Mutex<State>

    init(pidfd: Int32) {
        state = Mutex(State(pidfd: pidfd))
    }

    var status: ExitStatus? { state.withLock { $0.status } }

    func start() {
        state.withLock { state in
            let pidfd = state.pidfd
            let source = EventSource(reading: pidfd, queue: queue)
            source.onEvent { self.collect() }
            source.onCancel { close(pidfd) }
            state.source = source
            source.resume()
        }
    }

    func signal(_ number: Int32) -> Bool {
        state.withLock { $0.pidfd >= 0 && clinux_pidfd_signal($0.pidfd, number) == 0 }
    }

    func onExit(_ handler: @escaping @Sendable (ExitStatus) -> Void) {
        let ended = state.withLock { state in
            if state.status == nil { state.handlers.append(handler) }
            return state.status
        }
        if let ended { queue.async { handler(ended) } }
    }

    private func collect() {
        let (status, handlers) = state.withLock { state -> (ExitStatus?, [@Sendable (ExitStatus) -> Void]) in
            guard state.status == nil else { return (nil, []) }
            var result = clinux_exit()
            guard clinux_pidfd_exit(state.pidfd, &result) == 0 else { return (nil, []) }
            switch result.kind {
            case 0: return (nil, [])
            case 1: state.status = .exited(code: result.value)
            case 2: state.status = .signalled(result.value)
            default: state.status = .unknown
            }
            defer { state.handlers = [] }
            state.pidfd = -1
            state.source?.cancel()
            state.source = nil
            return (state.status, state.handlers)
        }
        if let status { for handler in handlers { handler(status) } }
    }
}

/// Resumes a continuation with whatever comes first.
final class OnceResumer<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Value, Never>?>

    init(_ continuation: CheckedContinuation<Value, Never>) {
        self.continuation = Mutex(continuation)
    }

    func resume(_ value: Value) {
        let waiting = continuation.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        waiting?.resume(returning: value)
    }
}

func withCStrings<Result>(_ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result)
    -> Result
{
    let copies = strings.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBufferPointer { body($0.baseAddress!) }
}

func withOptionalCString<Result>(_ string: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let string else { return body(nil) }
    return string.withCString { body($0) }
}
