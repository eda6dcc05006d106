import Foundation
import LinuxSystem
import Testing
import WorkerProtocol

@testable import Delivery

extension DeliveryRuns {
    /// Whole deliveries, held against programs that are not ours.
    @Suite(.timeLimit(.minutes(3))) struct DeliveryTests {
        @Test(arguments: [(25, DeliveryOptions.Sound.mono), (50, .stereo)])
        func deliversEveryReportToTheFrame(rate: Int, sound: DeliveryOptions.Sound) async throws {
            var recording = try TestRecording(rate: rate)
            for start in stride(from: 0, to: 240, by: 60) { try await recording.add(start..<(start + 60)) }
            // Within a segment, with less before it than a handle; over four; a repeated one.
            let ranges = [(1, 5..<30), (2, 55..<185), (3, 190..<225)]
            let names = ["市财政局", "市教育局/体育局", "市\"卫生\"局"]
            var plan = recording.plan(
                zip(ranges, names).map { recording.report($0.0, $1, $0.1) },
                marks: [.init(frame: recording.frame(80), text: "掌声", by: "op")])
            plan.reports.append(recording.report(3, names[2], 235..<238, take: 2))
            var options = recording.options
            options.sound = sound
            options.handleSeconds = 0.4
            let handle = rate * 4 / 10
            let report = try recording.deliver(plan, options)
            #expect(report.folder == "\(recording.target)/20121126_S1")
            #expect(report.clips == 4 && report.withoutClip.isEmpty && report.gaps.isEmpty && report.warnings.isEmpty)
            #expect(try Files.list(recording.target) == ["20121126_S1"])

            let pictures = try await TestPictures.numbered.encoded()
            let files = [
                "20121126_S1_01_市财政局.mov", "20121126_S1_02_市教育局体育局.mov", "20121126_S1_03-2_市卫生局.mov",
                "20121126_S1_03_市卫生局.mov",
            ]
            #expect(try Files.list("\(report.folder)/clips") == files)
            for (file, range) in zip([files[0], files[1], files[3]], ranges.map(\.1)) {
                let clip = DeliveredClip(path: "\(report.folder)/clips/\(file)")
                let frames = max(0, range.lowerBound - handle)..<min(240, range.upperBound + handle)
                #expect(try await clip.painted() == Array(frames))
                let expected = frames.map { MD5Sums.hash(pictures.frames[$0]) }
                #expect(try await clip.unitHashes() == expected, "the same bytes as in the segments")
                let count = 48_000 / rate
                let left = (frames.lowerBound * count..<frames.upperBound * count).map(TestRecording.sample)
                if sound == .mono {
                    #expect(try await clip.samples(track: 0) == left)
                    #expect(try await clip.samples(track: 1) == left.map { -$0 })
                } else {
                    #expect(try await clip.samples(track: 0) == left.flatMap { [$0, -$0] })
                }
                try await expectFormat(clip, recording, frames, sound)
            }
            try await expectDocuments(report.folder, recording, plan)
        }

        private func expectFormat(
            _ clip: DeliveredClip, _ recording: TestRecording, _ frames: Range<Int>, _ sound: DeliveryOptions.Sound
        ) async throws {
            let probe = try await clip.probe()
            let code = recording.time.timecode(recording.frame(frames.lowerBound))
            let seconds = Double(frames.count) / Double(recording.rate)
            #expect(
                probe.streams.map(\.codecType) == ["video"] + (sound == .mono ? ["audio", "audio"] : ["audio"]) + [
                    "data"
                ])
            let picture = probe.streams[0]
            #expect(
                picture.nbReadFrames == "\(frames.count)" && picture.codecName == "h264"
                    && picture.codecTagString == "avc1"
            )
            #expect(picture.rFrameRate == "\(recording.rate)/1" && picture.fieldOrder == "progressive")
            #expect(picture.colorPrimaries == "bt709" && picture.profile == "High" && picture.tags?["timecode"] == code)
            for stream in probe.streams[1...] where stream.codecType == "audio" {
                #expect(stream.codecName == "pcm_s24be" && stream.sampleRate == "48000")
                #expect(stream.channels == (sound == .mono ? 1 : 2))
            }
            for stream in probe.streams {
                #expect(
                    Double(stream.startTime ?? "0") == 0 && abs((Double(stream.duration ?? "") ?? 0) - seconds) < 0.0001
                )
            }
            #expect(probe.streams.last?.codecTagString == "tmcd" && probe.streams.last?.tags?["timecode"] == code)
            #expect(
                probe.format.tags?["com.apple.quicktime.title"]?.hasPrefix("0") == true, "\(probe.format.tags ?? [:])")
            let info = try await Outside.run(
                "mediainfo --Output='General;%Format%|%VideoCount%|%AudioCount%|%OtherCount%|%Duration%\\n' '\(clip.path)'"
            )
            let fields = info.split(separator: "\n")[0].split(separator: "|").map(String.init)
            #expect(
                fields == ["MPEG-4", "1", sound == .mono ? "2" : "1", "1", "\(Int((seconds * 1000).rounded()))"],
                "\(info)")
            let other = try await Outside.run(
                "mediainfo --Output='Other;%TimeCode_FirstFrame%|%FrameCount%' '\(clip.path)'")
            #expect(other.hasPrefix("\(code)|"), "\(other)")
        }

        private func expectDocuments(_ folder: String, _ recording: TestRecording, _ plan: DeliveryPlan) async throws {
            #expect(
                try Files.list(folder) == [
                    "ascmhl", "clips", "edit", "log", "manifest.json", "master", "md5sums.txt", "qc",
                ])
            try await Outside.run("md5sum --quiet --strict -c md5sums.txt", in: folder)
            try await Outside.run("\(Outside.tool("ascmhl-debug")) verify '\(folder)'")
            #expect(try DeliveryVerification(folder).run().isGood)
            try await expectMaster(folder, recording, plan)
            // Every form of the edit list names the same, and each file that is named is there.
            var seen: [EditTests.Read] = []
            for name in ["S1.edl", "S1.fcp7.xml", "S1.otio"] {
                let text = try await Outside.run(
                    "\(Outside.tool("python3")) \(Outside.fixture("read-timeline.py")) '\(folder)/edit/\(name)' \(recording.rate)"
                )
                seen.append(try JSONDecoder().decode(EditTests.Read.self, from: Data(text.utf8)))
            }
            let begins = plan.reports.map { $0.start - recording.frame(0) }.sorted()
            for read in seen {
                let clips = try #require(read.tracks.first { $0.kind == "Video" }).clips
                #expect(Set(clips.map(\.name)) == ["01 市财政局", "02 市教育局/体育局", "03 市\"卫生\"局", "03 市\"卫生\"局 (2)"])
                for file in clips.compactMap(\.file) {
                    #expect(Files.exists("\(folder)/edit/\(file.removingPercentEncoding ?? "")"))
                }
            }
            #expect(seen[1].tracks[0].clips.map(\.start).sorted() == begins)
            #expect(seen[2].tracks[0].clips.map(\.start).sorted() == begins)
            let day = 86_400 * recording.rate
            #expect(seen[0].tracks[0].clips.map(\.source).sorted() == plan.reports.map { $0.start % day }.sorted())
            for read in seen[1...] {
                #expect(read.markers.count == plan.reports.count + 1)
                #expect(read.markers.contains { $0.name == "掌声" && $0.at == 80 })
            }
            #expect(seen[0].tracks[0].clips.flatMap(\.markers).contains { $0.name == "掌声" })
            let manifest = try JSONDecoder().decode(Manifest.self, from: Data(Files.read("\(folder)/manifest.json")))
            #expect(manifest.clips.count == plan.reports.count && manifest.activity == "2012年“三民”活动")
            #expect(
                manifest.created == "2012-11-26T09:00:00Z" && manifest.files.contains { $0.path == "log/asrun.csv" })
            let loudness = try JSONDecoder().decode(
                LoudnessReport.self, from: Data(Files.read("\(folder)/qc/loudness.json")))
            #expect(loudness.clips.count == plan.reports.count && loudness.target.integratedLkfs == -24)
        }

        /// The segments with chapters, and what was recorded in them to the byte.
        private func expectMaster(_ folder: String, _ recording: TestRecording, _ plan: DeliveryPlan) async throws {
            let manifest = try JSONDecoder().decode(Manifest.self, from: Data(Files.read("\(folder)/manifest.json")))
            struct Probe: Decodable {
                struct Chapter: Decodable {
                    var startTime: String
                    var endTime: String
                    var tags: [String: String]
                }
                var chapters: [Chapter]
            }
            var titles: [String] = []
            for (index, name) in try Files.list("\(folder)/master").filter({ $0.hasSuffix(".mkv") }).enumerated() {
                let original = try Files.read("\(recording.directory)/master/\(name)", limit: 1 << 30)
                var bytes = try Files.read("\(folder)/master/\(name)", limit: 1 << 30)
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                let text = try await Outside.run(
                    "ffprobe -v error -show_chapters -of json '\(folder)/master/\(name)'")
                let chapters = try decoder.decode(Probe.self, from: Data(text.utf8)).chapters
                titles += chapters.compactMap { $0.tags["title"] }
                // Sixty frames each: what lies over their borders has a chapter in each.
                let start = recording.frame(index * 60)
                for report in plan.reports where report.take == 1 {
                    let part = report.range.clamped(to: start..<(start + 60))
                    let begins = Double(part.lowerBound - start) / Double(recording.rate)
                    let isThere = chapters.contains {
                        $0.tags["title"]?.hasSuffix(report.planned.department) == true
                            && abs((Double($0.startTime) ?? -1) - begins) < 0.001
                    }
                    #expect(isThere == !part.isEmpty, "\(name) \(report.planned.department)")
                }
                let restore = try #require(manifest.chapters.first { $0.file == "master/\(name)" })
                bytes.removeLast(bytes.count - restore.bytes)
                for part in restore.original {
                    let digits = Array(part.bytes)
                    let old = stride(from: 0, to: digits.count, by: 2).map {
                        UInt8(String(digits[$0...($0 + 1)]), radix: 16)!
                    }
                    bytes.replaceSubrange(part.offset..<(part.offset + old.count), with: old)
                }
                #expect(bytes == original, "as the manifest says it comes back")
                try await Outside.run("ffmpeg -v error -xerror -i '\(folder)/master/\(name)' -f null -")
            }
            #expect(titles.contains("掌声") && titles.contains("02 市教育局/体育局"))
        }

        /// Every place at which a run may end, and the run after it.
        @Test func whateverBreaksItOffTheNextRunCompletesIt() async throws {
            var recording = try TestRecording()
            for start in stride(from: 0, to: 150, by: 50) { try await recording.add(start..<(start + 50)) }
            let plan = recording.plan([
                recording.report(1, "市财政局", 10..<40), recording.report(2, "市教育局", 45..<120),
            ])
            var places: [String] = []
            let whole = try recording.deliver(plan) { job in
                job.checkpoint = { place in places.append(place) }
            }
            let expected = try contents(whole.folder)
            // Many of them are in the middle of a file; of those the first and some others.
            var seen: [String: Int] = [:]
            let chosen = places.indices.filter { index in
                seen[places[index], default: 0] += 1
                return seen[places[index]]! <= 2 || seen[places[index]]! % 40 == 0
            }
            #expect(chosen.count > 40)
            let marksFile = "\(recording.directory)/deliveries.jsonl"
            struct Fault: Error {}
            for stop in chosen {
                let target = recording.scratch.file("disk-\(stop)")
                try Files.ensureDirectory(target, mode: 0o755)
                var count = 0
                #expect(throws: Fault.self, "\(places[stop])") {
                    try recording.deliver(plan, to: target) { job in
                        job.checkpoint = { _ in
                            defer { count += 1 }
                            if count == stop { throw Fault() }
                        }
                    }
                }
                let isWhole = ["published", "written down"].contains(places[stop])
                #expect(Files.exists("\(target)/20121126_S1") == isWhole, "nothing that is not whole has its name")
                // The second run is on another day, and the delivery is of the first one's.
                let report = try recording.deliver(plan, to: target) { $0.now = { 1_999_999_999 } }
                #expect(try contents(report.folder) == expected, "\(places[stop])")
                let marks = String(decoding: try Files.read(marksFile), as: UTF8.self).split(separator: "\n")
                #expect(marks.count { $0.contains("\(target)/") } == 1, "\(places[stop]): written down once")
                #expect(try Files.list(target) == ["20121126_S1"])
                try FileManager.default.removeItem(atPath: target)
            }
        }

        /// A disk that fills up, at whatever file: what it took is kept, and the rest comes when there is room.
        @Test func aDiskThatFillsUpCostsNothingThatIsDone() async throws {
            var recording = try TestRecording()
            for start in stride(from: 0, to: 150, by: 50) { try await recording.add(start..<(start + 50)) }
            let plan = recording.plan([
                recording.report(1, "市财政局", 10..<40), recording.report(2, "市教育局", 45..<120),
            ])
            var steps = 0
            let whole = try recording.deliver(plan) { job in job.checkpoint = { _ in steps += 1 } }
            let expected = try contents(whole.folder)
            let disk = recording.scratch.file("small")
            try Files.ensureDirectory(disk, mode: 0o755)
            try await Outside.run("mount -t tmpfs -o size=100m tmpfs '\(disk)'")
            defer { umount2(disk, Int32(MNT_DETACH)) }
            var refusals = 0
            for stop in stride(from: 0, to: steps, by: max(1, steps / 12)) {
                var count = 0
                // Somebody else takes all the room that is left.
                let filler = "\(disk)/filler"
                do {
                    _ = try recording.deliver(plan, to: disk) { job in
                        job.checkpoint = { _ in
                            if count == stop {
                                let handle = try FileDescriptorOwner.open(filler, O_WRONLY | O_CREAT, mode: 0o644)
                                let piece = [UInt8](repeating: 0, count: 1 << 12)
                                while write(handle.descriptor, piece, piece.count) == piece.count {}
                            }
                            count += 1
                        }
                    }
                } catch {
                    refusals += 1
                    #expect("\(error)".contains("No space left") && "\(error)".contains("Make room"), "\(error)")
                    #expect(!Files.exists("\(disk)/20121126_S1"))
                }
                try Files.remove(filler)
                if !Files.exists("\(disk)/20121126_S1") {
                    _ = try recording.deliver(plan, to: disk) { $0.now = { 1_999_999_999 } }
                }
                #expect(try contents("\(disk)/20121126_S1") == expected)
                try FileManager.default.removeItem(atPath: "\(disk)/20121126_S1")
                #expect(try Files.list(disk).isEmpty)
            }
            #expect(refusals > 5)
        }

        /// Names and checksums.
        private func contents(_ folder: String) throws -> [String: String] {
            var result: [String: String] = [:]
            for case let path as String in FileManager.default.enumerator(atPath: folder)! {
                var isDirectory: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isDirectory)
                if isDirectory.boolValue { continue }
                result[path] = MD5Sums.hash(try Files.read("\(folder)/\(path)", limit: 1 << 30))
            }
            return result
        }

        @Test func whatIsDoneIsNotDoneAgain() async throws {
            var recording = try TestRecording()
            for start in [0, 50] { try await recording.add(start..<(start + 50)) }
            var plan = recording.plan([recording.report(1, "一", 10..<40), recording.report(2, "二", 50..<90)])
            struct Fault: Error {}
            var steps: [String] = []
            #expect(throws: Fault.self) {
                try recording.deliver(plan) { job in
                    job.checkpoint = {
                        steps.append($0)
                        if $0 == "documents" { throw Fault() }
                    }
                }
            }
            #expect(steps.count { $0 == "clip begun" } == 2)
            // Meanwhile report 2 was amended: that clip alone is cut anew, and what it was before is not left behind.
            plan.reports[1] = recording.report(2, "二局", 55..<90)
            steps = []
            let report = try recording.deliver(plan) { job in job.checkpoint = { steps.append($0) } }
            #expect(steps.count { $0 == "clip begun" } == 1)
            // Its chapter is another as well, in the segment that it lies in.
            #expect(!steps.contains("master/S1_0001.mkv is written"))
            #expect(steps.contains("master/S1_0002.mkv is written"))
            #expect(try Files.list("\(report.folder)/clips") == ["20121126_S1_01_一.mov", "20121126_S1_02_二局.mov"])
            #expect(try DeliveryVerification(report.folder).run().isGood)
        }
    }
}
