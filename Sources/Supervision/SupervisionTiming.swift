/// All deadlines and intervals of supervision in one place.
public struct SupervisionTiming: Sendable {
    /// From spawning to `ready`.
    public var start = Duration.seconds(15)
    /// Without an answer to `status` or `hello` for so long a worker counts as hung.
    public var silence = Duration.seconds(5)
    /// For the answer to a command.
    public var answer = Duration.seconds(2)
    /// Between tries to connect to a new worker's socket.
    public var connectInterval = Duration.milliseconds(20)
    /// Between two `status` until a worker is ready.
    public var pollStarting = Duration.milliseconds(50)
    /// Between two `status` from then on.
    public var poll = Duration.seconds(1)
    /// The same of one that only watches: what it sees counts from when it is told.
    public var pollWatching = Duration.milliseconds(250)
    /// Between two readings of a worker's CPU time.
    public var cpuSampling = Duration.seconds(5)
    /// Between two readings of its memory: the kernel walks all its pages for it.
    public var memorySampling = Duration.seconds(15)
    /// Output at rest while input moves.
    public var stuck = Duration.seconds(5)
    /// Input at rest.
    public var hunger = Duration.seconds(2)
    public var stopLadder = StopLadder.standard
    /// For a recorder that is not wanted any more to read again what it has written, as long as nobody waits for its end.
    public var finishing = Duration.seconds(20)

    public init() {}
}
