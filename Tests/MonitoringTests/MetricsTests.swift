@testable import EventLog
import Foundation
import LinuxSystem
import Rig
import Testing
import VenuecastModel

@testable import Monitoring

@Suite struct MetricsTests {
    private static func status(_ edit: (inout ActivityStatus) -> Void = { _ in }) -> ActivityStatus {
        var link = LinkStatus(url: "srt://x")
        (link.bytesSent, link.packetsSent, link.packetsLost, link.packetsRetransmitted, link.packetsDropped) = (
            1000, 10, 1, 2, 0
        )
        (link.rttMs, link.sendMbps, link.lossPercent, link.negotiatedLatencyMs) = (12.5, 6.3, 2, 800)
        (link.reconnects, link.bandwidthMbps) = (3, 42)
        let venue = VenueStatus(
            id: "shinan", name: "市南\"区\"\\\n分会场", health: .ok, state: .connected, link: link,
            latency: LatencyStatus(ms: 841, source: "estimated"))
        var status = ActivityStatus(
            activity: "x", health: .ok, time: Date(), startedAt: Date(timeIntervalSince1970: 1_353_045_600),
            version: "1",
            program: ProgramStatus(
                health: .ok, onAir: "slate:fault", framesPerSecond: 25, frames: 500, bitrateKbps: 6104,
                audio: AudioStatus(peakDbfs: -9.1, muted: false)),
            inputs: [InputStatus(id: "camera", health: .degraded, onAir: false)],
            venues: [venue, VenueStatus(id: "off", name: "off", health: .off, state: .off, link: LinkStatus(url: "x"))])
        status.recording = RecordingStatus(health: .ok, state: .recording, session: "S1")
        status.recording.bytesWritten = 7
        status.program.confidence = content(stream: true)
        status.inputs[0].content = content(stream: false)
        status.inputs[0].reasons = [
            Reason(code: "black", text: "x", textZh: "x"), Reason(code: "x", text: "x", textZh: "x"),
        ]
        edit(&status)
        return status
    }

    private static func content(stream: Bool) -> ContentStatus {
        var content = ContentStatus()
        (content.picture.framesPerSecond, content.picture.luma, content.picture.blackSeconds) = (25, 16, 4.5)
        (content.sound.peakDbfs, content.sound.shortTermLufs, content.sound.clippedSamples) = (-9, -23.1, 3)
        guard stream else { return content }
        var found = StreamContentStatus()
        (found.bitrateKbps, found.keyframeSeconds, found.soundAgainstPictureMs) = (8000, 1, -20)
        found.errors = ["PAT_error": 2]
        content.stream = found
        return content
    }

    private static let workers = [
        WorkerStatus(
            id: "link/shinan", state: "running", startedAt: Date(timeIntervalSince1970: 1), restarts: 1,
            cpuPercent: 1.5,
            memoryBytes: 1 << 20)
    ]

    private func text(_ status: ActivityStatus, _ counters: Counters? = nil) -> String {
        var counters = counters ?? Counters()
        counters.observe(status, Self.workers)
        return Metrics(
            status: status, workers: Self.workers, counters: counters,
            events: EventLog.Condition(waiting: 0, waitingSince: nil, lost: 0, failure: nil, lastId: 1)
        ).text()
    }

    @Test func saysEverythingOfTheContractInBaseUnits() {
        let lines = text(Self.status()).split(separator: "\n").map(String.init)
        for expected in [
            #"venuecast_venue_health{venue="shinan"} 1"#, #"venuecast_link_bytes_sent_total{venue="shinan"} 1000"#,
            #"venuecast_link_rtt_seconds{venue="shinan"} 0.0125"#,
            #"venuecast_link_packets_sent_total{venue="shinan"} 10"#,
            #"venuecast_link_packets_lost_total{venue="shinan"} 1"#,
            #"venuecast_link_packets_retransmitted_total{venue="shinan"} 2"#,
            #"venuecast_link_packets_dropped_total{venue="shinan"} 0"#,
            #"venuecast_link_reconnects_total{venue="shinan"} 3"#,
            #"venuecast_link_bandwidth_bytes_per_second{venue="shinan"} 5250000"#,
            #"venuecast_latency_seconds{venue="shinan",source="estimated"} 0.841"#,
            "venuecast_program_frames_total 500",
            #"venuecast_program_on_air{input="camera"} 0"#, #"venuecast_program_on_air{input="slate:fault"} 1"#,
            #"venuecast_input_health{input="camera"} 0.5"#, "venuecast_recording_active 1",
            "venuecast_recording_bytes_written_total 7", #"venuecast_worker_restarts_total{worker="link/shinan"} 1"#,
            #"venuecast_content_fault{subject="input/camera",code="black"} 1"#, "venuecast_confidence_up 1",
            "venuecast_confidence_black_seconds 4.5", "venuecast_confidence_still_seconds 0",
            "venuecast_confidence_silent_seconds 0", "venuecast_confidence_luma_ratio 0",
            #"venuecast_confidence_loudness_lufs{window="short-term"} -23.1"#,
            "venuecast_confidence_bytes_per_second 1000000", "venuecast_confidence_sound_offset_seconds -0.02",
            #"venuecast_confidence_transport_errors_total{error="PAT_error",priority="1"} 2"#,
            #"venuecast_confidence_transport_errors_total{error="CRC_error",priority="2"} 0"#,
            #"venuecast_input_black_seconds{input="camera"} 4.5"#,
            #"venuecast_input_clipped_samples_total{input="camera"} 3"#,
            #"venuecast_build_info{version="1"} 1"#, #"venuecast_venue_info{venue="shinan",name="市南\"区\"\\\n分会场"} 1"#,
        ] {
            let isThere = lines.contains(expected)
            #expect(isThere, "\(expected)")
        }
        // What is off, or not known, is not 0.
        #expect(!lines.contains { $0.hasPrefix("venuecast_venue_health{venue=\"off\"}") })
        #expect(!lines.contains { $0.hasPrefix("venuecast_recording_free_bytes") })
        #expect(!lines.contains { $0.contains(#"code="x""#) })
    }

    @Test func promtoolHasNothingToSay() async throws {
        let workspace = try Workspace()
        let file = try workspace.write("metrics", text(Self.status()))
        let check = try workspace.shell("exec promtool check metrics <'\(file)'", log: "promtool.log")
        let status = await check.waitForExit(timeout: .seconds(60))
        let said = String(decoding: try Files.read(workspace.file("promtool.log")), as: UTF8.self)
        #expect(status == .exited(code: 0), "\(said)")
        #expect(said.isEmpty)
    }

    @Test func theHistorysRefusalIsSaidInBothLanguages() {
        for error in [ControlError.historyNotRead(nil), .historyNotRead("the disk of /x does not answer")] {
            #expect(error.status == 503 && error.code == "history-not-read")
            #expect(error.descriptionZh.contains("磁盘") && error.descriptionZh.contains("请检查"))
        }
        #expect(ControlError.historyNotRead("the disk of /x hangs").descriptionZh.contains("the disk of /x hangs"))
    }

    @Test func totalsOnlyGrow() {
        var counters = Counters()
        func observe(_ value: UInt64?, _ process: Double) -> UInt64? {
            counters.observe("x", value, of: Date(timeIntervalSince1970: process))
            return counters["x"]
        }
        #expect(observe(nil, 1) == nil)
        #expect(observe(100, 1) == 100)
        #expect(observe(150, 1) == 150)
        // Another process, from 0 again.
        #expect(observe(nil, 2) == 150)
        #expect(observe(10, 2) == 160)
        // One that has overtaken its predecessor before anybody looked.
        #expect(observe(500, 3) == 660)
        // A look that was overtaken by another.
        #expect(observe(20, 3) == 660)
        #expect(observe(510, 3) == 670)
    }

    /// What is recorded falls for a moment when a segment is given up, or its recorder takes stock.
    @Test func whatIsRecordedIsNotCountedTwice() {
        var counters = Counters()
        func observe(_ session: String, _ bytes: UInt64?) -> UInt64? {
            counters.observe(
                Self.status { ($0.recording.session, $0.recording.bytesWritten) = (session, bytes) }, Self.workers)
            return counters.recorded
        }
        #expect(observe("S1", 1000) == 1000)
        #expect(observe("S1", 400) == 1000)
        #expect(observe("S1", nil) == 1000)
        #expect(observe("S1", 1100) == 1100)
        #expect(observe("S2", 10) == 1110)
        // Taken up again.
        #expect(observe("S1", 1150) == 1160)
    }

    /// Status may still be of the process before when its successor is there already.
    @Test func countsNothingOfAProcessForItsSuccessor() {
        var counters = Counters()
        func observe(_ bytes: UInt64, started: Double) -> UInt64? {
            var workers = Self.workers
            workers[0].startedAt = Date(timeIntervalSince1970: started)
            counters.observe(Self.status { $0.venues[0].link.bytesSent = bytes }, workers)
            return counters["bytes/shinan"]
        }
        #expect(observe(1000, started: 1) == 1000)
        #expect(observe(1000, started: 2) == 1000)
        #expect(observe(10, started: 2) == 1010)
        #expect(observe(20, started: 2) == 1020)
    }

    @Test func theRulesDoWhatTheyAreFor() async throws {
        let workspace = try Workspace()
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Monitoring").path
        let test = try workspace.shell(
            "cd '\(folder)' && promtool check config prometheus.yml && exec promtool test rules venuecast-rules.test.yml",
            log: "promtool.log")
        let status = await test.waitForExit(timeout: .seconds(60))
        let said = String(decoding: try Files.read(workspace.file("promtool.log")), as: UTF8.self)
        #expect(status == .exited(code: 0), "\(said)")
    }

    /// Every metric that a rule, a panel or an item asks for is one that is served.
    @Test func nobodyAsksForAMetricThatIsNotThere() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Monitoring").path
        let full = text(
            Self.status { status in
                status.recording.lastWriteAgeMs = 1
                status.recording.hoursLeft = 1
                status.inputs[0].audio.peakDbfs = -9
                status.clock = ClockStatus(source: "chrony", synchronised: true, uncertaintyMs: 1)
            })
        let known = Set(full.matches(of: #/# TYPE (\w+)/#).map { String($0.1) })
        for name in ["venuecast-rules.yml", "venuecast-grafana.json", "venuecast-zabbix.yaml"] {
            let content = String(decoding: try Files.read("\(folder)/\(name)"), as: UTF8.self)
            let asked = Set(content.matches(of: #/\bvenuecast_[a-z_]+/#).map { String($0.0) })
            #expect(!asked.isEmpty)
            #expect(asked.subtracting(known).isEmpty, "\(name): \(asked.subtracting(known))")
        }
        let dashboard = try JSONSerialization.jsonObject(with: Data(Files.read("\(folder)/venuecast-grafana.json")))
        #expect(dashboard is [String: Any])
    }
}
