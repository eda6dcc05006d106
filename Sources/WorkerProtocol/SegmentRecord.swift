/// What is known of a segment of a recording, kept beside it as `NAME.json`: where it belongs in time, what is missing
/// from it, and whether it was read again and found good. A segment has exactly one picture and its samples for each
/// slot from the first to the last.
public struct SegmentRecord: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable {
        /// Being written; or its recorder was killed, and nobody has looked since.
        case open
        /// Complete, and not read again yet.
        case closed
        /// Read again, and what was written.
        case checked
        /// Read again, and not what was written; `problem` says how it differs.
        case damaged
    }

    /// Slots that follow one another; in JSON `[first, count]`.
    public struct Stretch: Codable, Sendable, Equatable {
        public var firstSlot: UInt64
        public var count: Int

        public init(firstSlot: UInt64, count: Int) {
            self.firstSlot = firstSlot
            self.count = count
        }

        public init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            firstSlot = try container.decode(UInt64.self)
            count = try container.decode(Int.self)
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(firstSlot)
            try container.encode(count)
        }
    }

    /// Its name, in the same directory.
    public var file: String
    public var session: String
    /// `program`, or the id of an input.
    public var source: String
    public var state: State
    /// Its recorder ended without closing it; a later one did.
    public var isRecovered = false
    /// The first frame's number: CLOCK_MONOTONIC divided by the length of a frame.
    public var firstSlot: UInt64
    /// From slots to the time of day.
    public var clock: SessionClock
    /// Of the first frame: RFC 3339, and timecode.
    public var firstTime: String
    public var firstTimecode: String
    public var frames = 0
    public var samples = 0
    public var bytes = 0
    /// The slots between the segment before and this one, of the same machine start; nil when there are none, or nothing
    /// is known of one before.
    public var gapBefore: Stretch?
    /// Slots in which no picture came: they show the one before.
    public var gaps: [Stretch] = []
    /// Slots in which sound is missing: it is silent there.
    public var silences: [Stretch] = []
    /// RFC 3339.
    public var started: String
    public var closed: String?
    public var checked: String?
    /// What is wrong with it.
    public var problem: String?
    /// Of the whole file, hexadecimal.
    public var sha256: String?
    /// XXH64 of what was put into it, picture after picture and sound after sound; nil after a recovery.
    public var pictureXXH64: String?
    public var soundXXH64: String?
    /// Where another, verified one lies.
    public var copy: String?

    public init(
        file: String, session: String, source: String, state: State = .open, firstSlot: UInt64, clock: SessionClock,
        firstTime: String,
        started: String
    ) {
        self.file = file
        self.session = session
        self.source = source
        self.state = state
        self.firstSlot = firstSlot
        self.clock = clock
        self.firstTime = firstTime
        firstTimecode = clock.clock.timecode(ofSlot: firstSlot, frameRate: clock.frameRate).description
        self.started = started
    }

    /// After its last frame.
    public var endSlot: UInt64 { firstSlot + UInt64(frames) }
}

extension [SegmentRecord.Stretch] {
    /// Adds a slot; they come in ascending order.
    public mutating func add(_ slot: UInt64) {
        if let last, last.firstSlot + UInt64(last.count) == slot {
            self[count - 1].count += 1
        } else {
            append(SegmentRecord.Stretch(firstSlot: slot, count: 1))
        }
    }
}
