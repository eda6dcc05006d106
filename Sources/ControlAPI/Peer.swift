import Glibc
import LinuxSystem
import NIOCore
import NIOPosix
import VenuecastModel

/// Who is at the other end of a connection, for the record.
struct Peer: Sendable, Equatable {
    let pid: pid_t
    let uid: uid_t
    /// The user who logged in, kept through `sudo`; nil where the kernel has none (a service, a container).
    var loginUID: uid_t?
    /// The names of both, where they have one.
    var user: String?
    var loginUser: String?

    /// The kernel's `struct ucred`, which Swift does not import.
    private struct Credentials: Sendable {
        var pid: Int32 = 0
        var uid: UInt32 = 0
        var gid: UInt32 = 0
    }

    static func credentials(of channel: any Channel) -> EventLoopFuture<Peer?> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        let answer: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        return answer.map { Peer(pid: $0.pid, uid: $0.uid, loginUID: nil) }
    }

    /// As the record has it.
    func actor(_ role: SocketRole) -> Event.Actor {
        Event.Actor(uid: uid, user: user, loginUser: loginUser, pid: pid, role: role.rawValue)
    }

    /// A name service that does not answer costs nobody more than this.
    private static let patience = Duration.milliseconds(500)

    /// With the login user, which is read from /proc, and the names; nil when the connection is gone already.
    static func identify(_ channel: any Channel) async -> Peer? {
        guard var peer = try? await credentials(of: channel).get() else { return nil }
        let pid = peer.pid
        let text = try? await NIOThreadPool.singleton.runIfActive {
            try Files.read("/proc/\(pid)/loginuid", limit: 64)
        }
        peer.loginUID = text.flatMap { uid_t(String(decoding: $0, as: UTF8.self)) }.flatMap { $0 == .max ? nil : $0 }
        let (uid, loginUID) = (peer.uid, peer.loginUID)
        let names = await answer(within: patience) {
            try? await NIOThreadPool.singleton.runIfActive { (name(of: uid), loginUID.flatMap(name(of:))) }
        }
        (peer.user, peer.loginUser) = (names ?? nil) ?? (nil, nil)
        return peer
    }

    /// May ask a name service.
    private static func name(of uid: uid_t) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return nil
        }
        return String(cString: name)
    }
}
