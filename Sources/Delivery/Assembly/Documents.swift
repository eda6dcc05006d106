import FoundationEssentials
import LinuxSystem
import Matroska

/// Everything in a delivery that is written about the media in it.
struct Documents {
    private let blueprint: Blueprint
    private let staging: Staging
    private let loudness: LoudnessReport?
    private let media: [DeliveredFile]
    /// All files of the delivery but the hash lists' own.
    private(set) var written: [DeliveredFile]
    private var texts: [(path: String, bytes: [UInt8])] = []

    init(_ blueprint: Blueprint, _ staging: Staging, loudness: LoudnessReport?, media: [DeliveredFile]) throws {
        self.blueprint = blueprint
        self.staging = staging
        self.loudness = loudness
        self.media = media.sorted { $0.path < $1.path }
        written = self.media
        try compose()
    }

    /// In the order in which they are to be written: the lists of all come last.
    func all() throws -> [(path: String, bytes: [UInt8])] { texts }

    private mutating func add(_ path: String, _ bytes: [UInt8]) {
        var hash = XXHash64()
        bytes.withUnsafeBytes { hash.update($0) }
        texts.append((path, bytes))
        written.append(DeliveredFile(path: path, bytes: bytes.count, xxh64: hash.text, md5: MD5Sums.hash(bytes)))
    }

    private mutating func compose() throws {
        let (plan, time) = (blueprint.plan, blueprint.recording.time)
        let cuts = blueprint.cutList
        let session = plan.session
        add("edit/\(session).edl", cuts.editDecisionList())
        add("edit/\(session).fcp7.xml", cuts.finalCutXML())
        add("edit/\(session).otio", try cuts.openTimeline())
        add("edit/\(session).chapters.xml", cuts.matroskaChapters())
        add("edit/markers.csv", LogTables.markers(cuts))
        if blueprint.options.includesGBK {
            add("edit/gbk/\(session).edl", GBK.encode(cuts.editDecisionList()))
            add("edit/gbk/markers.csv", GBK.encode(Array(LogTables.markers(cuts).dropFirst(3))))
        }
        let clips = blueprint.clipOfReport.map { clip in clip.flatMap { clip in media.first { $0.path == clip.file } } }
        add("log/rundown.csv", LogTables.rundown(plan))
        add("log/asrun.csv", LogTables.asRun(plan, time, files: clips))
        add("log/gaps.csv", LogTables.gaps(blueprint.gaps, time))
        if let bytes = try? Files.read(AsRunFile.path(blueprint.recording.directory), limit: 64 << 20) {
            add("log/\(AsRunFile.name)", bytes)
        }
        if blueprint.options.includesMaster {
            for segment in blueprint.recording.segments where segment.bytes > 0 {
                let record = "\(segment.path.dropLast(4)).json"
                add("\(Blueprint.masterPath(segment).dropLast(4)).json", try Files.read(record))
            }
        }
        if let loudness { add("qc/loudness.json", try Self.json(loudness)) }
        let created = Self.utc(staging.began)
        var manifest = Manifest(blueprint, created: created, files: written)
        manifest.chapters = try blueprint.recording.segments.compactMap { segment in
            try blueprint.chapters[segment.record.file].map { try Manifest.Chapters(segment, $0) }
        }
        add("manifest.json", try Self.json(manifest))
        add(MD5Sums.file, MD5Sums.bytes(written.sorted { $0.path < $1.path }))
        let generation = MediaHashList.generation(
            name: blueprint.name, created: created, host: hostName(), tool: blueprint.software,
            comment: [plan.activity, plan.title].compactMap { $0 }.joined(separator: " · "),
            files: written.sorted { $0.path < $1.path })
        for (name, bytes) in generation { add("\(MediaHashList.folder)/\(name)", bytes) }
    }

    static func utc(_ seconds: Int) -> String {
        let text = FrameTime(frameRate: 1, utcOffsetSeconds: 0).time(seconds)
        return "\(text.prefix(19))Z"
    }

    private static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(value)) + [UInt8(ascii: "\n")]
    }

    private func hostName() -> String {
        let bytes = (try? Files.read("/proc/sys/kernel/hostname", limit: 256)) ?? []
        return String(decoding: bytes, as: UTF8.self).trimmingSuffix("\n")
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}

/// `manifest.json`: what this is, and what it is made of, for programs.
struct Manifest: Codable {
    struct Clip: Codable {
        var number: Int
        var take: Int
        var department: String
        var title: String?
        var speaker: String?
        var limitSeconds: Double?
        var durationSeconds: Double
        var inTimecode: String
        var outTimecode: String
        var inTime: String
        var outTime: String
        /// Of the file, handles included.
        var fileInTimecode: String?
        var fileFrames: Int?
        var reel: String?
        var file: String?
    }

    /// Of a segment that got chapters: how the file that was recorded comes back. Cut off to `bytes` and with `original` put
    /// back, it has the SHA-256 of its record.
    struct Chapters: Codable {
        struct Part: Codable {
            var offset: Int
            /// Hexadecimal.
            var bytes: String
        }

        var file: String
        var bytes: Int
        var original: [Part]

        init(_ segment: MasterSegment, _ addition: MatroskaAddition) throws {
            file = Blueprint.masterPath(segment)
            bytes = segment.bytes
            let source = try SourceFile(segment.path)
            original = try addition.patches.map { offset, bytes in
                Part(offset: offset, bytes: try source.read(at: offset, bytes.count).hexadecimal)
            }
        }
    }

    var format = 1
    var session: String
    var title: String?
    var activity: String?
    var software: String
    var created: String
    var frameRate: Int
    var width: Int?
    var height: Int?
    var sound: String
    var inTimecode: String
    var outTimecode: String
    var inTime: String
    var outTime: String
    var clips: [Clip]
    var gaps: [Gap]
    var chapters: [Chapters] = []
    /// All but this one and the lists of checksums.
    var files: [DeliveredFile]

    init(_ blueprint: Blueprint, created: String, files: [DeliveredFile]) {
        let (plan, recording) = (blueprint.plan, blueprint.recording)
        let time = recording.time
        session = plan.session
        title = plan.title
        activity = plan.activity
        software = "\(blueprint.software.name) \(blueprint.software.version)"
        self.created = created
        frameRate = time.frameRate
        width = recording.format?.width
        height = recording.format?.height
        sound = blueprint.options.sound.rawValue
        inTimecode = time.timecode(recording.range.lowerBound)
        outTimecode = time.timecode(recording.range.upperBound)
        inTime = time.time(recording.range.lowerBound)
        outTime = time.time(recording.range.upperBound)
        clips = zip(plan.reports, blueprint.clipOfReport).map { report, clip in
            Clip(
                number: report.planned.number, take: report.take, department: report.planned.department,
                title: report.planned.title, speaker: report.planned.speaker,
                limitSeconds: report.planned.limitSeconds,
                durationSeconds: Double(report.range.count) / Double(time.frameRate),
                inTimecode: time.timecode(report.start), outTimecode: time.timecode(report.end),
                inTime: time.time(report.start), outTime: time.time(report.end),
                fileInTimecode: clip.map { time.timecode($0.fileRange.lowerBound) },
                fileFrames: clip?.fileRange.count, reel: clip?.reel, file: clip?.file)
        }
        gaps = blueprint.gaps
        self.files = files.sorted { $0.path < $1.path }
    }
}
