import CLinux
import Glibc

/// Who is at the other end of a Unix socket: of `connect`, or of `listen`.
public struct PeerCredentials: Sendable, Equatable {
    public let pid: pid_t
    public let uid: uid_t
    public let gid: gid_t

    public init(pid: pid_t, uid: uid_t, gid: gid_t) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
    }

    /// Of a connected socket (SO_PEERCRED).
    public init(descriptor: Int32) throws {
        var peer = clinux_peer()
        _ = try SystemError.check(clinux_peer(descriptor, &peer), "ask who is at the other end of a socket")
        self.init(pid: peer.pid, uid: peer.uid, gid: peer.gid)
    }
}

/// Bytes of a socket's path, without the NUL.
public let longestSocketPath = 107

/// Connects to a Unix stream socket without ever waiting: a listener whose queue is full is an error.
/// - Returns: a descriptor in blocking mode, close-on-exec; the caller owns it.
public func connectUnix(path: String) throws -> Int32 {
    let owner = try connectNonBlocking(path: path)
    _ = try SystemError.check(clinux_set_blocking(owner.descriptor, 1), "make a socket blocking", path: path)
    return owner.take()
}

func connectNonBlocking(path: String) throws -> FileDescriptorOwner {
    let owner = try makeSocket(for: path)
    let result = try withSocketAddress(path) { connect(owner.descriptor, $0, $1) }
    if result != 0 {
        let code = errno
        throw SystemError(code: code, operation: "connect to", path: path)
    }
    return owner
}

func makeSocket(for path: String) throws -> FileDescriptorOwner {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    if descriptor < 0 {
        throw SystemError(code: errno, operation: "make a socket for", path: path)
    }
    return FileDescriptorOwner(owning: descriptor)
}

func withSocketAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
) throws -> Result {
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count <= longestSocketPath, !bytes.contains(0) else {
        throw SystemError(
            code: ENAMETOOLONG, operation: "use as the path of a socket", path: path,
            advice: "It has \(bytes.count) bytes and a socket's path 1 to \(longestSocketPath): "
                + "choose a shorter run directory.")
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return try withUnsafePointer(to: &address) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            try body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
