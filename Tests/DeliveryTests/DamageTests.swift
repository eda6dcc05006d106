import Foundation
import Glibc
import LinuxSystem
import Testing
import WorkerProtocol

@testable import Delivery

extension DeliveryRuns {
    /// What is damaged, gone or in the way.
    @Suite(.timeLimit(.minutes(3))) struct DamageTests {
        /// Three segments of fifty frames, and a report over all of them.
        private func recording() async throws -> (TestRecording, DeliveryPlan, segments: [String]) {
            var recording = try TestRecording()
            var segments: [String] = []
            for start in [0, 50, 100] { segments.append(try await recording.add(start..<(start + 50))) }
            return (recording, recording.plan([recording.report(1, "市财政局", 10..<140)]), segments)
        }

        private func painted(_ report: DeliveryReport) async throws -> [Int] {
            try await DeliveredClip(path: "\(report.folder)/clips/20121126_S1_01_市财政局.mov").painted()
        }

        private var options: DeliveryOptions {
            var options = DeliveryOptions()
            options.handleSeconds = 0
            return options
        }

        /// A picture that is missing is the one before, so that everything after it stays where it was.
        private func expected(_ range: Range<Int>, without lost: Range<Int>) -> [Int] {
            range.map { lost.contains($0) ? lost.lowerBound - 1 : $0 }
        }

        @Test func aDamagedStructureCostsOnlyItsOwnFrames() async throws {
            let (recording, plan, segments) = try await recording()
            let survey = try MasterSegment.survey(
                try JSONDecoder().decode(
                    SegmentRecord.self, from: Data(Files.read("\(segments[1].dropLast(4)).json"))), path: segments[1])
            // From within the picture of frame 60 to within that of frame 63.
            var bytes = try Files.read(segments[1], limit: 1 << 30)
            for at in (survey.places[10].picture + 50)..<(survey.places[13].picture + 50) { bytes[at] = 0 }
            try Files.writeAtomically(segments[1], bytes)
            let report = try recording.deliver(plan, options)
            // Of frame 60 the head is whole: its picture is spoilt, and who can tell. What follows it until 63 is gone.
            let gap = try #require(report.gaps.first { $0.kind == .damaged })
            let start = recording.frame(60)
            #expect(
                gap.start >= start && gap.start <= recording.frame(61) && gap.end == recording.frame(64),
                "\(report.gaps)")
            let frames = try await painted(report)
            #expect(frames.count == 130)
            #expect(Array(frames[..<50]) == Array(10..<60))
            #expect(Array(frames[54...]) == Array(64..<140))
            let clip = DeliveredClip(path: "\(report.folder)/clips/20121126_S1_01_市财政局.mov")
            let left = try await clip.samples(track: 0)
            #expect(left.count == 130 * 1920)
            #expect(left[(52 * 1920)..<(53 * 1920)].allSatisfy { $0 == 0 }, "silent where there is nothing")
            #expect(left[(54 * 1920)...].elementsEqual((64 * 1920..<140 * 1920).map(TestRecording.sample)))
            #expect(try DeliveryVerification(report.folder).run().isGood)
            let table = String(decoding: try Files.read("\(report.folder)/log/gaps.csv"), as: UTF8.self)
            #expect(table.contains("damaged,\(recording.time.timecode(gap.start))") && table.contains("S1_0002.mkv"))
        }

        @Test func aSegmentThatIsGoneIsAHole() async throws {
            let (recording, plan, segments) = try await recording()
            try Files.remove(segments[1])
            let report = try recording.deliver(plan, options)
            #expect(try await painted(report) == expected(10..<140, without: 50..<100))
            #expect(
                report.gaps.map(\.kind) == [.damaged]
                    && report.gaps[0].range == recording.frame(50)..<recording.frame(100))
            #expect(report.gaps[0].cause.contains("No such file"))
        }

        @Test func oneFlippedBitIsFoundAndSaid() async throws {
            let (recording, plan, segments) = try await recording()
            let place = try MasterSegment.survey(
                try JSONDecoder().decode(
                    SegmentRecord.self, from: Data(Files.read("\(segments[1].dropLast(4)).json"))), path: segments[1]
            ).places[20]
            var bytes = try Files.read(segments[1], limit: 1 << 30)
            bytes[place.picture + Int(place.pictureBytes) - 9] ^= 1
            try Files.writeAtomically(segments[1], bytes)
            let report = try recording.deliver(plan, options)
            let gap = try #require(report.gaps.first)
            #expect(report.gaps.count == 1 && gap.kind == .damaged && gap.segment == "S1_0002.mkv")
            #expect(gap.cause.contains("pictures are not those that were recorded"))
            #expect(try await painted(report).count == 130)
        }

        @Test func whatTheDiskCannotReadIsAHole() async throws {
            let (recording, plan, segments) = try await recording()
            let survey = try MasterSegment.survey(
                try JSONDecoder().decode(
                    SegmentRecord.self, from: Data(Files.read("\(segments[1].dropLast(4)).json"))), path: segments[1])
            let bad = survey.places[20].picture...survey.places[29].picture
            let report = try recording.deliver(plan, options) { job in
                job.beforeRead = { file, offset in
                    if file == "S1_0002.mkv", bad.contains(offset) { throw SystemError(code: EIO, operation: "read") }
                }
            }
            #expect(try await painted(report) == expected(10..<140, without: 70..<80))
            #expect(report.gaps.first?.range == recording.frame(70)..<recording.frame(80), "\(report.gaps)")
            #expect(try DeliveryVerification(report.folder).run().isGood)
        }

        @Test func aHoleAtTheBeginningShowsTheFirstPictureThereIs() async throws {
            var recording = try TestRecording()
            try await recording.add(0..<50)
            try await recording.add(80..<130)
            let plan = recording.plan([
                recording.report(1, "市财政局", 60..<120), recording.report(2, "无", 55..<75),
                recording.report(3, "未录", 500..<600),
            ])
            let report = try recording.deliver(plan, options)
            #expect(try await painted(report) == (60..<120).map { max(80, $0) })
            #expect(report.withoutClip == [2, 3] && report.clips == 1)
            #expect(report.gaps.map(\.kind) == [.missing, .missing])
            #expect(
                report.gaps.map(\.range) == [
                    recording.frame(50)..<recording.frame(80), recording.frame(500)..<recording.frame(600),
                ])
            #expect(try DeliveryVerification(report.folder).run().isGood)
        }

        /// A recorder was killed, and nobody has closed what it left.
        @Test func aSegmentThatWasNeverClosedIsDelivered() async throws {
            var recording = try TestRecording()
            try await recording.add(0..<50)
            let path = try await recording.add(50..<100, isClosed: false)
            // In the middle of a frame.
            let bytes = try Files.read(path, limit: 1 << 30)
            try Files.writeAtomically(path, Array(bytes.dropLast(3000)))
            let report = try recording.deliver(recording.plan([recording.report(1, "市财政局", 10..<100)]), options)
            #expect(try await painted(report) == Array(10..<99))
            #expect(report.gaps.map(\.range) == [recording.frame(99)..<recording.frame(100)])
        }

        @Test func aSessionThatIsBeingRecordedIsRefused() async throws {
            var recording = try TestRecording()
            let path = try await recording.add(0..<50, isClosed: false)
            let plan = recording.plan([])
            let descriptor = try FileDescriptorOwner.open(path, O_RDWR).take()
            #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
            let error = #expect(throws: DeliveryError.self) { try recording.deliver(plan) }
            #expect(error?.text.contains("still being recorded") == true && error?.textZh.contains("仍在录制") == true)
            #expect(try Files.list(recording.target).isEmpty)
            close(descriptor)
            #expect(throws: Never.self) { try recording.deliver(plan) }
        }

        @Test func refusesTargetsBeforeAnythingIsWritten() async throws {
            let (recording, plan, _) = try await recording()
            func refusal(_ target: String) -> String? {
                do {
                    _ = try recording.deliver(plan, options, to: target)
                    return nil
                } catch {
                    return "\(error)"
                }
            }
            #expect(refusal(recording.scratch.file("nowhere"))?.contains("does not exist") == true)
            let file = try recording.scratch.write("file", [1])
            #expect(refusal(file)?.contains("is not a directory") == true)
            // Too small, and read-only.
            let small = recording.scratch.file("small")
            try Files.ensureDirectory(small, mode: 0o755)
            try await Outside.run("mount -t tmpfs -o size=40m tmpfs \(small) && head -c 15M /dev/zero > \(small)/other")
            defer { umount2(small, Int32(MNT_DETACH)) }
            #expect(refusal(small)?.contains("MB left") == true)
            #expect(try Files.list(small) == ["other"])
            try await Outside.run("mount -o remount,ro \(small)")
            #expect(refusal(small)?.contains("cannot be written to") == true)
            // Something else is there.
            try recording.scratch.write("disk/20121126_S1/mine.txt", [1])
            #expect(refusal(recording.target)?.contains("is there already") == true)
            #expect(try Files.list(recording.target) == ["20121126_S1"])
            // There is no recording of it.
            try FileManager.default.removeItem(atPath: recording.directory)
            #expect(refusal(recording.target)?.contains("no recording of S1") == true)
        }

        @Test func fileSystemLimitsAreKnownBeforehand() throws {
            let fat = TargetCheck.Facts(freeBytes: 1 << 40, largestFile: TargetCheck.fatLimit, longestName: 255)
            func check(_ facts: TargetCheck.Facts, _ path: String, _ bytes: Int) -> String? {
                do {
                    try TargetCheck.check(facts, target: "/media/usb", files: [("a", 1), (path, bytes)], extra: 0)
                    return nil
                } catch {
                    return "\(error)"
                }
            }
            #expect(check(fat, "clips/一.mov", 4_294_967_295) == nil)
            #expect(check(fat, "clips/一.mov", 4_294_967_296)?.contains("4 GiB") == true)
            var ext4 = fat
            ext4.largestFile = nil
            #expect(check(ext4, "clips/一.mov", 1 << 36) == nil)
            #expect(check(ext4, String(repeating: "长", count: 86), 1)?.contains("too long") == true)
            ext4.freeBytes = 1000
            #expect(check(ext4, "a", 2000)?.contains("are needed") == true)
        }

        /// Whoever writes to a segment meanwhile: nothing that was made from it is kept.
        @Test func aFileThatChangesWhileItIsReadIsRefused() async throws {
            let (recording, plan, segments) = try await recording()
            let original = try Files.read(segments[1], limit: 1 << 30)
            func attempt(_ place: String, _ change: @escaping () throws -> Void) -> String? {
                do {
                    var isDone = false
                    _ = try recording.deliver(plan, options) { job in
                        job.beforeRead = { file, offset in
                            guard file == "S1_0002.mkv", !isDone, place == "copy" ? offset == 0 : offset > 1000 else {
                                return
                            }
                            isDone = true
                            try change()
                        }
                    }
                    return nil
                } catch {
                    return "\(error)"
                }
            }
            func write(_ bytes: [UInt8], at offset: Int) throws {
                let owner = try FileDescriptorOwner.open(segments[1], O_WRONLY)
                #expect(pwrite(owner.descriptor, bytes, bytes.count, off_t(offset)) == bytes.count)
            }
            // Written to, made longer, cut off: while it is copied, and while clips are cut from it.
            let changes: [() throws -> Void] = [
                { try write([1, 2, 3], at: original.count / 2) }, { try write([0], at: original.count) },
                { truncate(segments[1], off_t(original.count / 2)) },
            ]
            for place in ["copy", "cut"] {
                for change in changes {
                    let refusal = attempt(place, change) ?? "delivered"
                    #expect(
                        refusal.contains("while it was read") && refusal.contains("run the same command"),
                        "\(place): \(refusal)")
                    #expect(!Files.exists("\(recording.target)/20121126_S1"))
                    try Files.writeAtomically(segments[1], original, mode: 0o644)
                }
            }
            // As it was again: the next run completes it.
            let report = try recording.deliver(plan, options)
            #expect(report.gaps.isEmpty)
            #expect(try await painted(report) == Array(10..<140))
            #expect(try DeliveryVerification(report.folder).run().isGood)
        }

        @Test func twoAtOnceAreOne() async throws {
            let (recording, plan, _) = try await recording()
            var refusal: String?
            let report = try recording.deliver(plan) { job in
                job.checkpoint = { place in
                    guard place == "documents" else { return }
                    refusal = (try? recording.deliver(plan)).map { _ in "delivered" } ?? "refused"
                }
            }
            #expect(refusal == "refused")
            #expect(try DeliveryVerification(report.folder).run().isGood)
            #expect(try Files.list(recording.target) == ["20121126_S1"])
        }

        @Test func namesAreGoodEverywhere() {
            #expect(FileNames.plain(" ../a:b*c?\"<>|\u{7}\\d. ") == "abcd")
            #expect(FileNames.plain("市 财政\u{200B}局") == "市_财政局")
            #expect(FileNames.plain(String(repeating: "长", count: 200)).utf8.count == 120)
            // Decomposed, as some systems type it.
            #expect(FileNames.plain("e\u{301}") == "\u{E9}" && FileNames.plain("e\u{301}").unicodeScalars.count == 1)
            let report = DeliveryPlan.Report(
                planned: .init(number: 3, department: "市财政局"), take: 2, start: 0, end: 1)
            #expect(FileNames.clip(delivery: "20121126_S1", report, isASCII: false) == "20121126_S1_03-2_市财政局")
            #expect(FileNames.clip(delivery: "20121126_S1", report, isASCII: true) == "20121126_S1_03-2")
        }

        @Test func namesEveryFileThatIsNotAsItWas() async throws {
            let (recording, plan, _) = try await recording()
            let folder = try recording.deliver(plan).folder
            #expect(try DeliveryVerification(folder).run().problems.isEmpty)
            func change(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
                var bytes = try Files.read("\(folder)/\(path)", limit: 1 << 30)
                body(&bytes)
                try Files.writeAtomically("\(folder)/\(path)", bytes)
            }
            let size = try Files.read("\(folder)/master/S1_0002.mkv", limit: 1 << 30).count
            try change("clips/20121126_S1_01_市财政局.mov") { $0[$0.count / 2] ^= 1 }
            try change("master/S1_0002.mkv") { $0.removeLast() }
            try Files.remove("\(folder)/edit/S1.edl")
            try Files.writeAtomically("\(folder)/clips/假.mov", [1])
            let report = try DeliveryVerification("\(folder)/").run()
            #expect(
                report.problems == [
                    .init(path: "clips/20121126_S1_01_市财政局.mov", kind: .wrong, detail: "xxh64"),
                    .init(path: "clips/假.mov", kind: .extra), .init(path: "edit/S1.edl", kind: .missing),
                    .init(
                        path: "master/S1_0002.mkv", kind: .wrong,
                        detail:
                            "\(size - 1) bytes instead of \(size)"),
                ])
            // The lists themselves.
            let list = try #require(try Files.list("\(folder)/ascmhl").first { $0.hasSuffix(".mhl") })
            try change("ascmhl/\(list)") { $0[$0.count - 5] = UInt8(ascii: "x") }
            #expect(
                try DeliveryVerification(folder).run().problems.contains {
                    $0.path == "ascmhl/\(list)" && $0.detail == "C4"
                })
            try Files.remove("\(folder)/ascmhl/ascmhl_chain.xml")
            #expect(throws: DeliveryError.self) { try DeliveryVerification(folder).run() }
        }

        /// What the station's own tool adds to the history is read as well.
        @Test func laterGenerationsCount() async throws {
            let (recording, plan, _) = try await recording()
            let folder = try recording.deliver(plan).folder
            try Files.writeAtomically("\(folder)/note.txt", Array("收到".utf8))
            #expect(try DeliveryVerification(folder).run().problems.map(\.kind) == [.extra])
            try await Outside.run("\(Outside.tool("ascmhl")) create -h md5 '\(folder)'")
            let report = try DeliveryVerification(folder).run()
            #expect(report.isGood, "\(report.problems)")
        }
    }
}
