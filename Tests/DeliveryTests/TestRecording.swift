import Foundation
import LinuxSystem
import Matroska
import Testing
import WorkerProtocol

@testable import Delivery

/// Whole deliveries, one at a time: they encode, decode and read everything again.
@Suite(.serialized) enum DeliveryRuns {}

/// A recording as a recorder leaves it, of pictures that have their slot's number painted into them and samples that are
/// their own number.
struct TestRecording {
    static let (width, height) = (320, 180)
    static let firstSlot: UInt64 = 41_000

    let scratch: Scratch
    let session = "S1"
    let rate: Int
    let clock: SessionClock
    let pictures: TestPictures
    /// 1920 × 1080, without numbers, fifty frames of it.
    var isFull: Bool { pictures.kind != .numbered }
    /// In place of samples that are their own number.
    var makeSound: ((_ frame: Int) -> [UInt8])?
    private var index = 0

    var recordings: String { scratch.file("recordings") }
    var directory: String { "\(recordings)/\(session)" }
    var target: String { scratch.file("disk") }
    var time: FrameTime { FrameTime(frameRate: rate, utcOffsetSeconds: 28_800) }

    /// The first slot is at nine o'clock in Qingdao, less 8 ms: a clock's phase is never nought.
    init(rate: Int = 25, pictures: TestPictures = .numbered) throws {
        scratch = try Scratch()
        self.pictures = pictures
        self.rate = rate
        let wall = Int64(1_353_891_600) * 1_000_000_000 - 8_000_000
        clock = SessionClock(
            bootID: "11111111-2222", frameRate: rate,
            clock: DayClock(
                offset: wall - Int64(Self.firstSlot) * Int64(1_000_000_000 / rate), utcOffsetSeconds: 28_800))
        try Files.ensureDirectory("\(directory)/master", mode: 0o755)
        try Files.ensureDirectory(target, mode: 0o755)
    }

    /// A frame's number; 0 is the recording's first.
    func frame(_ number: Int) -> Int {
        clock.clock.frameNumber(ofSlot: Self.firstSlot + UInt64(number), frameRate: rate)
    }

    static func sample(_ number: Int) -> Int32 { Int32(number % (1 << 22)) }

    /// Little-endian stereo of 24 bits: the number, and its negative.
    func sound(_ number: Int) -> [UInt8] {
        let count = 48_000 / rate
        return (0..<count).flatMap { index -> [UInt8] in
            let value = Self.sample(number * count + index)
            return [value, -value].flatMap { value in (0..<3).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
        }
    }

    /// - Parameters:
    ///   - frames: numbers from 0.
    ///   - change: what else is to be known of it.
    @discardableResult
    mutating func add(
        _ frames: Range<Int>, isClosed: Bool = true, change: (inout SegmentRecord) -> Void = { _ in }
    ) async throws -> String {
        let pictures = try await pictures.encoded()
        index += 1
        let name = "\(session)_\(String(10_000 + index).dropFirst())"
        let slot = Self.firstSlot + UInt64(frames.lowerBound)
        let wall = clock.clock.wallTime(at: slot * UInt64(1_000_000_000 / rate))
        var record = SegmentRecord(
            file: "\(name).mkv", session: session, source: "program", firstSlot: slot, clock: clock,
            firstTime: "2012-11-26T09:00:00.000+08:00", started: "2012-11-26T09:00:00.000+08:00")
        let format = MatroskaFormat(
            width: isFull ? 1920 : Self.width, height: isFull ? 1080 : Self.height,
            codecPrivate: pictures.configuration, frameMilliseconds: 1000 / rate)
        var (bytes, layout) = MatroskaWriter.header(
            format, dateNanoseconds: wall, timecode: record.firstTimecode, application: "test")
        var (pictureHash, soundHash) = (XXHash64(), XXHash64())
        var cues: [MatroskaCue] = []
        for (position, number) in frames.enumerated() {
            let (picture, sound) = (pictures.frames[number], makeSound?(number) ?? sound(number))
            let heads = MatroskaWriter.cluster(
                milliseconds: position * 1000 / rate, pictureSize: picture.count, isKey: true, soundSize: sound.count)
            if position % rate == 0 {
                cues.append(MatroskaCue(milliseconds: position * 1000 / rate, offset: bytes.count))
            }
            bytes += heads.beforePicture + picture + heads.beforeSound + sound
            picture.withUnsafeBytes { pictureHash.update($0) }
            sound.withUnsafeBytes { soundHash.update($0) }
        }
        if isClosed {
            let (end, patches) = MatroskaWriter.ending(
                layout, end: bytes.count, milliseconds: frames.count * 1000 / rate, cues: cues)
            bytes += end
            for (offset, patch) in patches { bytes.replaceSubrange(offset..<(offset + patch.count), with: patch) }
            record.state = .checked
            record.frames = frames.count
            record.samples = frames.count * 48_000 / rate
            record.bytes = bytes.count
            record.pictureXXH64 = pictureHash.text
            record.soundXXH64 = soundHash.text
        }
        change(&record)
        try Files.writeAtomically("\(directory)/master/\(name).mkv", bytes, mode: 0o644)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try Files.writeAtomically("\(directory)/master/\(name).json", Array(encoder.encode(record)), mode: 0o644)
        return "\(directory)/master/\(name).mkv"
    }

    func report(_ number: Int, _ department: String, _ range: Range<Int>, take: Int = 1) -> DeliveryPlan.Report {
        DeliveryPlan.Report(
            planned: .init(number: number, department: department, speaker: "局长", limitSeconds: 2), take: take,
            start: frame(range.lowerBound), end: frame(range.upperBound), startedBy: "操作员")
    }

    func plan(_ reports: [DeliveryPlan.Report], marks: [DeliveryPlan.Mark] = []) -> DeliveryPlan {
        DeliveryPlan(
            session: session, title: "上午场", activity: "2012年“三民”活动", frameRate: rate, utcOffsetSeconds: 28_800,
            reports: reports, marks: marks, rundown: reports.map(\.planned))
    }

    func request(_ options: DeliveryOptions = DeliveryOptions()) -> DeliveryRequest {
        DeliveryRequest(
            session: session, recordings: recordings, target: target, options: options, software: ("Venuecast", "test"))
    }

    var options: DeliveryOptions {
        var options = DeliveryOptions()
        options.handleSeconds = 1
        return options
    }

    func deliver(
        _ plan: DeliveryPlan, _ options: DeliveryOptions? = nil, to target: String? = nil,
        prepare: (DeliveryJob) -> Void = { _ in }
    ) throws -> DeliveryReport {
        var request = request(options ?? self.options)
        request.target = target ?? self.target
        let job = DeliveryJob(request, plan: plan)
        job.now = { 1_353_920_400 }
        prepare(job)
        return try job.run()
    }
}

/// Pictures that each stand for themselves, encoded once for all tests.
actor TestPictures {
    struct Encoded: Sendable {
        var configuration: [UInt8]
        /// In format avc.
        var frames: [[UInt8]]
    }

    enum Kind {
        case numbered, full
        /// 4:2:2, whose colour changes from row to row.
        case striped
    }

    static let numbered = TestPictures(kind: .numbered)
    static let full = TestPictures(kind: .full)
    static let striped = TestPictures(kind: .striped)
    static let count = 300
    nonisolated let kind: Kind
    private var task: Task<Encoded, any Error>?

    private init(kind: Kind) {
        self.kind = kind
    }

    func encoded() async throws -> Encoded {
        if let task { return try await task.value }
        let task = Task { [kind] in
            switch kind {
            case .numbered: try await Self.encode()
            case .full: try await Self.encodeFull()
            case .striped: try await Self.encodeStriped()
            }
        }
        self.task = task
        return try await task.value
    }

    private static func encode() async throws -> Encoded {
        let scratch = try Scratch()
        let (width, height) = (TestRecording.width, TestRecording.height)
        var raw: [UInt8] = []
        for number in 0..<count {
            var luma = [UInt8](repeating: 128, count: width * height)
            for bit in 0..<16 {
                let value: UInt8 = number >> (15 - bit) & 1 == 1 ? 235 : 16
                for row in 0..<height {
                    for column in (bit * width / 16)..<((bit + 1) * width / 16) { luma[row * width + column] = value }
                }
            }
            var noise = UInt32(truncatingIfNeeded: number) | 1
            for at in (width * (height - 40))..<(width * height) {
                noise = noise &* 1_664_525 &+ 1_013_904_223
                luma[at] = 16 + UInt8(noise >> 24) / 2
            }
            raw += luma + [UInt8](repeating: 128, count: width * height / 2)
        }
        try scratch.write("raw.yuv", raw)
        return try await encode("-f rawvideo -pix_fmt yuv420p -s \(width)x\(height) -r 25 -i raw.yuv", scratch)
    }

    private static func encodeFull() async throws -> Encoded {
        try await encode("-f lavfi -i testsrc2=size=1920x1080:rate=25:duration=2 -pix_fmt yuv420p", Scratch())
    }

    private static func encodeStriped() async throws -> Encoded {
        try await encode(
            "-f lavfi -i \"nullsrc=size=1920x1080:rate=25:duration=0.04,format=yuv422p,"
                + "geq=lum='64+128*X/W':cb='90+76*mod(Y,2)':cr='166-76*mod(Y,2)',loop=loop=49:size=1,setpts=N/25/TB\"",
            Scratch(), profile: "high422", megabits: 100)
    }

    private static func encode(
        _ input: String, _ scratch: Scratch, profile: String = "high", megabits: Int = 2
    ) async throws -> Encoded {
        try await Outside.run(
            """
            ffmpeg -v error \(input) -c:v libx264 \
              -preset ultrafast -tune zerolatency -x264-params keyint=1:aud=1:sliced-threads=0:bframes=0:8x8dct=1 \
              -profile:v \(profile) -b:v \(megabits)M -f h264 out.h264
            """, in: scratch.path)
        return split(try Files.read(scratch.file("out.h264"), limit: 1 << 30), profile: profile)
    }

    /// A byte stream to access units with lengths.
    private static func split(_ bytes: [UInt8], profile: String) -> Encoded {
        var starts: [Int] = []
        for at in 0..<(bytes.count - 3) where bytes[at] == 0 && bytes[at + 1] == 0 && bytes[at + 2] == 1 {
            starts.append(at + 3)
        }
        var (parameters, picture): ([[UInt8]], [[UInt8]]) = ([], [])
        var frames: [[UInt8]] = []
        for (start, next) in zip(starts, starts.dropFirst() + [bytes.count + 3]) {
            var unit = Array(bytes[start..<min(next - 3, bytes.count)])
            while unit.last == 0 { unit.removeLast() }
            switch unit[0] & 0x1F {
            case 7: if parameters.isEmpty { parameters.append(unit) }
            case 8: if picture.isEmpty { picture.append(unit) }
            case 9: frames.append([])
            default:
                let length = (0..<4).map { UInt8(truncatingIfNeeded: unit.count >> ((3 - $0) * 8)) }
                frames[frames.count - 1] += length + unit
            }
        }
        func sized(_ unit: [UInt8]) -> [UInt8] { [UInt8(unit.count >> 8), UInt8(unit.count & 0xFF)] + unit }
        let (sps, pps) = (parameters[0], picture[0])
        let configuration =
            [1, sps[1], sps[2], sps[3], 0xFF, 0xE1] + sized(sps) + [1] + sized(pps)
            // 4:2:0 or 4:2:2 of eight bits, no extensions.
            + [profile == "high" ? 0xFD : 0xFE, 0xF8, 0xF8, 0]
        return Encoded(configuration: configuration, frames: frames)
    }
}

/// A clip as programs that are not ours see it.
struct DeliveredClip {
    let path: String

    /// The numbers painted into its pictures.
    func painted() async throws -> [Int] {
        let scratch = try Scratch()
        try await Outside.run(
            "ffmpeg -v error -i '\(path)' -map 0:v:0 -fps_mode passthrough -vf crop=320:2:0:90 -f rawvideo -pix_fmt gray out.gray",
            in: scratch.path)
        let bytes = try Files.read(scratch.file("out.gray"), limit: 1 << 30)
        return stride(from: 0, to: bytes.count, by: 640).map { frame in
            (0..<16).reduce(0) { $0 << 1 | (bytes[frame + $1 * 20 + 10] > 128 ? 1 : 0) }
        }
    }

    /// The mean difference between a row of blue and the next, in the middle of the tenth picture of 1920 × 1080.
    func colourStep() async throws -> Double {
        let scratch = try Scratch()
        try await Outside.run(
            "ffmpeg -v error -i '\(path)' -map 0:v:0 -vf 'select=eq(n\\,10)' -frames:v 1 -pix_fmt yuv422p -f rawvideo out.yuv",
            in: scratch.path)
        let bytes = try Files.read(scratch.file("out.yuv"), limit: 1 << 30)
        let blue = 1920 * 1080
        var sum = 0
        for row in 400..<600 {
            for column in 200..<600 {
                let at = blue + row * 960 + column
                sum += abs(Int(bytes[at]) - Int(bytes[at + 960]))
            }
        }
        return Double(sum) / Double(200 * 400)
    }

    /// Samples of 24 bits of a track, channels one after another.
    func samples(track: Int) async throws -> [Int32] {
        let scratch = try Scratch()
        try await Outside.run("ffmpeg -v error -i '\(path)' -map 0:a:\(track) -f s24le out.s24", in: scratch.path)
        let bytes = try Files.read(scratch.file("out.s24"), limit: 1 << 30)
        return stride(from: 0, to: bytes.count, by: 3).map { at in
            Int32(bytes[at]) | Int32(bytes[at + 1]) << 8 | Int32(Int8(bitPattern: bytes[at + 2])) << 16
        }
    }

    /// MD5 of each access unit as it lies in the file.
    func unitHashes() async throws -> [String] {
        let text = try await Outside.run(
            "ffmpeg -v error -i '\(path)' -map 0:v:0 -c copy -f framehash -hash md5 -")
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            $0.split(separator: ",").last!.trimmingCharacters(in: .whitespaces)
        }
    }

    struct Probe: Decodable {
        struct Stream: Decodable {
            var codecName: String?
            var codecType: String
            var codecTagString: String
            var nbReadFrames: String?
            var nbFrames: String?
            var rFrameRate: String
            var channels: Int?
            var sampleRate: String?
            var width: Int?
            var startTime: String?
            var duration: String?
            var tags: [String: String]?
            var fieldOrder: String?
            var colorPrimaries: String?
            var pixFmt: String?
            var profile: String?
            var bitsPerRawSample: String?
        }
        struct Format: Decodable {
            var duration: String
            var tags: [String: String]?
        }
        var streams: [Stream]
        var format: Format
    }

    func probe() async throws -> Probe {
        let text = try await Outside.run(
            "ffprobe -v error -count_frames -show_streams -show_format -of json '\(path)'")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Probe.self, from: Data(text.utf8))
    }
}
