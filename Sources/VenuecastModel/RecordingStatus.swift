/// The session's recording, as it was seen on the disk; what is recorded besides the programme is under `inputs`.
public struct RecordingStatus: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable, CaseIterable {
        /// Frames arrive on the disk.
        case recording
        /// The disk takes nothing at the moment; what comes in is kept for it.
        case stalledDisk
        /// There is no more room than the configured floor.
        case full
        /// The disk refuses; it is tried again and again.
        case failed
        /// There is nothing to record, or nobody wants it recorded.
        case idle
    }

    /// `off` outside of sessions.
    public var health: Health
    public var state: State
    @Nullable public var session: String?
    /// Of the session so far, earlier segments included; likewise `frames`.
    @Nullable public var bytesWritten: UInt64?
    @Nullable public var frames: UInt64?
    /// Since a new frame was last seen on the disk.
    @Nullable public var lastWriteAgeMs: Double?
    /// What was written before is safe from a power cut.
    @Nullable public var lastSyncAgeMs: Double?
    /// Closed ones; those of them that were read again and are good, and those that are not.
    @Nullable public var segments: Int?
    @Nullable public var checkedSegments: Int?
    @Nullable public var damagedSegments: Int?
    @Nullable public var freeBytes: Int64?
    /// Until the configured floor, at the rate at which all recorders write now.
    @Nullable public var hoursLeft: Double?
    /// What the rundown still allows for, all its sessions that have not ended; null without one.
    @Nullable public var hoursNeeded: Double?
    public var reasons: [Reason]
    public var inputs: [RecordedInputStatus]

    public init(
        health: Health, state: State = .idle, session: String? = nil, reasons: [Reason] = [],
        inputs: [RecordedInputStatus] = []
    ) {
        self.health = health
        self.state = state
        self.session = session
        self.reasons = reasons
        self.inputs = inputs
    }
}

/// An input that is recorded besides the programme.
public struct RecordedInputStatus: Codable, Sendable, Equatable {
    public var id: String
    public var health: Health
    public var state: RecordingStatus.State
    @Nullable public var bytesWritten: UInt64?
    @Nullable public var frames: UInt64?
    @Nullable public var lastWriteAgeMs: Double?
    @Nullable public var segments: Int?
    public var reasons: [Reason]

    public init(id: String, health: Health, state: RecordingStatus.State = .idle, reasons: [Reason] = []) {
        self.id = id
        self.health = health
        self.state = state
        self.reasons = reasons
    }
}
