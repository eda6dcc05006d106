import Foundation
import Glibc
import LinuxSystem
import Rig
import Testing
import VenuecastModel

extension SystemTests {
    /// `venuectl probe` at real streams, and at what is none.
    @Suite(.timeLimit(.minutes(3))) struct ProbeTests {
        /// As much of the answer as is looked at.
        private struct Answer: Decodable {
            struct Delay: Decodable {
                var p50Ms: Double
                var frames: Int
                var uncertaintyMs: Double
                var isOfBothClocks: Bool
            }

            struct Content: Decodable {
                struct Picture: Decodable {
                    var framesPerSecond: Double?
                    var width: Int?
                }

                struct Sound: Decodable { var peakDbfs: Double? }

                var picture: Picture
                var sound: Sound
                var findings: [Finding]
            }

            struct Finding: Decodable {
                var reason: Why
                var seconds: Double
            }

            struct Why: Decodable { var code: String }

            var ok: Bool
            var seconds: Double
            var delay: Delay?
            var notMeasured: Why?
            var stampedPictures: Int
            var unstampedPictures: Int
            var content: Content
            var findings: [Finding]
            var end: Why?
        }

        private func probe(_ arguments: [String], _ workspace: Workspace) async throws
            -> (code: Int32, answer: Answer, complaint: String)
        {
            let run = try await Stage.venuectl(["probe", "--json"] + arguments, workspace)
            let answer = try JSONDecoder().decode(Answer.self, from: Data(run.output.utf8))
            return (run.code, answer, run.complaint)
        }

        @Test func showsWhatAVenueGetsAndTellsTheDaemon() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try rig.startDaemon()
                try await rig.status("on air") { $0.program.onAir == "camera" }
                let url = "srt://127.0.0.1:\(rig.venues[0].port.number)?mode=caller"
                let (code, answer, complaint) = try await probe(
                    [url, "--seconds", "8", "--report", "shinan", "--socket", rig.controlSocket], rig.workspace)
                #expect(code == 0, "\(complaint)")
                #expect(answer.ok && answer.seconds >= 8)
                #expect(answer.content.picture.framesPerSecond.map { abs($0 - 25) < 1 } == true)
                #expect(answer.content.picture.width == 640)
                #expect(answer.content.sound.peakDbfs.map { $0 > -60 && $0 < 0 } == true)
                #expect(answer.stampedPictures > 150 && answer.unstampedPictures == 0)
                let delay = try #require(answer.delay)
                // One machine, one clock: the daemon has said so.
                #expect(delay.uncertaintyMs == 0.1 && delay.isOfBothClocks)
                let venue = try #require(try await rig.client.status().venues.first)
                #expect(venue.latency.source == "measured" || venue.state != .connected)
                // SRT's latency is in it, and nothing is later than a second behind it.
                #expect(delay.p50Ms > 200 && delay.p50Ms < 1400, "\(delay)")
                let kept = try await rig.client.data(get: "/v1/venues/shinan/history?seconds=60&points=12")
                let history = try VenuecastJSON.decode(VenueHistory.self, from: kept)
                #expect(history.points.contains { $0.source == "measured" || $0.source == "estimated" })
                // For a person, in both languages.
                for (language, words) in [("en", "delay"), ("zh", "延时")] {
                    let shown = try await Stage.venuectl(
                        ["probe", url, "--seconds", "2", "--lang", language], rig.workspace)
                    #expect(
                        shown.code == 0 && shown.output.contains(words) && shown.output.contains("640 × 360"),
                        "\(shown)")
                }
            }
        }

        @Test func aPassphraseComesFromAFileAndAWrongOneIsSaid() async throws {
            var venues = try Rig.Venue.reserve(1)
            venues[0].passphrase = "a-well-kept-secret"
            let stage = try Stage(venues: venues)
            try await stage.run {
                let rig = stage.rig
                try rig.startDaemon()
                try await rig.status("on air") { $0.program.onAir == "camera" }
                let url = "srt://127.0.0.1:\(rig.venues[0].port.number)?mode=caller"
                let right = try rig.workspace.write("right", "a-well-kept-secret\n")
                let wrong = try rig.workspace.write("wrong", "another-secret-of-ours\n")
                #expect(try await probe([url, "--seconds", "2", "--passphrase-file", right], rig.workspace).code == 0)
                let refused = try await probe([url, "--seconds", "2", "--passphrase-file", wrong], rig.workspace)
                #expect(refused.code == 1 && refused.answer.end?.code == "passphrase-rejected")
                let absent = try await probe([url, "--passphrase-file", "/nowhere"], rig.workspace)
                #expect(absent.code == 1 && absent.answer.end?.code == "passphrase-unusable")
            }
        }

        @Test func looksAtUDPAndAtFilesOfSomebodyElse() async throws {
            let workspace = try Workspace()
            defer { workspace.cleanUp() }
            let file = workspace.file("recorded.ts")
            let encode =
                "ffmpeg -v error -y -re -f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=1000:sample_rate=48000 "
                + "-c:v libx264 -preset ultrafast -tune zerolatency -g 25 -c:a aac -f mpegts"
            let maker = try workspace.shell(
                "exec \(encode.replacing(" -re", with: "")) -t 6 '\(file)'", log: "maker.log")
            #expect(await maker.waitForExit(timeout: .seconds(60)) == .exited(code: 0))
            let (code, answer, complaint) = try await probe([file], workspace)
            #expect(code == 0, "\(complaint)")
            #expect(answer.notMeasured?.code == "recorded" && answer.delay == nil)
            #expect(answer.seconds > 5 && answer.content.picture.width == 320)

            let port = try Port.reserve()
            let sender = try workspace.shell(
                "exec \(encode) 'udp://127.0.0.1:\(port.number)?pkt_size=1316'", log: "sender.log")
            let live = try await probe(["udp://127.0.0.1:\(port.number)", "--seconds", "4"], workspace)
            #expect(live.answer.content.picture.framesPerSecond.map { abs($0 - 25) < 2 } == true)
            #expect(live.answer.notMeasured?.code == "no-time" && live.answer.unstampedPictures > 50)
            sender.signal(SIGKILL)
        }

        @Test func aFaultInTheMiddleOfAFileIsFound() async throws {
            let workspace = try Workspace()
            defer { workspace.cleanUp() }
            let file = workspace.file("black for a while.ts")
            let maker = try workspace.shell(
                "exec ffmpeg -v error -y -f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=1000:sample_rate=48000 "
                    + "-vf \"drawbox=t=fill:color=black:enable='between(t,10,24)'\" "
                    + "-c:v libx264 -preset ultrafast -g 25 -c:a aac -t 40 -f mpegts '\(file)'", log: "maker.log")
            #expect(await maker.waitForExit(timeout: .seconds(60)) == .exited(code: 0))
            let (code, answer, complaint) = try await probe(["file://\(file)"], workspace)
            #expect(code == 1 && !answer.ok, "\(complaint)")
            #expect(answer.notMeasured?.code == "recorded")
            #expect(answer.findings.map(\.reason.code) == ["black"] && answer.content.findings.isEmpty)
            #expect(answer.findings.first.map { $0.seconds >= 10 && $0.seconds < 15 } == true)
            let shown = try await Stage.venuectl(["probe", file, "--lang", "zh"], workspace)
            #expect(shown.code == 1 && shown.output.contains("画面全黑"))
        }

        @Test func theListenerGoesWithWhoeverStartedIt() async throws {
            let workspace = try Workspace()
            defer { workspace.cleanUp() }
            let port = try Port.reserve()
            let number = port.number
            let probe = try workspace.spawn(
                "venuectl", ["probe", "srt://127.0.0.1:\(number)?mode=listener", "--wait", "60"], log: "probe.log")
            try await waitFor("the listener") { Self.isBound(number) ? true : nil }
            let worker = try #require(try Self.child(of: probe.pid))
            // It cannot clean up after itself.
            probe.signal(SIGKILL)
            try await waitFor("the worker's end") { Self.isRunning(worker) || Self.isBound(number) ? nil : true }
        }

        /// The first, whichever thread started it.
        private static func child(of pid: pid_t) throws -> pid_t? {
            for thread in try Files.list("/proc/\(pid)/task") {
                let children = try Workspace.text(of: "/proc/\(pid)/task/\(thread)/children")
                if let first = children.split(separator: " ").first { return pid_t(first) }
            }
            return nil
        }

        /// No zombie that nobody has fetched; its other threads may still be on their way out.
        private static func isRunning(_ pid: pid_t) -> Bool {
            guard let line = try? Workspace.text(of: "/proc/\(pid)/stat") else { return false }
            return line.split(separator: ")").last?.hasPrefix(" Z") == false
        }

        /// A UDP socket has the port on the loopback address.
        private static func isBound(_ port: Int) -> Bool {
            let place = "0100007F:" + String(port, radix: 16, uppercase: true)
            let table = try? Workspace.text(of: "/proc/net/udp")
            return (table ?? "").contains(" \(place) ")
        }

        @Test func whatIsNothingClosedOrNoStreamIsASentenceAndNotAHang() async throws {
            let workspace = try Workspace()
            defer { workspace.cleanUp() }
            func fails(_ arguments: [String], _ expected: String) async throws {
                let (code, answer, _) = try await probe(arguments + ["--wait", "2"], workspace)
                #expect(code == 1, "\(arguments)")
                #expect(answer.end?.code == expected, "\(arguments): \(answer.end?.code ?? "nothing")")
            }
            let port = try Port.reserve()
            try await fails(["udp://127.0.0.1:\(port.number)"], "nothing-arrives")
            try await fails(["srt://127.0.0.1:\(port.number)?mode=listener"], "no-caller")
            try await fails(["srt://no-such-host.invalid:1"], "unresolved")
            try await fails(["http://127.0.0.1/x"], "unusable-address")
            try await fails(["/nowhere/x.ts"], "no-such-file")
            try await fails(["file:///nowhere/x.ts"], "no-such-file")
            #expect(mkfifo(workspace.file("pipe"), 0o600) == 0)
            for never in [workspace.file("pipe"), "/dev/zero"] { try await fails([never], "not-a-file") }
            try await fails(["udp://192.0.2.1:\(port.number)"], "cannot-bind")
            try await fails([workspace.path], "no-such-file")
            try await fails([try workspace.write("empty.ts", "")], "empty-file")
            try await fails(
                [try workspace.write("text.ts", String(repeating: "This is no stream. ", count: 20_000))],
                "not-a-transport-stream")
            let (code, answer, _) = try await probe(
                ["srt://127.0.0.1:\(port.number)?mode=caller", "--wait", "10"], workspace)
            #expect(code == 1 && answer.end?.code == "absent")
            // For a person the sentence is on stderr.
            let said = try await Stage.venuectl(
                ["probe", "udp://127.0.0.1:\(port.number)", "--wait", "1", "--lang", "zh"], workspace)
            #expect(said.code == 1 && said.output.isEmpty && said.complaint.contains("没有收到任何数据"))
            #expect(try await Stage.venuectl(["probe", "udp://127.0.0.1:1", "--seconds", "0"], workspace).code == 2)

            // Random datagrams.
            let noise = try workspace.shell(
                "exec python3 -c \"import os,socket,time\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
                    + "while True: s.sendto(os.urandom(1316),('127.0.0.1',\(port.number))); time.sleep(0.002)\"",
                log: "noise.log")
            try await fails(["udp://127.0.0.1:\(port.number)"], "not-a-transport-stream")
            noise.signal(SIGKILL)

            // A sender that says goodbye.
            let file = workspace.file("short.ts")
            let maker = try workspace.shell(
                "exec ffmpeg -v error -y -f lavfi -i testsrc2=size=320x180:rate=25 -t 3 -c:v libx264 -preset ultrafast -g 25 "
                    + "-f mpegts '\(file)'", log: "maker.log")
            #expect(await maker.waitForExit(timeout: .seconds(60)) == .exited(code: 0))
            let other = try Port.reserve()
            let sender = try workspace.shell(
                "exec ffmpeg -v error -re -i '\(file)' -c copy -f mpegts 'srt://127.0.0.1:\(other.number)?mode=listener'",
                log: "sender.log")
            let (closed, ended, _) = try await probe(
                ["srt://127.0.0.1:\(other.number)?mode=caller", "--seconds", "60"], workspace)
            #expect(closed == 1)
            #expect(["closed", "stopped"].contains(ended.end?.code ?? "nothing") && ended.unstampedPictures > 25)
            sender.signal(SIGKILL)
        }
    }
}
