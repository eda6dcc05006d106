import Foundation
import GStreamer
import Glibc
import LinuxSystem
import Testing
import WorkerProtocol

@testable import MediaWorker

/// Recorders with real media on real disks. One at a time: each of them decodes and encodes.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct RecorderTests {
    @Test func joinsSegmentsWithoutLosingOrDoublingAnything() async throws {
        try await RecorderStage.run { stage in
            let source = try stage.source()
            let job = try await stage.recorder(stage.role())
            try await eventually("six joints") { job.recorder.segments >= 6 }
            #expect(job.recorder.state == .recording)
            #expect(job.recorder.reasons.isEmpty)
            #expect(job.recorder.frames >= 150)
            await job.stop()
            source.stop()

            let segments = try stage.segments()
            #expect(segments.count == job.recorder.segments)
            #expect(segments.map(\.record.state) == segments.map { _ in .checked })
            #expect(segments.dropLast().allSatisfy { $0.record.frames == 25 })
            #expect(segments.allSatisfy { $0.record.gaps.isEmpty && $0.record.gapBefore == nil })
            for (before, after) in zip(segments, segments.dropFirst()) {
                #expect(after.record.firstSlot == before.record.endSlot)
            }
            for segment in segments { try await segment.expectContent(stage) }
            let frames = segments.reduce(0) { $0 + $1.record.frames }
            #expect(job.recorder.frames == UInt64(frames))
            #expect(job.recorder.bytesWritten == UInt64(segments.reduce(0) { $0 + $1.record.bytes }))
            try await expectFormat(segments[2], stage)
            try await expectReadableByGStreamer(stage, frames)
            let sum = try await stage.run("sha256sum \(segments[1].path)")
            #expect(sum.hasPrefix(try #require(segments[1].record.sha256)))
        }
    }

    @Test func knowsToTheFrameWhatItDidNotGet() async throws {
        try await RecorderStage.run { stage in
            let source = try stage.source()
            let job = try await stage.recorder(stage.role(segmentSeconds: 60))
            try await eventually("frames on the disk") { job.recorder.frames > 10 }
            source.skip(pictures: 3)
            try await eventually("stand-ins") { job.recorder.repeatedFrames == 3 && job.has("frames-missing") }
            source.skip(sounds: 2)
            try await eventually("more frames") { job.recorder.frames > 60 }
            // Nothing comes for so long that the run is over, and comes again.
            source.setSilent(true)
            try await eventually("nothing to record") { job.recorder.state == .idle && job.recorder.segments == 1 }
            #expect(job.has("nothing-to-record"))
            source.setSilent(false)
            try await eventually("recording again") { job.recorder.state == .recording }
            let before = job.recorder.frames
            try await eventually("another twenty frames") { job.recorder.frames > before + 20 }
            await job.stop()

            let segments = try stage.segments()
            #expect(segments.count == 2)
            let (first, second) = (segments[0].record, segments[1].record)
            #expect(first.gaps.map(\.count).first == 3)
            #expect(first.gaps.count == 2, "\(first.gaps)")
            #expect(first.silences.map(\.count).first == 2)
            // What was stood in for until the run ended.
            #expect(first.gaps.last.map { $0.firstSlot + UInt64($0.count) } == first.endSlot)
            #expect(
                second.gapBefore
                    == .init(firstSlot: first.endSlot, count: Int(second.firstSlot) - Int(first.endSlot)))
            #expect(second.gaps.isEmpty && second.silences.isEmpty)
            #expect(second.clock == first.clock)
            for segment in segments { try await segment.expectContent(stage) }
        }
    }

    @Test func goesOnInTheNextSegmentAfterARestart() async throws {
        try await RecorderStage.run { stage in
            let source = try stage.source()
            let first = try await stage.recorder(stage.role(segmentSeconds: 60))
            try await eventually("frames") { first.recorder.frames > 25 }
            await first.stop()
            let second = try await stage.recorder(stage.role(segmentSeconds: 60))
            try await eventually("more frames") { second.recorder.frames > first.recorder.frames + 25 }
            #expect(second.recorder.segments == 1)
            await second.stop()
            source.stop()
            let segments = try stage.segments()
            #expect(segments.map { $0.path.suffix(11) } == ["S1_0001.mkv", "S1_0002.mkv"])
            let (before, after) = (segments[0].record, segments[1].record)
            let gap = try #require(after.gapBefore)
            #expect(gap.firstSlot == before.endSlot && gap.firstSlot + UInt64(gap.count) == after.firstSlot)
            #expect(after.clock == before.clock, "timecode does not jump")
            #expect(second.recorder.frames == UInt64(before.frames + after.frames))
            for segment in segments { try await segment.expectContent(stage) }
        }
    }

    @Test func copiesEachSegmentToASecondDisk() async throws {
        try await RecorderStage.run { stage in
            _ = try stage.source()
            var role = stage.role()
            role.copyDirectory = "\(stage.directory)/second/S1"
            let job = try await stage.recorder(role)
            // It is not there at first.
            try await eventually("a copy fails") { job.has("copy-failed") }
            #expect(job.recorder.state == .recording)
            try Files.ensureDirectory("\(stage.directory)/second")
            try await eventually("two copies") { (job.recorder.copiedSegments ?? 0) >= 2 }
            #expect(!job.has("copy-failed"))
            await job.stop()
            let copies = try stage.segments("\(stage.directory)/second/S1/master")
            #expect(copies.count >= 2)
            for copy in copies {
                let original = "\(stage.master)/\(copy.record.file)"
                #expect(try Files.read(copy.path, limit: 1 << 30) == Files.read(original, limit: 1 << 30))
                #expect(copy.record.copy == copy.path && copy.record.state == .checked)
            }
        }
    }

    @Test func findsASegmentThatIsNotWhatWasWritten() async throws {
        try await RecorderStage.run { stage in
            let source = try stage.source()
            let job = try await stage.recorder(stage.role(segmentSeconds: 60))
            try await eventually("frames") { job.recorder.frames > 25 }
            await job.stop()
            source.stop()
            let segment = try #require(try stage.segments().first)
            // As if it had not been read again yet, and the disk had turned over one bit of a picture.
            var record = segment.record
            record.state = .closed
            try SegmentFolder.save(record, beside: segment.path)
            var bytes = try Files.read(segment.path, limit: 1 << 30)
            bytes[bytes.count / 2] ^= 1
            try Files.writeAtomically(segment.path, bytes)

            let second = try await stage.recorder(stage.role())
            try await eventually("it is noticed") {
                second.recorder.damagedSegments == 1 && second.has("segment-damaged")
            }
            let found = try stage.segments()[0].record
            #expect(found.state == .damaged && found.problem != nil)
        }
    }

    @Test func refusesASessionThatIsAPath() async throws {
        try await RecorderStage.run { stage in
            for name in ["../S1", "a/b", "", ".hidden", "a b"] {
                var role = stage.role()
                role.session = name
                #expect(throws: PipelineFile.Failure.self) { try SegmentFolder(role) }
            }
            var role = stage.role()
            role.session = "上午-1"
            #expect(throws: Never.self) { try SegmentFolder(role) }
        }
    }

    /// What the station's tools are told.
    private func expectFormat(_ segment: RecordedSegment, _ stage: RecorderStage) async throws {
        let text = try await stage.run(
            "ffprobe -v error -count_frames -show_streams -show_frames -show_format -of json \(segment.path)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let probe = try decoder.decode(Probe.self, from: Data(text.utf8))
        let picture = try #require(probe.streams.first { $0.codecName == "h264" })
        let sound = try #require(probe.streams.first { $0.codecName == "pcm_s24le" })
        #expect(
            picture.nbReadFrames == "25" && picture.rFrameRate == "25/1" && picture.fieldOrder == "progressive")
        #expect(picture.colorSpace == "bt709" && picture.pixFmt == "yuv420p" && picture.profile == "High")
        #expect(sound.sampleRate == "48000" && sound.channels == 2)
        let pictures = probe.frames.filter { $0.mediaType == "video" }
        #expect(pictures.allSatisfy { $0.keyFrame == 1 && $0.pictType == "I" })
        // The time of day in every frame, one more for each.
        let clock = segment.record.clock.clock
        let codes = pictures.map { $0.sideDataList?.compactMap(\.timecodes?.first?.value).first }
        let expected = (0..<25).map {
            clock.timecode(ofSlot: segment.record.firstSlot + UInt64($0), frameRate: 25).description
        }
        #expect(codes == expected)
        #expect(segment.record.firstTimecode == expected[0])
        #expect(picture.tags?["timecode"] ?? picture.tags?["TIMECODE"] == expected[0])
        #expect(abs((Double(probe.format.duration ?? "") ?? 0) - 1) < 0.0005)
        // Of the wall clock: its sample and the record's first time agree.
        let first = try #require(parse(segment.record.firstTime))
        let now = Date().timeIntervalSince1970
        #expect(now - first < 60 && now >= first)
        let ofDay = (first + Double(clock.utcOffsetSeconds)).truncatingRemainder(dividingBy: 86_400)
        let code = clock.timecode(ofSlot: segment.record.firstSlot, frameRate: 25)
        let coded = Double((code.hours * 60 + code.minutes) * 60 + code.seconds) + Double(code.frames) / 25
        #expect(abs(coded - ofDay) < 0.0206)
    }

    private struct Probe: Decodable {
        struct Stream: Decodable {
            var codecName: String
            var nbReadFrames: String?
            var rFrameRate: String?
            var fieldOrder: String?
            var colorSpace: String?
            var pixFmt: String?
            var profile: String?
            var sampleRate: String?
            var channels: Int?
            var tags: [String: String]?
        }
        struct Frame: Decodable {
            struct SideData: Decodable {
                struct Code: Decodable { var value: String? }

                var timecodes: [Code]?
            }
            var mediaType: String
            var keyFrame: Int
            var pictType: String?
            var sideDataList: [SideData]?
        }
        struct Format: Decodable { var duration: String? }
        var streams: [Stream]
        var frames: [Frame]
        var format: Format
    }

    private func parse(_ time: String) -> Double? {
        (try? Date(time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))?.timeIntervalSince1970
    }

    /// As the clips are cut later: all segments as one stream, without decoding.
    private func expectReadableByGStreamer(_ stage: RecorderStage, _ frames: Int) async throws {
        let (picture, sound) = ("\(stage.directory)/all.h264", "\(stage.directory)/all.s24")
        _ = try await stage.run(
            """
            gst-launch-1.0 -q splitmuxsrc location='\(stage.master)/S1_*.mkv' name=r \
              r. ! queue ! video/x-h264 ! h264parse ! video/x-h264,stream-format=byte-stream ! filesink location=\(picture) \
              r. ! queue ! audio/x-raw ! filesink location=\(sound)
            """)
        let count = try await stage.run(
            "ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 \(picture)")
        #expect(count.trimmingCharacters(in: .whitespacesAndNewlines) == "\(frames)")
        var status = stat()
        #expect(stat(sound, &status) == 0)
        #expect(Int(status.st_size) == frames * 1920 * 6)
    }
}
