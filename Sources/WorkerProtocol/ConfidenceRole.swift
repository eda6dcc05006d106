/// How an input is looked at before it is taken.
public struct ExaminationRole: Codable, Sendable, Equatable {
    public var limits: ContentLimits
    /// The file that always holds the newest small picture; nil: none is made.
    public var thumbnail: String?

    public init(limits: ContentLimits = ContentLimits(), thumbnail: String? = nil) {
        self.limits = limits
        self.thumbnail = thumbnail
    }
}

/// The worker that looks at what goes out, as a venue would.
public struct ConfidenceRole: Codable, Sendable, Equatable {
    /// Socket path of the encoded transport stream: the one that links read.
    public var liveFeed: String
    /// The file that always holds the newest small picture.
    public var thumbnail: String
    public var limits: ContentLimits

    public init(liveFeed: String, thumbnail: String, limits: ContentLimits = ContentLimits()) {
        self.liveFeed = liveFeed
        self.thumbnail = thumbnail
        self.limits = limits
    }
}

public struct ConfidenceReport: Codable, Sendable, Equatable {
    /// The programme's feed is there.
    public var isConnected: Bool
    public var content = ContentReport()

    public init(isConnected: Bool) {
        self.isConnected = isConnected
    }
}
