import VenuecastModel

extension Peer {
    /// Who it is, for others to read: the one who logged in, `sudo` or not.
    var person: Person {
        Person(name: loginUser ?? user ?? "uid \(loginUID ?? uid)", uid: uid, loginUID: loginUID)
    }
}
