import Foundation

/// An element of `GET /v1/recordings`: a session's recording, as it lies on the disk.
public struct RecordingSummary: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable, CaseIterable {
        /// A segment is open.
        case recording
        /// Every segment is closed, and some have not been read again yet.
        case closed
        /// Every segment was read again and is what was written.
        case checked
        /// At least one segment was read again and is not.
        case damaged
    }

    public var session: String
    public var state: State
    /// Not for everybody.
    public var isInternal: Bool
    /// Of the first frame.
    @Nullable public var startedAt: Date?
    /// `program`, and the inputs that were recorded besides.
    public var sources: [String]
    /// Of all sources together; likewise `segments` and what follows.
    public var bytes: UInt64
    public var segments: Int
    public var checkedSegments: Int
    public var damagedSegments: Int
    /// Those that lie on the second disk as well, verified.
    public var copiedSegments: Int
    /// Frames of the programme that are there, and those that are missing between segments.
    public var frames: Int
    public var missingFrames: Int
    /// Those that show the picture before, because none came.
    public var repeatedFrames: Int
    /// How far it has been handed over; null: not at all.
    @Nullable public var handover: Handover?

    public enum Handover: String, Codable, Sendable, CaseIterable {
        /// A delivery was made of it.
        case delivered
        /// Somebody has one, has read it again and found it whole.
        case received
    }

    public init(
        session: String, state: State, isInternal: Bool, startedAt: Date?, sources: [String], bytes: UInt64,
        segments: Int, checkedSegments: Int, damagedSegments: Int, copiedSegments: Int, frames: Int,
        missingFrames: Int, repeatedFrames: Int
    ) {
        self.session = session
        self.state = state
        self.isInternal = isInternal
        self.sources = sources
        self.bytes = bytes
        self.segments = segments
        self.checkedSegments = checkedSegments
        self.damagedSegments = damagedSegments
        self.copiedSegments = copiedSegments
        self.frames = frames
        self.missingFrames = missingFrames
        self.repeatedFrames = repeatedFrames
        self.startedAt = startedAt
        handover = nil
    }
}

/// `GET /v1/recordings/{session}`.
public struct RecordingDetail: Codable, Sendable, Equatable {
    public struct Segment: Codable, Sendable, Equatable {
        /// From the session's directory: `master/S1_0001.mkv`.
        public var path: String
        public var source: String
        /// `open`, `closed`, `checked`, `damaged`.
        public var state: String
        public var firstTime: String
        /// Of the end of its last frame.
        @Nullable public var endTime: Date?
        public var firstTimecode: String
        public var frames: Int
        public var bytes: UInt64
        /// Frames missing before it, and repeated in it.
        public var missingBefore: Int
        public var repeatedFrames: Int
        public var silentFrames: Int
        public var isRecovered: Bool
        public var isCopied: Bool
        @Nullable public var sha256: String?
        @Nullable public var problem: String?

        public init(
            path: String, source: String, state: String, firstTime: String, firstTimecode: String, frames: Int,
            bytes: UInt64, missingBefore: Int, repeatedFrames: Int, silentFrames: Int, isRecovered: Bool,
            isCopied: Bool, sha256: String?, problem: String?, endTime: Date? = nil
        ) {
            self.endTime = endTime
            self.path = path
            self.source = source
            self.state = state
            self.firstTime = firstTime
            self.firstTimecode = firstTimecode
            self.frames = frames
            self.bytes = bytes
            self.missingBefore = missingBefore
            self.repeatedFrames = repeatedFrames
            self.silentFrames = silentFrames
            self.isRecovered = isRecovered
            self.isCopied = isCopied
            self.sha256 = sha256
            self.problem = problem
        }
    }

    public var summary: RecordingSummary
    /// Absolute.
    public var directory: String
    public var segments: [Segment]
    /// In the order in which they were made.
    public var deliveries: [DeliveryStatus]

    public init(
        summary: RecordingSummary, directory: String, segments: [Segment], deliveries: [DeliveryStatus] = []
    ) {
        self.deliveries = deliveries
        self.summary = summary
        self.directory = directory
        self.segments = segments
    }
}
