import Dispatch
import Glibc
import Synchronization

/// A `ListeningSocket` whose callers are let in on a queue of its own.
public final class UnixListener: Sendable {
    /// Gets a non-blocking, close-on-exec descriptor, which it owns from then on. Called on a queue of the listener's
    /// own: it should return soon.
    public typealias OnAccept = @Sendable (Int32, PeerCredentials) -> Void

    private struct Listening {
        let socket: ListeningSocket
        let source: EventSource
    }

    public let path: String
    private let listening: Mutex<Listening?>

    private init(_ socket: ListeningSocket, _ source: EventSource) {
        path = socket.path
        listening = Mutex(Listening(socket: socket, source: source))
    }

    deinit {
        close()
    }

    /// As `ListeningSocket.bind`.
    public static func bind(
        path: String, temporarySuffix: String, mode: mode_t = 0o600, onAccept: @escaping OnAccept
    ) throws -> UnixListener {
        let socket = try ListeningSocket.bind(path: path, temporarySuffix: temporarySuffix, mode: mode)
        return UnixListener(socket, accepting(from: socket, onAccept: onAccept))
    }

    /// Stops accepting. Removes the path only if what is there is still this socket, and not a successor's.
    public func close() {
        let listening = self.listening.withLock { current in
            defer { current = nil }
            return current
        }
        listening?.socket.withdraw()
        listening?.source.cancel()
    }

    private static func accepting(from socket: ListeningSocket, onAccept: @escaping OnAccept) -> EventSource {
        let queue = DispatchQueue(label: "venuecast.listener")
        let source = EventSource(reading: socket.descriptor, queue: queue)
        source.onEvent { [weak source] in
            while true {
                switch socket.accept() {
                case .admitted(let descriptor):
                    if let peer = try? PeerCredentials(descriptor: descriptor) {
                        onAccept(descriptor, peer)
                    } else {
                        _ = Glibc.close(descriptor)
                    }
                case .nobody: return
                case .failed:
                    // The event would fire again at once and eat a core.
                    guard let source else { return }
                    source.suspend()
                    queue.asyncAfter(deadline: .now() + .milliseconds(100)) { source.resume() }
                    return
                }
            }
        }
        // Held until nothing watches the descriptor any more.
        source.onCancel { withExtendedLifetime(socket) {} }
        source.resume()
        return source
    }
}
