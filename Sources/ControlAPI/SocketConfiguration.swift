import Glibc

/// Who a socket is for, and so what it lets through.
public enum SocketRole: String, Sendable, CaseIterable {
    /// Everything.
    case `operator`
    /// Reading alone.
    case monitor
    /// Recordings alone: reading them, and the receipt of a delivery.
    case archive
    /// What monitoring systems ask every few seconds, and nothing else: anybody on this machine may.
    case scraper

    var mayChange: Bool { self == .operator }

    /// All but those that anybody on this machine may use.
    static let known: Set<SocketRole> = [.operator, .monitor, .archive]
    /// Those that ask how everything is.
    static let watching: Set<SocketRole> = [.operator, .monitor, .scraper]
}

/// One socket: where it is, who may open it (mode and group of the file) and what they may do there.
public struct SocketConfiguration: Sendable, Equatable {
    public var path: String
    public var role: SocketRole
    /// Permission bits of the socket; to connect takes the right to write.
    public var mode: mode_t
    /// Name or number of the group that owns the socket; nil leaves the daemon's own.
    public var group: String?

    public init(path: String, role: SocketRole, mode: mode_t, group: String? = nil) {
        self.path = path
        self.role = role
        self.mode = mode
        self.group = group
    }
}

/// What a client may cost.
public struct ControlLimits: Sendable, Equatable {
    /// How long a client may take to send a request, to read the answer, or to be silent between two.
    public var patience: Duration
    /// Bytes of a request's body.
    public var bodySize: Int
    /// Connections of one process; one more is closed at once.
    public var connectionsPerProcess: Int
    /// Connections of one socket; more wait in the kernel.
    public var connections: Int
    /// Of all downloads together; 0: as fast as can be.
    public var downloadBytesPerSecond: Int
    /// Readers that follow the events, on all sockets together.
    public var followers: Int

    public init(
        patience: Duration = .seconds(10), bodySize: Int = 65_536, connectionsPerProcess: Int = 32,
        connections: Int = 256, followers: Int = 64, downloadBytesPerSecond: Int = 50_000_000
    ) {
        self.patience = patience
        self.bodySize = bodySize
        self.connectionsPerProcess = connectionsPerProcess
        self.connections = connections
        self.followers = followers
        self.downloadBytesPerSecond = downloadBytesPerSecond
    }
}
