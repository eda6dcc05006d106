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

    /// With the login user, which is read from /proc, and the names; nil when the connection is gone already.
    static func identify(_ channel: any Channel) async -> Peer? {
        guard var peer = try? await credentials(of: channel).get() else { return nil }
        let pid = peer.pid
        let text = try? await NIOThreadPool.singleton.runIfActive {
            try Files.read("/proc/\(pid)/loginuid", limit: 64)
        }
        peer.loginUID = text.flatMap { uid_t(String(decoding: $0, as: UTF8.self)) }.flatMap { $0 == .max ? nil : $0 }
        let names = await UserNames.find([peer.uid] + [peer.loginUID].compactMap { $0 })
        peer.user = names[peer.uid]
        peer.loginUser = peer.loginUID.flatMap { names[$0] }
        return peer
    }
}
