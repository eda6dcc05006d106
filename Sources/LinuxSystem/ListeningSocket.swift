import CLinux
import Glibc
import Synchronization

/// A Unix stream socket that listens, and that appeared at its path only when it could be connected to, in place of
/// whatever was there before. Who accepts, and on which thread, is its owner's business; see `UnixListener` for dispatch's.
/// The descriptor closes with the last reference.
public final class ListeningSocket: Sendable {
    /// What came of one attempt to let somebody in.
    public enum Admission: Sendable, Equatable {
        /// A non-blocking, close-on-exec descriptor, which the caller owns.
        case admitted(Int32)
        /// Nobody waits.
        case nobody
        /// `errno`: descriptors or memory are short. Whoever waits goes on waiting: try again a little later.
        case failed(Int32)
    }

    public let path: String
    private let owner: FileDescriptorOwner
    private let identity: FileIdentity
    private let isInPlace = Mutex(true)

    private init(path: String, owner: consuming FileDescriptorOwner, identity: FileIdentity) {
        self.path = path
        self.owner = owner
        self.identity = identity
    }

    deinit {
        withdraw()
    }

    /// Binds under `path` + `temporarySuffix`, sets the mode, listens, and renames into place. The longer of the two
    /// names must fit into 107 bytes.
    public static func bind(path: String, temporarySuffix: String, mode: mode_t = 0o600) throws -> ListeningSocket {
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
            return ListeningSocket(path: path, owner: owner, identity: identity)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// For waiting until it is readable.
    public var descriptor: Int32 { owner.descriptor }

    /// Never waits.
    public func accept() -> Admission {
        while true {
            let accepted = clinux_accept(descriptor)
            if accepted >= 0 { return .admitted(accepted) }
            switch -accepted {
            case ECONNABORTED: continue
            case EAGAIN: return .nobody
            case let code: return .failed(code)
            }
        }
    }

    /// Removes the path, only if what is there is still this socket and not a successor's. Nobody new finds it then.
    public func withdraw() {
        let wasInPlace = isInPlace.withLock { isInPlace in
            defer { isInPlace = false }
            return isInPlace
        }
        if wasInPlace, (try? FileIdentity(path: path)) == identity { unlink(path) }
    }
}
