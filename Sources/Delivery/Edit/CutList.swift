/// What an editing system is told, whatever form it takes: clips where they happened on a timeline whose timecode is the
/// time of day, and markers.
public struct CutList: Sendable, Equatable {
    public var name: String
    public var time: FrameTime
    /// Of the whole timeline, frame numbers.
    public var range: Range<Int>
    public var width: Int
    public var height: Int
    public var channels: Int
    /// In order, without overlaps.
    public var clips: [Clip]
    /// In order.
    public var markers: [Marker]

    public struct Clip: Sendable, Equatable {
        public var name: String
        /// ASCII letters and digits, at most eight: what CMX3600 has room for.
        public var reel: String
        /// From the delivery's top, with `/`.
        public var file: String
        /// What is on the timeline.
        public var range: Range<Int>
        /// What is in the file; handles included.
        public var fileRange: Range<Int>
        public var note: String?

        public init(
            name: String, reel: String, file: String, range: Range<Int>, fileRange: Range<Int>, note: String? = nil
        ) {
            self.name = name
            self.reel = reel
            self.file = file
            self.range = range
            self.fileRange = fileRange
            self.note = note
        }
    }

    public struct Marker: Sendable, Equatable {
        public enum Kind: String, Sendable {
            case report, mark, gap
        }

        public var kind: Kind
        public var frame: Int
        /// Frames; at least one.
        public var length: Int
        public var name: String
        public var note: String?

        public init(kind: Kind, frame: Int, length: Int = 1, name: String, note: String? = nil) {
            self.kind = kind
            self.frame = frame
            self.length = length
            self.name = name
            self.note = note
        }

        /// As Avid, CMX3600 and OTIO name colours.
        var colour: String {
            switch kind {
            case .report: "GREEN"
            case .mark: "BLUE"
            case .gap: "RED"
            }
        }
    }

    public init(
        name: String, time: FrameTime, range: Range<Int>, width: Int, height: Int, channels: Int, clips: [Clip],
        markers: [Marker]
    ) {
        self.name = name
        self.time = time
        self.range = range
        self.width = width
        self.height = height
        self.channels = channels
        self.clips = clips
        self.markers = markers
    }
}
