/// What of a worker can be changed on air.
public enum WorkerAdjustment: Sendable, Equatable {
    case input(InputAdjustment)
    case link(LinkFeed)

    /// - Parameter digest: names what it runs from then on.
    public func request(digest: String) -> WorkerRequest.Body {
        switch self {
        case .input(let adjustment): .adjust(adjustment, digest: digest)
        case .link(let feed): .readFeed(feed, digest: digest)
        }
    }
}

/// Where a link's media comes from.
public struct LinkFeed: Codable, Sendable, Equatable {
    /// Socket path of the encoded transport stream.
    public var liveFeed: String
    /// Control socket of its worker, asked for a keyframe when a receiver joins.
    public var programSocket: String

    public init(liveFeed: String, programSocket: String) {
        self.liveFeed = liveFeed
        self.programSocket = programSocket
    }
}

extension LinkRole {
    public var feed: LinkFeed {
        get { LinkFeed(liveFeed: liveFeed, programSocket: programSocket) }
        set { (liveFeed, programSocket) = (newValue.liveFeed, newValue.programSocket) }
    }
}

extension WorkerSpecification {
    /// What turns this into `other` on air; nil where that takes a new process.
    public func adjustment(to other: WorkerSpecification) -> WorkerAdjustment? {
        var adjusted = self
        switch (role, other.role) {
        case (.input(var input), .input(let wanted)):
            input.adjustment = wanted.adjustment
            adjusted.role = .input(input)
            return adjusted == other ? .input(wanted.adjustment) : nil
        case (.link(var link), .link(let wanted)):
            link.feed = wanted.feed
            adjusted.role = .link(link)
            return adjusted == other ? .link(wanted.feed) : nil
        default: return nil
        }
    }
}
