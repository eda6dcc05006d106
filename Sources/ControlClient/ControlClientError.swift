/// Why there is no answer at all; an answer that is an error is a `ControlError`.
public enum ControlClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nobody listens there.
    case noDaemon(path: String)
    /// Somebody may, but we may not ask.
    case notPermitted(path: String)
    case timedOut(path: String, after: Duration)
    /// The daemon closed the connection before it had answered.
    case brokenOff(path: String)
    /// Nobody can be reached at that address.
    case unreachable(url: String, detail: String)
    /// Its certificate is not to be relied on.
    case notTrusted(url: String, detail: String)
    /// What answers is no daemon of ours, or of another version.
    case notUnderstood(path: String, detail: String)

    public var description: String {
        switch self {
        case .noDaemon(let path):
            "No daemon listens at \(path). Start it (systemctl start venuecastd), or name its socket with --socket."
        case .notPermitted(let path):
            "You may not use \(path). Become a member of the group it belongs to (ls -l \(path)), or use sudo."
        case .unreachable(let url, let detail):
            "\(url) cannot be reached: \(detail). Check the address and the network; ask the main venue whether its archive listens."
        case .notTrusted(let url, let detail):
            "The certificate of \(url) is not trusted: \(detail). Name its authority with --ca FILE, use the name that stands in it, "
                + "or ask the main venue for its state."
        case .timedOut(let path, let duration) where path.contains("://"):
            "\(path) has not answered within \(duration.components.seconds) s. Check the network, and ask again."
        case .brokenOff(let path) where path.contains("://"):
            "\(path) broke off. Run the same command again: what is there is not fetched again."
        case .timedOut(let path, let duration):
            "The daemon at \(path) has not answered within \(duration.components.seconds) s. Look into its log "
                + "(journalctl -u venuecastd); the venues go on without it."
        case .brokenOff(let path):
            "The daemon at \(path) broke off before it had answered. Ask again; if it stays so, look into its log "
                + "(journalctl -u venuecastd)."
        case .notUnderstood(let path, let detail):
            "What answers at \(path) was not understood: \(detail). Use the venuectl that came with the daemon."
        }
    }
}
