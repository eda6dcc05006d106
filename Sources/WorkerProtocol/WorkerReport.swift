/// What a worker says of itself when asked for its `status`. Taken from counters, never from a pipeline that
/// could make the answer wait. A number that is not known is nil, never 0.
public struct WorkerReport: Codable, Sendable, Equatable {
    /// A worker's state only moves forward.
    public enum State: String, Codable, Sendable {
        case starting, ready, stopping
    }

    /// Two counters that only grow, in whatever unit the worker has: a worker whose output stands still while its
    /// input advances is ill; one whose input stands still is starved.
    public struct Progress: Codable, Sendable, Equatable {
        public var input: UInt64
        public var output: UInt64

        public init(input: UInt64, output: UInt64) {
            self.input = input
            self.output = output
        }
    }

    public var state: State
    public var progress: Progress
    /// The latest errors and warnings of the pipeline, newest last, at most eight, each one a sentence.
    public var lastErrors: [String]
    public var detail: Detail

    public enum Detail: Codable, Sendable, Equatable {
        case input(InputReport)
        case program(ProgramReport)
        case link(LinkReport)
        case recorder(RecorderReport)
        case confidence(ConfidenceReport)
    }

    public init(state: State, progress: Progress, lastErrors: [String] = [], detail: Detail) {
        self.state = state
        self.progress = progress
        self.lastErrors = lastErrors
        self.detail = detail
    }
}

/// Why something is not as it should be: a word for programs, a sentence for people.
public struct Reason: Codable, Sendable, Equatable {
    /// `no-picture`, `no-sound`, `absent`, `passphrase-rejected`, `unresolved`, `stalled` …
    public var code: String
    /// Names the cause and the next step.
    public var text: String
    /// The same in Chinese.
    public var textZh: String

    public init(code: String, text: String, textZh: String) {
        self.code = code
        self.text = text
        self.textZh = textZh
    }
}

public struct SoundReport: Codable, Sendable, Equatable {
    /// The louder channel's peak over the last second, in dBFS.
    public var peakDbfs: Double?
    public var muted: Bool

    public init(peakDbfs: Double? = nil, muted: Bool = false) {
        self.peakDbfs = peakDbfs
        self.muted = muted
    }
}

public struct InputReport: Codable, Sendable, Equatable {
    public var pictureFrames: UInt64
    public var soundBuffers: UInt64
    /// Milliseconds since the last one of each; nil when there has never been one.
    public var pictureAgeMs: Double?
    public var soundAgeMs: Double?
    public var sound: SoundReport
    public var reasons: [Reason]
    /// What it looks and sounds like; nil where nobody looks, and of an older worker.
    public var content: ContentReport?

    public init(
        pictureFrames: UInt64 = 0, soundBuffers: UInt64 = 0, pictureAgeMs: Double? = nil, soundAgeMs: Double? = nil,
        sound: SoundReport = SoundReport(), reasons: [Reason] = []
    ) {
        self.pictureFrames = pictureFrames
        self.soundBuffers = soundBuffers
        self.pictureAgeMs = pictureAgeMs
        self.soundAgeMs = soundAgeMs
        self.sound = sound
        self.reasons = reasons
    }
}

public struct ProgramReport: Codable, Sendable, Equatable {
    public struct Input: Codable, Sendable, Equatable {
        public var id: String
        public var pictureGood: Bool
        public var soundGood: Bool
        /// Good for long enough to be taken by itself.
        public var eligible: Bool
        public var reasons: [Reason]

        public init(id: String, pictureGood: Bool, soundGood: Bool, eligible: Bool, reasons: [Reason]) {
            self.id = id
            self.pictureGood = pictureGood
            self.soundGood = soundGood
            self.eligible = eligible
            self.reasons = reasons
        }
    }

    /// An input's id, or `slate:fault`.
    public var onAir: String
    /// `auto`, or `manual` while an operator's take holds.
    public var mode: String
    /// What the operator took, while `manual`.
    public var taken: String?
    /// A sentence when the taken source has died and another one follows.
    public var reasons: [Reason]
    public var inputs: [Input]
    public var frames: UInt64
    public var framesPerSecond: Double?
    public var bitrateKbps: Double?
    public var sound: SoundReport
    /// From a picture's time to the muxer's output, of the last seconds; an older worker does not say.
    public var encodeDelay: DelayFigures?
    /// When what is seen and heard was last changed by anybody, nanoseconds of CLOCK_MONOTONIC; an older worker does not say.
    public var changedAt: Int64?

    public init(
        onAir: String, mode: String, taken: String? = nil, reasons: [Reason] = [], inputs: [Input] = [],
        frames: UInt64 = 0, framesPerSecond: Double? = nil, bitrateKbps: Double? = nil,
        sound: SoundReport = SoundReport()
    ) {
        self.onAir = onAir
        self.mode = mode
        self.taken = taken
        self.reasons = reasons
        self.inputs = inputs
        self.frames = frames
        self.framesPerSecond = framesPerSecond
        self.bitrateKbps = bitrateKbps
        self.sound = sound
    }
}

/// What a link's last seconds look like.
public enum LinkQuality: String, Codable, Sendable, CaseIterable {
    case good
    /// More is lost than its latency has time for.
    case strained
    /// Packets are given up: the picture breaks there.
    case bad

    public func isWorse(than other: LinkQuality) -> Bool {
        Self.allCases.firstIndex(of: self)! > Self.allCases.firstIndex(of: other)!
    }
}

public struct LinkReport: Codable, Sendable, Equatable {
    public enum Connection: String, Codable, Sendable {
        /// Nobody is connected yet.
        case waiting
        case connected
        /// An attempt failed and another will follow.
        case retrying
        /// Connected, and nothing comes in.
        case starved
    }

    public var connection: Connection
    public var peer: String?
    /// Seconds since 1970.
    public var connectedSince: Double?
    public var lastError: String?
    public var lastErrorAt: Double?
    /// Over all connections of this process.
    public var bytesSent: UInt64
    public var sendMbps: Double?
    /// What the line would carry, as SRT estimates it; an older worker does not say.
    public var bandwidthMbps: Double?
    public var rttMs: Double?
    public var lossPercent: Double?
    public var retransmitPercent: Double?
    public var negotiatedLatencyMs: Int?
    public var packetsSent: UInt64?
    public var packetsLost: UInt64?
    public var packetsRetransmitted: UInt64?
    public var packetsDropped: UInt64?
    /// Connections after the first one.
    public var reconnects: Int
    /// Our own queueing between the programme's muxer and the sender, 99th percentile of the last seconds.
    public var queueingP99Ms: Double?
    /// Of each picture of the last seconds; an older worker does not say.
    public var delays: FrameDelays?
    /// Of the last seconds; likewise what follows.
    public var rttMinMs: Double?
    public var rttMaxMs: Double?
    public var lostPerSecond: Double?
    public var retransmittedPerSecond: Double?
    public var droppedPerSecond: Double?
    public var quality: LinkQuality?
    /// What SRT would need on this line.
    public var recommendedLatencyMs: Int?
    /// Socket path of the feed that it reads; an older worker does not say.
    public var feed: String?
    public var reasons: [Reason]

    public init(connection: Connection, bytesSent: UInt64 = 0, reconnects: Int = 0, reasons: [Reason] = []) {
        self.connection = connection
        self.bytesSent = bytesSent
        self.reconnects = reconnects
        self.reasons = reasons
    }
}
