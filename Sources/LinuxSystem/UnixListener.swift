import CLinux
import Dispatch
import Glibc
import Synchronization

/// A listening Unix stream socket that appears at its path only when it can be connected to, and in place of
/// whatever was there before.
public final class UnixListener: Sendable {
    /// Gets a non-blocking, close-on-exec descriptor, which it owns from then on. Called on a queue of the listener's
    /// own: it should return soon.
    public typealias OnAccept = @Sendable (Int32, PeerCredentials) -> Void

    public let path: String
    private let identity: FileIdentity
    private let source: Mutex<EventSource?>

    private init(path: String, identity: FileIdentity, source: EventSource) {
        self.path = path
        self.identity = identity
        self.source = Mutex(source)
    }

    deinit {
        close()
    }

    /// Binds under `path` + `temporarySuffix`, sets the mode, listens, and renames into place. The longer of the two
    /// names must fit into 107 bytes.
    public static func bind(
        path: String, temporarySuffix: String, mode: mode_t = 0o600, onAccept: @escaping OnAccept
    ) throws -> UnixListener {
        let temporary = path + temporarySuffix
        let owner = try makeSocket(for: path)
        // A leftover of ours alone: the suffix names this instance.
        unlink(temporary)
        if try withSocketAddress(temporary, { Glibc.bind(owner.descriptor, $0, $1) }) != 0 {
            throw SystemError(code: errno, operation: "bind the socket", path: temporary)
        }
        do {
            // Before listening, so that nobody connects under a wider mode.
            if chmod(temporary, mode) != 0 {
                throw SystemError(code: errno, operation: "set the mode of", path: temporary)
            }
            if listen(owner.descriptor, 64) != 0 {
                throw SystemError(code: errno, operation: "listen on", path: temporary)
            }
            let identity = try FileIdentity(path: temporary)
            if rename(temporary, path) != 0 {
                throw SystemError(code: errno, operation: "move a socket into place as", path: path)
            }
            return UnixListener(
                path: path, identity: identity, source: accepting(descriptor: owner.take(), onAccept: onAccept))
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Stops accepting. Removes the path only if what is there is still this socket, and not a successor's.
    public func close() {
        let source = self.source.withLock { current in
            defer { current = nil }
            return current
        }
        guard let source else { return }
        if (try? FileIdentity(path: path)) == identity { unlink(path) }
        source.cancel()
    }

    private static func accepting(descriptor: Int32, onAccept: @escaping OnAccept) -> EventSource {
        let queue = DispatchQueue(label: "venuecast.listener")
        let source = EventSource(reading: descriptor, queue: queue)
        source.onEvent { [weak source] in
            while true {
                let accepted = clinux_accept(descriptor)
                if accepted >= 0 {
                    if let peer = try? PeerCredentials(descriptor: accepted) {
                        onAccept(accepted, peer)
                    } else {
                        _ = Glibc.close(accepted)
                    }
                    continue
                }
                if accepted == -ECONNABORTED { continue }
                if accepted != -EAGAIN, let source {
                    // Out of descriptors or memory: the event would fire again at once and eat a core.
                    source.suspend()
                    queue.asyncAfter(deadline: .now() + .milliseconds(100)) { source.resume() }
                }
                return
            }
        }
        source.onCancel { _ = Glibc.close(descriptor) }
        source.resume()
        return source
    }
}

/// Which file it is, whatever its name.
struct FileIdentity: Equatable {
    let device: dev_t
    let inode: ino_t

    init(path: String) throws {
        var status = stat()
        if lstat(path, &status) != 0 { throw SystemError(code: errno, operation: "look at", path: path) }
        device = status.st_dev
        inode = status.st_ino
    }
}
