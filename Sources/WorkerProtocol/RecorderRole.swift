/// Records one picture and its sound into segments.
public struct RecorderRole: Codable, Sendable, Equatable {
    /// As `source`: the programme.
    public static let program = "program"

    public var house: HouseFormat
    /// What is recorded: `program`, or the id of an input that is recorded besides.
    public var source: String
    public var feeds: InputFeeds
    /// The session's id; it begins the files' names.
    public var session: String
    /// Where everything of the session lies: `<recordings>/<session>`. The directory above it has to be there.
    public var sessionDirectory: String
    /// Where the segments go, inside it: `master`, or `iso-camera`.
    public var folder: String
    public var segmentSeconds: Int
    public var videoBitrateKbps: Int
    /// With less room than this on the disk nothing more is written.
    public var minimumFreeBytes: Int64
    /// Encoded media that may wait for the disk.
    public var queueBytes: Int
    /// In the place of the session's directory on another disk, to which each closed segment is copied.
    public var copyDirectory: String?
    /// The session's, for this start of the machine; nil: the recorders agree on one themselves.
    public var clock: SessionClock?

    public init(
        house: HouseFormat, source: String, feeds: InputFeeds, session: String, sessionDirectory: String,
        folder: String,
        segmentSeconds: Int, videoBitrateKbps: Int, minimumFreeBytes: Int64, queueBytes: Int,
        copyDirectory: String? = nil, clock: SessionClock? = nil
    ) {
        self.house = house
        self.source = source
        self.feeds = feeds
        self.session = session
        self.sessionDirectory = sessionDirectory
        self.folder = folder
        self.segmentSeconds = segmentSeconds
        self.videoBitrateKbps = videoBitrateKbps
        self.minimumFreeBytes = minimumFreeBytes
        self.queueBytes = queueBytes
        self.copyDirectory = copyDirectory
        self.clock = clock
    }
}

/// How a recorder is doing, from what it has seen on the disk: a frame counts when it was read back from its file.
public struct RecorderReport: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable {
        /// Frames arrive on the disk.
        case recording
        /// The disk takes nothing at the moment; what comes in is kept for it.
        case stalledDisk
        /// There is no more room than the configured floor.
        case full
        /// The disk refuses; it is tried again and again.
        case failed
        /// There is nothing to record.
        case idle
    }

    public var state: State
    public var session: String
    /// Of all segments of this session and source, those of earlier processes included; likewise `frames`.
    public var bytesWritten: UInt64
    public var frames: UInt64
    /// Since a frame last went to the disk, and since the disk last confirmed that what it was given is safe.
    public var lastWriteAgeMs: Double?
    public var lastSyncAgeMs: Double?
    /// How long that confirmation took.
    public var lastSyncMs: Double?
    /// Closed ones of this session.
    public var segments: Int
    /// Those of them that were read again and found to be what was written, and those that were not.
    public var checkedSegments: Int
    public var damagedSegments: Int
    /// Those that lie on the second disk as well; nil without one.
    public var copiedSegments: Int?
    /// The open segment's file; nil between segments.
    public var file: String?
    public var freeBytes: Int64?
    /// Bytes a second, over the last while.
    public var bytesPerSecond: Double?
    /// What waits for the disk.
    public var waitingBytes: Int
    /// Frames of this process that stand in for ones that did not come, and frames that are missing altogether.
    public var repeatedFrames: UInt64
    public var lostFrames: UInt64
    public var reasons: [Reason]

    public init(
        state: State, session: String, bytesWritten: UInt64 = 0, frames: UInt64 = 0, segments: Int = 0,
        checkedSegments: Int = 0, damagedSegments: Int = 0, waitingBytes: Int = 0, repeatedFrames: UInt64 = 0,
        lostFrames: UInt64 = 0, reasons: [Reason] = []
    ) {
        self.state = state
        self.session = session
        self.bytesWritten = bytesWritten
        self.frames = frames
        self.segments = segments
        self.checkedSegments = checkedSegments
        self.damagedSegments = damagedSegments
        self.waitingBytes = waitingBytes
        self.repeatedFrames = repeatedFrames
        self.lostFrames = lostFrames
        self.reasons = reasons
    }
}
