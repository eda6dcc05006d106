/// What a probe is to do: the argument of `venuecast-worker --probe`.
public struct ProbeRequest: Codable, Sendable, Equatable {
    /// `srt://…` (caller or listener), `udp://…`, or the absolute path of a file.
    public var address: String
    /// For SRT; the passphrase itself appears nowhere.
    public var passphraseFile: String?
    public var latencyMs: Int
    /// So long it looks, from the first packet on.
    public var seconds: Double
    /// So long it waits for the first packet.
    public var patienceSeconds: Double
    /// Where the pipeline files are.
    public var pipelines: String

    public init(
        address: String, passphraseFile: String? = nil, latencyMs: Int, seconds: Double, patienceSeconds: Double,
        pipelines: String
    ) {
        self.address = address
        self.passphraseFile = passphraseFile
        self.latencyMs = latencyMs
        self.seconds = seconds
        self.patienceSeconds = patienceSeconds
        self.pipelines = pipelines
    }
}

/// One line of a probe's output, a second. What is not known is nil, never 0.
public struct ProbeReport: Codable, Sendable, Equatable {
    public struct SRT: Codable, Sendable, Equatable {
        public var rttMs: Double?
        public var negotiatedLatencyMs: Int?
        public var packetsLost: UInt64?
        /// Too late to be handed on.
        public var packetsDropped: UInt64?

        public init() {}
    }

    /// Since the first packet.
    public var seconds: Double
    public var bytes: UInt64
    /// As it is now.
    public var content: ContentReport
    /// Whatever was found since the first packet, the gravest first: each once, as it lasted longest.
    public var findings: [Finding]
    /// From the time in a picture to its arrival, by this machine's clock: of the last five seconds, and of all. After a step of
    /// that clock all begins anew.
    public var delay: DelayFigures?
    public var wholeDelay: DelayFigures?
    /// Pictures that carried a time, and that did not.
    public var stampedPictures: UInt64
    public var unstampedPictures: UInt64
    /// How often this machine's clock was set, or slept, meanwhile; what that touched is not in the figures.
    public var clockDisturbances: Int
    public var srt: SRT?
    /// Nothing more will come, and why.
    public var end: Reason?
    /// The end is as it was asked for.
    public var isComplete: Bool

    public init(
        seconds: Double = 0, bytes: UInt64 = 0, content: ContentReport = ContentReport(), findings: [Finding] = [],
        delay: DelayFigures? = nil, wholeDelay: DelayFigures? = nil, stampedPictures: UInt64 = 0,
        unstampedPictures: UInt64 = 0,
        clockDisturbances: Int = 0, srt: SRT? = nil, end: Reason? = nil, isComplete: Bool = false
    ) {
        self.seconds = seconds
        self.bytes = bytes
        self.content = content
        self.findings = findings
        self.delay = delay
        self.wholeDelay = wholeDelay
        self.stampedPictures = stampedPictures
        self.unstampedPictures = unstampedPictures
        self.clockDisturbances = clockDisturbances
        self.srt = srt
        self.end = end
        self.isComplete = isComplete
    }
}
