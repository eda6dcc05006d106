import WorkerProtocol

/// What is to be handed over of a session: what the rundown planned and what in fact happened when. Moments are *frame
/// numbers*: frames since 1970 of the local time (`DayClock.frameNumber`), of which timecode shows the day's part.
public struct DeliveryPlan: Codable, Sendable, Equatable {
    /// The session's id, which begins every file's name.
    public var session: String
    /// Of the session, and of the whole activity.
    public var title: String?
    public var activity: String?
    public var frameRate: Int
    /// Seconds by which the local time is ahead of UTC.
    public var utcOffsetSeconds: Int
    /// In the order in which they began. A report that was given twice is there twice.
    public var reports: [Report]
    /// What operators marked.
    public var marks: [Mark]
    /// Of the rundown, in its order; reports that were never given are only here.
    public var rundown: [Planned]

    public init(
        session: String, title: String? = nil, activity: String? = nil, frameRate: Int, utcOffsetSeconds: Int,
        reports: [Report] = [], marks: [Mark] = [], rundown: [Planned] = []
    ) {
        self.session = session
        self.title = title
        self.activity = activity
        self.frameRate = frameRate
        self.utcOffsetSeconds = utcOffsetSeconds
        self.reports = reports
        self.marks = marks
        self.rundown = rundown
    }

    /// One department's item as the rundown has it.
    public struct Planned: Codable, Sendable, Equatable {
        public var number: Int
        public var department: String
        public var title: String?
        public var speaker: String?
        public var limitSeconds: Double?

        public init(
            number: Int, department: String, title: String? = nil, speaker: String? = nil, limitSeconds: Double? = nil
        ) {
            self.number = number
            self.department = department
            self.title = title
            self.speaker = speaker
            self.limitSeconds = limitSeconds
        }
    }

    /// One report as it was given.
    public struct Report: Codable, Sendable, Equatable {
        public var planned: Planned
        /// 1, and more when the same report was given again.
        public var take: Int
        /// Its first frame.
        public var start: Int
        /// The frame after its last one.
        public var end: Int
        /// When it was due, RFC 3339.
        public var plannedIn: String?
        public var plannedOut: String?
        /// Who said so.
        public var startedBy: String?
        public var endedBy: String?
        /// Corrected afterwards.
        public var isAmended: Bool

        public init(
            planned: Planned, take: Int = 1, start: Int, end: Int, plannedIn: String? = nil, plannedOut: String? = nil,
            startedBy: String? = nil, endedBy: String? = nil, isAmended: Bool = false
        ) {
            self.planned = planned
            self.take = take
            self.start = start
            self.end = end
            self.plannedIn = plannedIn
            self.plannedOut = plannedOut
            self.startedBy = startedBy
            self.endedBy = endedBy
            self.isAmended = isAmended
        }

        public var range: Range<Int> { start..<max(start, end) }
    }

    public struct Mark: Codable, Sendable, Equatable {
        public var frame: Int
        public var text: String
        public var by: String?

        public init(frame: Int, text: String, by: String? = nil) {
            self.frame = frame
            self.text = text
            self.by = by
        }
    }
}
