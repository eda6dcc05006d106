/// As the station wants it.
public struct DeliveryOptions: Codable, Sendable, Equatable {
    public enum Sound: String, Codable, Sendable, CaseIterable {
        /// One track for each channel.
        case mono
        /// One track.
        case stereo
    }

    /// Before and after each report, as far as it was recorded.
    public var handleSeconds = 5.0
    public var sound = Sound.mono
    /// The segments as they were recorded.
    public var includesMaster = true
    /// Small MP4s, which are encoded: this takes time.
    public var includesProxies = false
    /// MXF OP1a with XDCAM HD422, 1080i50, which are encoded: this takes time.
    public var includesMXF = false
    /// No department in file names.
    public var usesASCIINames = false
    /// Copies of the edit list and the markers for systems that read GBK.
    public var includesGBK = false

    public init() {}
}

public struct DeliveryRequest: Sendable {
    public var session: String
    /// Where the sessions' directories lie.
    public var recordings: String
    /// A directory that is there; the delivery becomes one in it.
    public var target: String
    public var options: DeliveryOptions
    /// What is written down as the maker.
    public var software: (name: String, version: String)

    public init(
        session: String, recordings: String, target: String, options: DeliveryOptions = DeliveryOptions(),
        software: (name: String, version: String)
    ) {
        self.session = session
        self.recordings = recordings
        self.target = target
        self.options = options
        self.software = software
    }
}

/// How far it is.
public struct DeliveryProgress: Codable, Sendable, Equatable {
    /// Of the delivery, from the top.
    public var file: String
    public var doneBytes: Int
    public var totalBytes: Int
    /// Nil while nothing can be said.
    public var secondsLeft: Int?
}

/// What was delivered.
public struct DeliveryReport: Codable, Sendable, Equatable {
    public var folder: String
    public var clips: Int
    public var files: Int
    public var bytes: Int
    /// Reports of which nothing was recorded.
    public var withoutClip: [Int]
    public var gaps: [Gap]
    /// What is not as television wants it; see `qc/loudness.json`.
    public var loudnessProblems: [String]
    /// Nil: it was measured.
    public var loudnessMissing: String?
    /// What had to be left out.
    public var warnings: [String]
    public var seconds: Double
}
