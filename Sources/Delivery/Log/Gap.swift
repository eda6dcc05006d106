/// A stretch of a recording that is not what happened.
public struct Gap: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        /// There are no frames; in a clip the picture before stands still, in silence.
        case missing
        /// No picture came; the one before stands still.
        case repeatedPicture
        /// No sound came; it is silent.
        case silence
        /// The disk does not give back what was recorded.
        case damaged
    }

    public var kind: Kind
    public var start: Int
    /// The frame after its last one.
    public var end: Int
    /// The segment it is in, or the one after it.
    public var segment: String?
    public var cause: String

    public init(kind: Kind, start: Int, end: Int, segment: String? = nil, cause: String) {
        self.kind = kind
        self.start = start
        self.end = end
        self.segment = segment
        self.cause = cause
    }

    public var range: Range<Int> { start..<max(start, end) }
}
