import Foundation

/// `GET /v1/status`: a snapshot of everything; no question waits for a pipeline.
public struct ActivityStatus: Codable, Sendable, Equatable {
    /// The activity's name.
    public var activity: String
    public var health: Health
    public var time: Date
    public var startedAt: Date
    public var version: String
    public var program: ProgramStatus
    public var inputs: [InputStatus]
    public var venues: [VenueStatus]
    public var recording: RecordingStatus
    /// Of this machine; null before it was looked at.
    @Nullable public var clock: ClockStatus?
    /// Null while none runs.
    @Nullable public var session: SessionStatus?
    /// The gravest first, and those nobody has acknowledged before the others.
    public var alarms: [AlarmStatus] = []
    /// Recordings over the network; null where they are not.
    @Nullable public var archive: ArchiveStatus?
    /// What is wrong with the configuration's file, while the one accepted before it holds; null while the file itself does.
    @Nullable public var configurationRefused: String?

    public init(
        activity: String, health: Health, time: Date, startedAt: Date, version: String, program: ProgramStatus,
        inputs: [InputStatus], venues: [VenueStatus], recording: RecordingStatus = RecordingStatus(health: .off),
        session: SessionStatus? = nil
    ) {
        self.activity = activity
        self.health = health
        self.time = time
        self.startedAt = startedAt
        self.version = version
        self.program = program
        self.inputs = inputs
        self.venues = venues
        self.recording = recording
        self.session = session
        archive = nil
        configurationRefused = nil
    }
}

public struct AudioStatus: Codable, Sendable, Equatable {
    /// The louder channel's peak of the last second, dBFS.
    @Nullable public var peakDbfs: Double?
    /// Null: not measured.
    @Nullable public var loudnessLufs: Double?
    /// Only of the programme.
    public var muted: Bool?

    public init(peakDbfs: Double? = nil, loudnessLufs: Double? = nil, muted: Bool? = nil) {
        self.peakDbfs = peakDbfs
        self.loudnessLufs = loudnessLufs
        self.muted = muted
    }
}

public struct ProgramStatus: Codable, Sendable, Equatable {
    public var health: Health
    /// An input's id or `slate:ID`; null while no programme worker answers.
    @Nullable public var onAir: String?
    /// `auto`, or `manual` while an operator's take holds.
    public var mode: String
    /// What the operator took, while `manual`.
    @Nullable public var taken: String?
    @Nullable public var framesPerSecond: Double?
    @Nullable public var frames: UInt64?
    @Nullable public var bitrateKbps: Double?
    /// Those that can be taken.
    @Nullable public var slates: [String]?
    /// What the line out of the house carries, as configured.
    @Nullable public var uplinkMbps: Double?
    /// What each venue takes of it by the configured bit rates, all overhead included.
    @Nullable public var kbpsPerVenue: Double?
    public var audio: AudioStatus
    public var reasons: [Reason]
    /// What the venues get, as the confidence monitor sees and hears it; null where there is none, or it sees nothing.
    @Nullable public var confidence: ContentStatus?

    public init(
        health: Health, onAir: String? = nil, mode: String = "auto", taken: String? = nil,
        framesPerSecond: Double? = nil, frames: UInt64? = nil, bitrateKbps: Double? = nil,
        audio: AudioStatus = AudioStatus(muted: false), reasons: [Reason] = []
    ) {
        self.health = health
        self.onAir = onAir
        self.mode = mode
        self.taken = taken
        self.framesPerSecond = framesPerSecond
        self.frames = frames
        self.bitrateKbps = bitrateKbps
        self.audio = audio
        self.reasons = reasons
    }
}

public struct InputStatus: Codable, Sendable, Equatable {
    public var id: String
    public var health: Health
    /// Whether its picture or its sound is in the programme now.
    public var onAir: Bool
    public var reasons: [Reason]
    public var audio: AudioStatus
    /// Whether it is worth taking; null where nobody looks.
    @Nullable public var content: ContentStatus?

    public init(id: String, health: Health, onAir: Bool, reasons: [Reason] = [], audio: AudioStatus = AudioStatus()) {
        self.id = id
        self.health = health
        self.onAir = onAir
        self.reasons = reasons
        self.audio = audio
    }
}

public struct VenueStatus: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable {
        case off, starting
        /// Nobody connected yet.
        case waiting
        case connected
        /// An attempt failed and another will follow.
        case retrying
        /// Connected, and nothing comes in.
        case starved
    }

    /// What is meant to be sent to it.
    public enum Share: String, Codable, Sendable, CaseIterable {
        case program
        /// The session is for other venues: a slate, or nothing at all.
        case slate, nothing
    }

    public var id: String
    public var name: String
    public var health: Health
    public var state: State
    public var gets: Share
    public var reasons: [Reason]
    public var link: LinkStatus
    public var latency: LatencyStatus

    public init(
        id: String, name: String, health: Health, state: State, gets: Share = .program, reasons: [Reason] = [],
        link: LinkStatus, latency: LatencyStatus = LatencyStatus()
    ) {
        self.gets = gets
        self.id = id
        self.name = name
        self.health = health
        self.state = state
        self.reasons = reasons
        self.link = link
        self.latency = latency
    }
}

public struct LinkStatus: Codable, Sendable, Equatable {
    /// `srt`.
    public var `protocol`: String
    /// The configured address, without a secret.
    public var url: String
    @Nullable public var peer: String?
    @Nullable public var connectedSince: Date?
    @Nullable public var lastError: String?
    @Nullable public var lastErrorAt: Date?
    @Nullable public var bytesSent: UInt64?
    @Nullable public var sendMbps: Double?
    /// What the line would carry, as SRT estimates it from pairs of packets.
    @Nullable public var bandwidthMbps: Double?
    @Nullable public var rttMs: Double?
    @Nullable public var lossPercent: Double?
    @Nullable public var retransmitPercent: Double?
    @Nullable public var negotiatedLatencyMs: Int?
    @Nullable public var packetsSent: UInt64?
    @Nullable public var packetsLost: UInt64?
    @Nullable public var packetsRetransmitted: UInt64?
    @Nullable public var packetsDropped: UInt64?
    /// Our own queueing from the programme's muxer to the sender, 99th percentile of the last seconds.
    @Nullable public var queueingP99Ms: Double?
    /// Of the last seconds; likewise what follows.
    @Nullable public var rttMinMs: Double?
    @Nullable public var rttMaxMs: Double?
    @Nullable public var lostPerSecond: Double?
    @Nullable public var retransmittedPerSecond: Double?
    @Nullable public var droppedPerSecond: Double?
    /// `good`; `strained`: more is lost than the latency has time for; `bad`: the picture breaks there.
    @Nullable public var quality: String?
    /// The SRT latency that this line would need, from its round trip and its loss.
    @Nullable public var recommendedLatencyMs: Int?
    public var reconnects: Int

    public init(protocol name: String = "srt", url: String, reconnects: Int = 0) {
        self.protocol = name
        self.url = url
        self.reconnects = reconnects
    }
}

/// An element of `GET /v1/workers`.
public struct WorkerStatus: Codable, Sendable, Equatable {
    public var id: String
    @Nullable public var pid: Int32?
    /// `starting`, `running`, `outdated` (runs, and is of another version of the program than would be started now),
    /// `starved`, `stopping`, `waiting` (for its next start), `abandoned` (it cannot be ended, and nobody wants another).
    public var state: String
    @Nullable public var startedAt: Date?
    /// Starts after an unasked end.
    public var restarts: Int
    @Nullable public var cpuPercent: Double?
    /// Proportional (PSS).
    @Nullable public var memoryBytes: UInt64?
    /// What it said or died of last.
    @Nullable public var lastError: String?
    /// Until the next start, while `waiting`.
    @Nullable public var nextStartSeconds: Double?
    /// Its processes that survived SIGKILL and are still there, beside the one that runs; null: none.
    @Nullable public var abandonedPids: [Int32]?
    /// Its latest unasked ends, newest last; at most eight.
    public var endings: [Ending]

    /// How one process came to its end.
    public struct Ending: Codable, Sendable, Equatable {
        public var at: Date
        /// `was killed by signal 11 (SIGSEGV)`.
        public var cause: String
        /// What it left in writing.
        @Nullable public var lastWords: String?
        /// What its pipeline had complained of, newest last.
        public var lastErrors: [String]

        public init(at: Date, cause: String, lastWords: String? = nil, lastErrors: [String] = []) {
            self.at = at
            self.cause = cause
            self.lastWords = lastWords
            self.lastErrors = lastErrors
        }
    }

    public init(
        id: String, pid: Int32? = nil, state: String, startedAt: Date? = nil, restarts: Int = 0,
        cpuPercent: Double? = nil, memoryBytes: UInt64? = nil, lastError: String? = nil,
        nextStartSeconds: Double? = nil, abandonedPids: [Int32]? = nil, endings: [Ending] = []
    ) {
        self.id = id
        self.pid = pid
        self.state = state
        self.startedAt = startedAt
        self.restarts = restarts
        self.cpuPercent = cpuPercent
        self.memoryBytes = memoryBytes
        self.lastError = lastError
        self.nextStartSeconds = nextStartSeconds
        self.abandonedPids = abandonedPids
        self.endings = endings
    }
}
