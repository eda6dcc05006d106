import NIOCore
import VenuecastModel

extension Peer {
    /// Who it is, for others to read: the one who logged in, `sudo` or not.
    static func person(at channel: any Channel) async -> Person {
        guard let peer = await identify(channel) else { return .unknown }
        let name = peer.loginUser ?? peer.user ?? "uid \(peer.loginUID ?? peer.uid)"
        return Person(name: name, uid: peer.uid, loginUID: peer.loginUID)
    }
}
