/// Everything a worker needs to know, written by the daemon before the process is spawned. Secrets appear as
/// file paths only.
public struct WorkerSpecification: Codable, Sendable, Equatable {
    /// `input/camera`, `program`, `link/shinan`.
    public var id: String
    /// The absolute path of the pipeline file (`Pipelines/*.pipeline`).
    public var pipelineFile: String
    /// The values of the file's `${…}` placeholders.
    public var placeholders: [String: PlaceholderValue]
    public var role: WorkerRole

    public init(
        id: String, pipelineFile: String, placeholders: [String: PlaceholderValue] = [:], role: WorkerRole
    ) {
        self.id = id
        self.pipelineFile = pipelineFile
        self.placeholders = placeholders
        self.role = role
    }
}

public enum WorkerRole: Codable, Sendable, Equatable {
    case input(InputRole)
    case program(ProgramRole)
    case link(LinkRole)
    case recorder(RecorderRole)
    case confidence(ConfidenceRole)
}

/// The value of one property of one element; in JSON a bare string, number or boolean.
public enum PlaceholderValue: Codable, Sendable, Equatable {
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        }
    }
}

/// The picture every input is brought to. Sound is always 48 kHz stereo, 32-bit float between workers.
public struct HouseFormat: Codable, Sendable, Equatable {
    public var width: Int
    public var height: Int
    /// Whole frames a second: 25 or 50.
    public var frameRate: Int
    public var chroma: Chroma

    /// How much of the colour there is, 8 bits a sample.
    public enum Chroma: String, Codable, Sendable, CaseIterable {
        /// For each square of four pixels, as venues get it: I420, 12 bits a pixel.
        case yuv420 = "4:2:0"
        /// For each two pixels of a row, as studios have it: UYVY, 16 bits a pixel.
        case yuv422 = "4:2:2"
    }

    public init(width: Int, height: Int, frameRate: Int, chroma: Chroma = .yuv420) {
        self.width = width
        self.height = height
        self.frameRate = frameRate
        self.chroma = chroma
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        width = try container.decode(Int.self, forKey: .width)
        height = try container.decode(Int.self, forKey: .height)
        frameRate = try container.decode(Int.self, forKey: .frameRate)
        // Written down by a version that knew nothing else.
        chroma = try container.decodeIfPresent(Chroma.self, forKey: .chroma) ?? .yuv420
    }
}

/// The two raw feeds of an input, or of the programme: picture and sound travel apart, so that neither can hold up the other.
public struct InputFeeds: Codable, Sendable, Equatable {
    /// Socket path of the raw picture.
    public var picture: String
    /// Socket path of the raw sound.
    public var sound: String

    public init(picture: String, sound: String) {
        self.picture = picture
        self.sound = sound
    }
}

public struct InputRole: Codable, Sendable, Equatable {
    public var house: HouseFormat
    public var feeds: InputFeeds
    /// −60 … +24 dB.
    public var gainDb: Double
    /// Which source channels become left and right: `1+2`, `3+4`, `1` (to both).
    public var channels: String
    /// −500 … +2000 ms; positive makes the sound later.
    public var audioDelayMs: Int
    /// Plays again from the start when the source ends (files).
    public var loop: Bool
    /// For SRT: a file that holds the passphrase.
    public var passphraseFile: String?
    /// Nil: it is not looked at.
    public var examination: ExaminationRole?

    public init(
        house: HouseFormat, feeds: InputFeeds, gainDb: Double = 0, channels: String = "1+2",
        audioDelayMs: Int = 0, loop: Bool = false, passphraseFile: String? = nil, examination: ExaminationRole? = nil
    ) {
        self.examination = examination
        self.house = house
        self.feeds = feeds
        self.gainDb = gainDb
        self.channels = channels
        self.audioDelayMs = audioDelayMs
        self.loop = loop
        self.passphraseFile = passphraseFile
    }
}

/// What of an input can be changed on air.
public struct InputAdjustment: Codable, Sendable, Equatable {
    /// −60 … +24 dB.
    public var gainDb: Double
    /// As in `InputRole`.
    public var channels: String
    /// −500 … +2000 ms.
    public var audioDelayMs: Int
    public var examination: ExaminationRole?

    public init(gainDb: Double, channels: String, audioDelayMs: Int, examination: ExaminationRole? = nil) {
        self.examination = examination
        self.gainDb = gainDb
        self.channels = channels
        self.audioDelayMs = audioDelayMs
    }
}

extension InputRole {
    public var adjustment: InputAdjustment {
        get {
            InputAdjustment(
                gainDb: gainDb, channels: channels, audioDelayMs: audioDelayMs, examination: examination)
        }
        set {
            (gainDb, channels, audioDelayMs) = (newValue.gainDb, newValue.channels, newValue.audioDelayMs)
            examination = newValue.examination
        }
    }
}

public struct ProgramRole: Codable, Sendable, Equatable {
    public struct Input: Codable, Sendable, Equatable {
        public var id: String
        public var feeds: InputFeeds

        public init(id: String, feeds: InputFeeds) {
            self.id = id
            self.feeds = feeds
        }
    }

    /// A picture from a PNG file, or text drawn on a plain ground.
    public struct Slate: Codable, Sendable, Equatable {
        public var id: String
        public var image: String?
        public var text: String?

        public init(id: String, image: String? = nil, text: String? = nil) {
            self.id = id
            self.image = image
            self.text = text
        }
    }

    public var house: HouseFormat
    /// In order of priority.
    public var inputs: [Input]
    /// Holds at least the one with the id `fault`.
    public var slates: [Slate]
    /// How long an input must have been good before it comes back by itself.
    public var returnAfterSeconds: Double
    public var videoBitrateKbps: Int
    public var audioBitrateKbps: Int
    public var keyframeSeconds: Int
    /// Socket path of the encoded transport stream.
    public var liveFeed: String
    /// What is on air as raw media, for the recorder; nil: not served.
    public var cleanFeeds: InputFeeds?
    /// Nil: no countdown is shown.
    public var countdown: CountdownPlace?

    public init(
        house: HouseFormat, inputs: [Input], slates: [Slate], returnAfterSeconds: Double, videoBitrateKbps: Int,
        audioBitrateKbps: Int, keyframeSeconds: Int, liveFeed: String, cleanFeeds: InputFeeds? = nil,
        countdown: CountdownPlace? = nil
    ) {
        self.countdown = countdown
        self.house = house
        self.inputs = inputs
        self.slates = slates
        self.returnAfterSeconds = returnAfterSeconds
        self.videoBitrateKbps = videoBitrateKbps
        self.audioBitrateKbps = audioBitrateKbps
        self.keyframeSeconds = keyframeSeconds
        self.liveFeed = liveFeed
        self.cleanFeeds = cleanFeeds
    }
}

public struct LinkRole: Codable, Sendable, Equatable {
    /// An `srt://` address with its options, without a passphrase.
    public var url: String
    /// SRT latency to negotiate.
    public var latencyMs: Int
    public var passphraseFile: String?
    /// The pace at which a burst leaves: the programme's rate times a head-room factor, with overhead.
    public var maximumKbps: Int
    /// Socket path of the encoded transport stream.
    public var liveFeed: String
    /// Control socket of the programme worker, asked for a keyframe when a receiver joins.
    public var programSocket: String

    public init(
        url: String, latencyMs: Int, passphraseFile: String? = nil, maximumKbps: Int, liveFeed: String,
        programSocket: String
    ) {
        self.url = url
        self.latencyMs = latencyMs
        self.passphraseFile = passphraseFile
        self.maximumKbps = maximumKbps
        self.liveFeed = liveFeed
        self.programSocket = programSocket
    }
}
