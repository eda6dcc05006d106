import Glibc
import Logging
import NIOCore
import VenuecastModel

/// Who asks for a change: a user of this machine, or somebody with a token.
enum Caller: Sendable {
    case user(Peer)
    case owner(String, address: String?)

    /// - Parameter owner: whose token came; nil: over a Unix socket.
    static func identify(_ channel: any Channel, owner: String?) async -> Caller? {
        if let owner { return .owner(owner, address: channel.remoteAddress?.ipAddress) }
        return await Peer.identify(channel).map { .user($0) }
    }

    var person: Person {
        switch self {
        case .user(let peer): peer.person
        case .owner(let name, _): Person(name: name)
        }
    }

    var uid: uid_t? {
        if case .user(let peer) = self { peer.uid } else { nil }
    }

    var address: String? {
        if case .owner(_, let address) = self { address } else { nil }
    }

    func actor(_ role: SocketRole) -> Event.Actor {
        switch self {
        case .user(let peer): peer.actor(role)
        case .owner(let name, _): Event.Actor(uid: nil, user: name, role: role.rawValue)
        }
    }

    static let unknown: Logger.Metadata = ["uid": "unknown", "pid": "unknown", "loginUid": "none"]

    var metadata: Logger.Metadata {
        switch self {
        case .user(let peer):
            ["uid": "\(peer.uid)", "pid": "\(peer.pid)", "loginUid": "\(peer.loginUID.map { "\($0)" } ?? "none")"]
        case .owner(let name, let address): ["token": "\(name)", "from": "\(address ?? "unknown")"]
        }
    }
}
