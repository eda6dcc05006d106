/// How late a venue's picture is: from a frame's time in the programme, which is written into the frame, to the far
/// decoder's input.
public struct LatencyStatus: Codable, Sendable, Equatable {
    /// The median of the last seconds.
    @Nullable public var ms: Double?
    /// `measured`: a receiver has read the time in the frames; `estimated`: from what is measured here, SRT's latency and
    /// half a round trip. Null with `ms`.
    @Nullable public var source: String?
    /// By so much `ms` may be off because of two machines' clocks; null: estimated.
    @Nullable public var uncertaintyMs: Double?
    /// Measured: of single frames. Estimated: of the estimates of the last minute.
    @Nullable public var p50Ms: Double?
    @Nullable public var p95Ms: Double?
    @Nullable public var p99Ms: Double?
    /// On this machine, median of the last seconds: to the muxer's output, from there to the link, from there to the socket.
    @Nullable public var encodeMs: Double?
    @Nullable public var feedMs: Double?
    @Nullable public var linkMs: Double?
    /// Why a receiver's report does not count, where there is one.
    @Nullable public var notMeasured: Reason?

    public init(ms: Double? = nil, source: String? = nil) {
        self.ms = ms
        self.source = source
    }
}

/// How a machine's wall clock is kept.
public struct ClockStatus: Codable, Sendable, Equatable {
    /// `chrony`, `systemd-timesyncd`, `ntpd`, `ptp`; `unknown`: it is kept, and nobody here says by whom; `none`.
    public var source: String
    public var synchronised: Bool
    /// The most that it can be off; null: not known.
    @Nullable public var uncertaintyMs: Double?

    public init(source: String, synchronised: Bool, uncertaintyMs: Double? = nil) {
        self.source = source
        self.synchronised = synchronised
        self.uncertaintyMs = uncertaintyMs
    }
}

/// The body of `POST /v1/venues/{id}/report`: what a receiver has measured.
public struct ReceiverReport: Codable, Sendable, Equatable {
    /// From the time in a frame to its arrival, of all frames that were looked at; milliseconds.
    public var p50Ms: Double
    public var p95Ms: Double
    public var p99Ms: Double
    public var frames: Int
    /// The time in which these came.
    public var seconds: Double
    /// How the receiver's clock is kept.
    public var clock: ClockStatus
    /// The kernel's boot id of the receiver's machine: two processes of one machine have one clock.
    public var bootID: String?

    public init(
        p50Ms: Double, p95Ms: Double, p99Ms: Double, frames: Int, seconds: Double, clock: ClockStatus,
        bootID: String? = nil
    ) {
        self.p50Ms = p50Ms
        self.p95Ms = p95Ms
        self.p99Ms = p99Ms
        self.frames = frames
        self.seconds = seconds
        self.clock = clock
        self.bootID = bootID
    }
}
