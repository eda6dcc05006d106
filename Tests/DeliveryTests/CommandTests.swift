import Foundation
import Glibc
import LinuxSystem
import Rig
import Sessions
import Synchronization
import Testing
import VenuecastModel
import VenuectlKit
import WorkerProtocol

@testable import Delivery

extension DeliveryRuns {
    /// `venuectl recording …`, with what the daemon's sessions leave beside a recording.
    @Suite(.timeLimit(.minutes(3))) struct CommandTests {
        private func run(_ arguments: [String], size: Console.Size? = nil) async -> (Int32, String, String) {
            let output = Mutex("")
            let complaints = Mutex("")
            let console = Console(
                environment: [:], write: { text in output.withLock { $0 += text } },
                complain: { text in complaints.withLock { $0 += text } }, size: { size })
            let code = await Venuectl.run(arguments, console: console)
            return (code, output.withLock { $0 }, complaints.withLock { $0 })
        }

        /// Six seconds, and a session of two reports, one of them repeated, in the daemon's own words.
        private func recording() async throws -> TestRecording {
            var recording = try TestRecording()
            for start in [0, 50, 100] { try await recording.add(start..<(start + 50)) }
            let plan = PlannedSession(
                id: "S1",
                reports: [
                    PlannedReport(number: 1, department: "市财政局", limitSeconds: 1, title: "预算", speaker: "张三"),
                    PlannedReport(number: 2, department: "市教育局", limitSeconds: 600),
                    PlannedReport(number: 3, department: "市公安局", limitSeconds: 600),
                ])
            // A press is somewhere within its frame.
            func at(_ number: Int) -> Moment {
                let monotonic = (TestRecording.firstSlot + UInt64(number)) * 40_000_000 + 17_000_000
                return Moment(
                    bootID: recording.clock.bootID, monotonic: monotonic,
                    wall: recording.clock.clock.wallTime(at: monotonic))
            }
            let presses: [(Int, SessionEvent)] = [
                (2, .sessionStarted(plan, clock: recording.clock)), (10, .reportStarted(1, wasNext: true)),
                (50, .reportStarted(2, wasNext: true)), (60, .marked("掌声")), (80, .reportEnded),
                (90, .reportStarted(1, wasNext: false)), (120, .reportEnded), (140, .sessionEnded),
            ]
            let log = SessionLog(
                presses.enumerated().map { index, press in
                    JournalEntry(
                        sequence: index + 1, at: at(press.0), by: Person(name: "li", uid: 1001), event: press.1)
                })
            let asRun = try #require(AsRun(log, session: "S1", activity: "2012年“三民”活动"))
            try Files.writeAtomically("\(recording.directory)/asrun.json", asRun.json(), mode: 0o644)
            return recording
        }

        private func deliver(_ recording: TestRecording, _ more: String...) -> [String] {
            ["recording", "deliver", "S1", "--to", recording.target, "--recordings", recording.recordings] + more
        }

        @Test func deliversAndVerifiesFromWhatTheDaemonLeft() async throws {
            let recording = try await recording()
            let (code, output, complaints) = await run(
                deliver(recording, "--handles", "0.2", "--sound", "stereo"), size: .init(columns: 120, rows: 30))
            #expect(code == 0 && complaints.isEmpty, "\(complaints)")
            let folder = "\(recording.target)/20121126_S1"
            #expect(
                output.contains("✓\u{1B}[0m \(folder): 3 clips") || output.contains("✓ \(folder): 3 clips"), "\(output)"
            )
            let manifest = try JSONDecoder().decode(Manifest.self, from: Data(Files.read("\(folder)/manifest.json")))
            #expect(manifest.clips.map(\.number) == [1, 2, 1] && manifest.clips.map(\.take) == [1, 1, 2])
            #expect(manifest.activity == "2012年“三民”活动" && manifest.clips[0].speaker == "张三")
            for (clip, range) in zip(manifest.clips, [5..<55, 45..<85, 85..<125]) {
                let file = "\(folder)/\(try #require(clip.file))"
                #expect(try await DeliveredClip(path: file).painted() == Array(range))
            }
            let rundown = String(decoding: try Files.read("\(folder)/log/rundown.csv"), as: UTF8.self)
            #expect(rundown.contains("S1,3,市公安局,,,600,0"))
            let asRun = String(decoding: try Files.read("\(folder)/log/asrun.csv"), as: UTF8.self)
            #expect(asRun.contains(",1,0.600,li,li,no,clips/20121126_S1_01_市财政局.mov,"), "\(asRun)")
            #expect(try Files.read("\(folder)/log/asrun.json") == Files.read("\(recording.directory)/asrun.json"))

            let good = await run(["recording", "verify", folder])
            #expect(good.0 == 0 && good.1.contains("files are as they were"), "\(good)")
            let again = await run(deliver(recording))
            #expect(again.0 == 1 && again.2.contains("is there already"))
            try Files.writeAtomically("\(folder)/edit/S1.edl", [1])
            let bad = await run(["recording", "verify", folder, "--json"])
            #expect(bad.0 == 1)
            let report = try JSONDecoder().decode(VerificationReport.self, from: Data(bad.1.utf8))
            #expect(report.problems.map(\.path) == ["edit/S1.edl"])
            let shown = await run(["recording", "verify", folder, "--lang", "zh"])
            #expect(shown.0 == 1 && shown.1.contains("内容不符") && shown.1.contains("edit/S1.edl"))
        }

        /// As the station asks, unless the command says otherwise.
        @Test func theConfigurationSaysWhatTheStationWants() async throws {
            let recording = try await recording()
            let file = try recording.scratch.write(
                "venuecast.toml",
                Array(
                    """
                    # No activity, no inputs: nothing else is looked at.
                    [recording]
                    directory = "\(recording.recordings)"
                    [delivery]
                    sound = "stereo"
                    handleSeconds = 0
                    master = false
                    asciiNames = true
                    gbk = true

                    """.utf8))
            let first = await run(["recording", "deliver", "S1", "--to", recording.target, "--config", file])
            #expect(first.0 == 0, "\(first.2)")
            let folder = "\(recording.target)/20121126_S1"
            let clip = DeliveredClip(path: "\(folder)/clips/20121126_S1_01.mov")
            #expect(try await clip.painted() == Array(10..<50))
            #expect(try await clip.probe().streams.filter { $0.codecType == "audio" }.map(\.channels) == [2])
            #expect(!Files.exists("\(folder)/master") && Files.exists("\(folder)/edit/gbk/S1.edl"))

            try FileManager.default.removeItem(atPath: folder)
            let second = await run(
                deliver(
                    recording, "--config", file, "--with-master", "--sound", "mono", "--no-gbk", "--no-ascii-names",
                    "--handles", "0.2"))
            #expect(second.0 == 0, "\(second.2)")
            let other = DeliveredClip(path: "\(folder)/clips/20121126_S1_01_市财政局.mov")
            #expect(try await other.painted() == Array(5..<55))
            #expect(try await other.probe().streams.filter { $0.codecType == "audio" }.map(\.channels) == [1, 1])
            #expect(Files.exists("\(folder)/master") && !Files.exists("\(folder)/edit/gbk"))

            try Files.writeAtomically(file, Array("[delivery]\nsond = \"mono\"\n".utf8))
            let wrong = await run(deliver(recording, "--config", file))
            #expect(wrong.0 == 1 && wrong.2.contains("write sound"), "\(wrong.2)")
            let missing = await run(deliver(recording, "--config", "/nowhere.toml"))
            #expect(missing.0 == 1 && missing.2.contains("there is no file"), "\(missing.2)")
        }

        @Test func refusesInBothLanguages() async throws {
            let recording = try TestRecording()
            let missing = await run(deliver(recording, "--lang", "zh"))
            #expect(missing.0 == 1 && missing.2.contains("没有可用的录制分段"), "\(missing)")
            for session in ["..", "a/b", ""] {
                #expect(await run(["recording", "deliver", session, "--to", "/tmp"]).0 == 2)
            }
            #expect(await run(deliver(recording, "--handles=-1")).0 == 2)
            let none = await run(["recording", "verify", recording.target])
            #expect(none.0 == 1 && none.2.contains("is not a delivery"))
        }

        @Test func withoutAnAsRunLogTheRecordingAloneIsDelivered() async throws {
            let recording = try await recording()
            try Files.remove("\(recording.directory)/asrun.json")
            let (code, output, _) = await run(deliver(recording))
            #expect(code == 0 && output.contains("nobody knows of the reports"), "\(output)")
            #expect(try DeliveryVerification("\(recording.target)/20121126_S1").run().isGood)
        }

        @Test func proxiesHaveTheSameTimecode() async throws {
            let recording = try await recording()
            let (code, _, complaints) = await run(
                deliver(recording, "--handles", "0", "--proxies", "--ascii-names", "--gbk"))
            #expect(code == 0, "\(complaints)")
            let folder = "\(recording.target)/20121126_S1"
            let names = ["20121126_S1_01-2", "20121126_S1_01", "20121126_S1_02"]
            #expect(try Files.list("\(folder)/clips") == names.map { "\($0).mov" })
            #expect(try Files.list("\(folder)/proxies") == names.map { "\($0).mp4" })
            for name in names {
                let clip = try await DeliveredClip(path: "\(folder)/clips/\(name).mov").probe()
                let proxy = try await DeliveredClip(path: "\(folder)/proxies/\(name).mp4").probe()
                #expect(proxy.streams[0].tags?["timecode"] == clip.streams[0].tags?["timecode"])
                #expect(proxy.streams[0].nbReadFrames == clip.streams[0].nbReadFrames)
                #expect(proxy.streams.map(\.codecName) == ["h264", "aac", nil] && proxy.streams[1].channels == 2)
                #expect(
                    try await DeliveredClip(path: "\(folder)/proxies/\(name).mp4").painted()
                        == DeliveredClip(path: "\(folder)/clips/\(name).mov").painted())
            }
            let text = try await Outside.run("iconv -f GBK -t UTF-8 '\(folder)/edit/gbk/S1.edl'")
            #expect(text.contains("* FROM CLIP NAME: 01 市财政局"))
            #expect(try DeliveryVerification(folder).run().isGood)
        }

        /// As a real process, killed while an encoder works for it, and asked politely another time.
        @Test func aKilledDeliveryIsCompletedByTheNextRun() async throws {
            let recording = try await recording()
            let workspace = try Workspace()
            defer { workspace.cleanUp() }
            let arguments = deliver(recording, "--proxies")
            let staging = "\(recording.target)/.20121126_S1.delivering"
            for (signal, expected) in [(SIGKILL, ExitStatus.signalled(SIGKILL)), (SIGINT, .exited(code: 1))] {
                let process = try workspace.spawn("venuectl", arguments, log: "venuectl.log")
                try await waitFor("an encoder works") { Files.exists("\(staging)/folder/proxies") ? true : nil }
                process.signal(signal)
                let status = await process.waitForExit(timeout: .seconds(20))
                #expect(status == expected)
                #expect(!Files.exists("\(recording.target)/20121126_S1"))
                try FileManager.default.removeItem(atPath: "\(staging)/folder/proxies")
            }
            let log = String(decoding: try Files.read(workspace.file("venuectl.log")), as: UTF8.self)
            #expect(log.contains("Run the same command again"), "\(log)")
            let process = try workspace.spawn("venuectl", arguments, log: "second.log")
            #expect(await process.waitForExit(timeout: .seconds(60)) == .exited(code: 0))
            #expect(try Files.list(recording.target) == ["20121126_S1"])
            #expect(try DeliveryVerification("\(recording.target)/20121126_S1").run().isGood)
            let whole = try await self.recording()
            #expect(await run(deliver(whole, "--proxies")).0 == 0)
            for folder in ["clips", "proxies", "master", "edit", "log", "qc"] {
                try await Outside.run(
                    "diff -r '\(whole.target)/20121126_S1/\(folder)' '\(recording.target)/20121126_S1/\(folder)'")
            }
        }

        /// kill -9 to a real process, after each thing that it has written down as done.
        @Test func killedAfterEachStepTheNextRunGoesOn() async throws {
            let recording = try await recording()
            let whole = try await self.recording()
            #expect(await run(deliver(whole)).0 == 0)
            let workspace = try Workspace()
            defer { workspace.cleanUp() }
            let journal = "\(recording.target)/.20121126_S1.delivering/journal"
            let finished = "\(recording.target)/20121126_S1"
            func lines() -> Int { ((try? Files.read(journal)) ?? []).count { $0 == 0x0A } }
            var runs = 0
            while !Files.exists(finished), runs < 50 {
                runs += 1
                let before = lines()
                let process = try workspace.spawn("venuectl", deliver(recording), log: "venuectl-\(runs).log")
                // Its own beginning is a line as well.
                try await waitFor("one thing more is done") {
                    lines() > before + 1 || Files.exists(finished) ? true : nil
                }
                process.signal(SIGKILL)
                _ = await process.waitForExit(timeout: .seconds(20))
            }
            #expect(Files.exists(finished) && runs > 1)
            let last = await run(deliver(recording))
            #expect(last.0 == 0 || last.2.contains("is there already"), "\(last)")
            #expect(try Files.list(recording.target) == ["20121126_S1"])
            #expect(try DeliveryVerification(finished).run().isGood)
            for folder in ["clips", "master", "edit", "log", "qc"] {
                try await Outside.run("diff -r '\(whole.target)/20121126_S1/\(folder)' '\(finished)/\(folder)'")
            }
        }

        @Test func xdcamIsRefusedForAnythingButItsOwnSize() async throws {
            let recording = try await recording()
            let (code, _, complaints) = await run(deliver(recording, "--mxf"))
            #expect(code == 1 && complaints.contains("1920 × 1080"), "\(complaints)")
            #expect(try Files.list(recording.target).isEmpty, "before anything is written")
        }

        /// SMPTE RDD 9, as another program reads it.
        @Test(arguments: [25, 50]) func xdcamIsWhatNewsroomsTake(rate: Int) async throws {
            var recording = try TestRecording(rate: rate, pictures: .full)
            try await recording.add(0..<50)
            var options = recording.options
            options.handleSeconds = 0
            options.includesMXF = true
            let report = try recording.deliver(recording.plan([recording.report(1, "市财政局", 2..<50)]), options)
            let file = "\(report.folder)/mxf/20121126_S1_01_市财政局.mxf"
            let probe = try await DeliveredClip(path: file).probe()
            let picture = probe.streams[0]
            #expect(picture.codecName == "mpeg2video" && picture.profile == "4:2:2" && picture.width == 1920)
            #expect(picture.fieldOrder == "tt" && picture.rFrameRate == "25/1")
            #expect(picture.nbReadFrames == (rate == 25 ? "48" : "24"))
            #expect(probe.streams.filter { $0.codecType == "audio" }.map(\.codecName) == ["pcm_s24le", "pcm_s24le"])
            #expect(probe.streams.filter { $0.codecType == "audio" }.allSatisfy { $0.channels == 1 })
            let info = try await Outside.run(
                """
                mediainfo --Output='General;%Format%|%Format_Commercial_IfAny%|%Format_Profile%\\n' '\(file)'; \
                mediainfo --Output='Video;%Width%x%Height%|%ScanType%|%ScanOrder%|%ChromaSubsampling%|%BitRate_Mode%\\n' '\(file)'; \
                mediainfo --Output='Other;%TimeCode_FirstFrame%\\n' '\(file)'
                """)
            // A second of it is too little for mediainfo to be sure.
            #expect(info.contains(rate == 25 ? "MXF|XDCAM HD422|OP-1a" : "|OP-1a"), "\(info)")
            #expect(info.contains("1920x1080|Interlaced|TFF|4:2:2|CBR"), "\(info)")
            #expect(info.contains(rate == 25 ? "09:00:00:02" : "09:00:00:01"), "\(info)")
            #expect(try DeliveryVerification(report.folder).run().isGood)
        }

        /// What was recorded in 4:2:2 loses none of it on the way to an editor.
        @Test func aMasterIn422StaysThat() async throws {
            var recording = try TestRecording(pictures: .striped)
            try await recording.add(0..<50)
            var options = recording.options
            options.handleSeconds = 0
            (options.includesMXF, options.includesProxies) = (true, true)
            let report = try recording.deliver(recording.plan([recording.report(1, "市财政局", 2..<50)]), options)
            let name = "20121126_S1_01_市财政局"
            let clip = DeliveredClip(path: "\(report.folder)/clips/\(name).mov")
            let master = DeliveredClip(path: "\(report.folder)/master/S1_0001.mkv")
            #expect(try await clip.unitHashes() == Array(master.unitHashes().dropFirst(2)), "not encoded again")
            let picture = try await clip.probe().streams[0]
            #expect(picture.pixFmt == "yuv422p" && picture.profile?.hasPrefix("High 4:2:2") == true)
            let mxf = DeliveredClip(path: "\(report.folder)/mxf/\(name).mxf")
            #expect(try await mxf.probe().streams[0].pixFmt == "yuv422p")
            for one in [clip, mxf] {
                let step = try await one.colourStep()
                #expect(abs(step - 76) < 8, "\(one.path): from row to row \(step)")
            }
            let proxy = DeliveredClip(path: "\(report.folder)/proxies/\(name).mp4")
            #expect(try await proxy.probe().streams[0].pixFmt == "yuv420p", "for players")
            #expect(try DeliveryVerification(report.folder).run().isGood)
        }

        /// Against the sum of what is known and of another program's reckoning.
        @Test func loudnessIsWhatOthersMeasure() async throws {
            var recording = try TestRecording()
            // 1 kHz at -23 dBFS on both channels is -23 LKFS by definition (EBU Tech 3341); then ten decibels less, then silence.
            let levels = [-23.0, -33, -200]
            recording.makeSound = { frame in
                let amplitude = pow(10, levels[frame / 100] / 20) * 8_388_607
                return (0..<1920).flatMap { index -> [UInt8] in
                    let phase = Double(frame * 1920 + index) * 1000 / 48_000 * 2 * .pi
                    let value = Int32((sin(phase) * amplitude).rounded())
                    return (0..<6).map { UInt8(truncatingIfNeeded: value >> ($0 % 3 * 8)) }
                }
            }
            for start in [0, 100, 200] { try await recording.add(start..<(start + 100)) }
            var options = recording.options
            options.handleSeconds = 0
            options.sound = .stereo
            let report = try recording.deliver(
                recording.plan([
                    recording.report(1, "一", 0..<100), recording.report(2, "二", 100..<200),
                    recording.report(3, "三", 200..<300),
                ]), options)
            let file = "\(report.folder)/qc/loudness.json"
            let measured = try JSONDecoder().decode(LoudnessReport.self, from: Data(Files.read(file)))
            let values = measured.clips.map(\.measured)
            #expect(values.map(\.integratedLkfs) == [-23, -33, nil])
            #expect(values[0].problems.isEmpty && values[1].problems == ["too quiet: -33.0 LKFS"])
            #expect(values[2].problems == ["silent"] && values.prefix(2).map(\.truePeakDbtp) == [-23, -33])
            #expect(report.loudnessProblems == ["2 二: too quiet: -33.0 LKFS", "3 三: silent"])
            for (clip, value) in zip(measured.clips, values).prefix(2) {
                let text = try await Outside.run(
                    "ffmpeg -hide_banner -nostats -i '\(report.folder)/\(clip.file!)' -map 0:a -af ebur128=peak=true -f null - 2>&1"
                )
                let line = try #require(text.split(separator: "\n").last { $0.contains(" I: ") })
                let other = try #require(line.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }.first)
                #expect(abs(other - value.integratedLkfs!) <= 0.15, "\(line)")
            }
            // The relative gate leaves out what is more than ten below: the louder third alone counts, nearly.
            #expect(measured.whole.integratedLkfs! > -26 && measured.whole.integratedLkfs! <= -23)
        }
    }
}
