/// What is found in a stream, or in a source, by looking at it. What is not known is nil, never 0.
public struct ContentReport: Codable, Sendable, Equatable {
    public var picture = PictureContent()
    public var sound = SoundContent()
    /// Nil where there is no transport stream: raw pictures and sound.
    public var stream: StreamContent?
    /// What has lasted as long as the limits say, the gravest first.
    public var findings: [Finding] = []

    public init() {}
}

public struct PictureContent: Codable, Sendable, Equatable {
    /// Of the last two seconds, as they arrive.
    public var framesPerSecond: Double?
    public var width: Int?
    public var height: Int?
    /// `H.264`, or what the stream's tables say.
    public var coding: String?
    /// Milliseconds since the last picture came; nil before the first.
    public var ageMs: Double?
    /// 8-bit luma on average: 16 is black, 235 white.
    public var luma: Double?
    /// How long it has been so; nil while it is not. Seconds.
    public var blackSeconds: Double?
    public var stillSeconds: Double?

    public init() {}
}

public struct SoundContent: Codable, Sendable, Equatable {
    public var coding: String?
    /// Milliseconds since the last sound came; nil before the first.
    public var ageMs: Double?
    /// The louder channel's peak of the last second, dBFS.
    public var peakDbfs: Double?
    /// As EBU R 128 has them: over 400 ms, over 3 s, and over all since the beginning with its gates. LUFS; nil: silence, or no
    /// libebur128.
    public var momentaryLufs: Double?
    public var shortTermLufs: Double?
    public var integratedLufs: Double?
    /// Samples at full scale since the beginning.
    public var clippedSamples: UInt64?
    /// How long it has been silent; nil while it is not. Seconds.
    public var silentSeconds: Double?

    public init() {}
}

public struct StreamContent: Codable, Sendable, Equatable {
    /// Of the last two seconds.
    public var bitrateKbps: Double?
    /// Between the last two key pictures, by their times of presentation.
    public var keyframeSeconds: Double?
    /// By how much the sound's time of presentation is ahead of the picture's as they arrive; less than 0: it comes late.
    public var soundAgainstPictureMs: Double?
    /// How far picture and sound are ahead of the stream's clock as they arrive: what a receiver has to decode them.
    public var pictureLeadMs: Double?
    public var soundLeadMs: Double?
    /// Since the beginning, by its name in ETSI TR 101 290; only those that have come up.
    public var errors: [String: UInt64] = [:]
    /// Seconds since the last one; nil: there was none.
    public var lastErrorSeconds: Double?
    public var packets: UInt64 = 0

    public init() {}
}

/// A fault that has lasted long enough to be one.
public struct Finding: Codable, Sendable, Equatable {
    /// Codes: `no-picture-content`, `black`, `frozen`, `no-sound-content`, `silent`, `clipping`, `too-loud`, `too-quiet`,
    /// `sound-offset`, `transport-errors`.
    public var reason: Reason
    /// How long it has lasted, and how long it must to be a fault.
    public var seconds: Double
    public var limitSeconds: Double

    public init(reason: Reason, seconds: Double, limitSeconds: Double) {
        self.reason = reason
        self.seconds = seconds
        self.limitSeconds = limitSeconds
    }
}
