/// What is seen and heard where somebody looks: in what goes out to the venues, and in each input before it is taken.
public struct ContentStatus: Codable, Sendable, Equatable {
    public var picture = PictureContentStatus()
    public var sound = SoundContentStatus()
    /// Only of what goes out.
    @Nullable public var stream: StreamContentStatus?
    /// Where the newest small picture is, as JPEG.
    @Nullable public var thumbnail: String?

    public init() {}

    /// Codes of reasons that are faults of content.
    public static let faults: Set<String> = [
        "black", "frozen", "silent-content", "clipping", "too-loud", "too-quiet", "missing-picture", "missing-sound",
        "sound-offset", "transport-errors",
    ]
}

public struct PictureContentStatus: Codable, Sendable, Equatable {
    @Nullable public var framesPerSecond: Double?
    @Nullable public var width: Int?
    @Nullable public var height: Int?
    /// Since the last picture came.
    @Nullable public var ageMs: Double?
    /// 8-bit luma on average: 16 is black, 235 white.
    @Nullable public var luma: Double?
    /// How long it has been black; null while it is not. Likewise the one below, for standing still.
    @Nullable public var blackSeconds: Double?
    @Nullable public var stillSeconds: Double?

    public init() {}
}

public struct SoundContentStatus: Codable, Sendable, Equatable {
    /// Since the last sound came.
    @Nullable public var ageMs: Double?
    @Nullable public var peakDbfs: Double?
    /// EBU R 128: of the last 400 ms, of the last 3 s, and of all with its gates. Null of silence.
    @Nullable public var momentaryLufs: Double?
    @Nullable public var shortTermLufs: Double?
    @Nullable public var integratedLufs: Double?
    /// Samples that were cut off.
    @Nullable public var clippedSamples: UInt64?
    /// How long it has been silent; null while it is not.
    @Nullable public var silentSeconds: Double?

    public init() {}
}

public struct StreamContentStatus: Codable, Sendable, Equatable {
    @Nullable public var bitrateKbps: Double?
    @Nullable public var keyframeSeconds: Double?
    /// By how much the sound is ahead of the picture as they arrive.
    @Nullable public var soundAgainstPictureMs: Double?
    /// How far picture and sound are ahead of the stream's clock as they arrive.
    @Nullable public var pictureLeadMs: Double?
    @Nullable public var soundLeadMs: Double?
    /// Counts, by their names in ETSI TR 101 290; only those that have come up.
    public var errors: [String: UInt64] = [:]
    @Nullable public var lastErrorSeconds: Double?

    public init() {}
}

extension StreamContentStatus {
    /// What ETSI TR 101 290 counts, by priority.
    public static let errorNames: [(name: String, priority: Int)] = [
        ("TS_sync_loss", 1), ("Sync_byte_error", 1), ("PAT_error", 1), ("Continuity_count_error", 1), ("PMT_error", 1),
        ("PID_error", 1), ("Transport_error", 2), ("CRC_error", 2), ("PCR_repetition_error", 2),
        ("PCR_discontinuity_indicator_error", 2), ("PTS_error", 2), ("CAT_error", 2),
    ]
}
