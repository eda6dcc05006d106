import Foundation
import Glibc
import LinuxSystem
import Rig
import VenuecastModel

/// A session with its recording beside twelve links, at 1080p25.
enum SessionFigures {
    static func run() async throws -> [Figure] {
        let recording = """

            [recording]
            directory = "recordings"
            segmentSeconds = 5
            videoBitrateKbps = 50000
            minimumFreeBytes = 1000000
            """
        let rig = try Rig(
            workspace: try Workspace(), inputs: Bench.testInput("camera", pattern: "smpte"),
            program: Bench.program(["camera"]) + recording, venues: try Bench.venues(12),
            house: Bench.house(1920, 1080))
        return try await Bench.with(rig) { rig in
            try rig.startDaemon()
            try await rig.status("on air", within: .seconds(40)) { $0.program.onAir == "camera" }
            try rig.startReceivers()
            try await rig.waitForPictures(50)
            let csv = "session,number,department,limitMinutes\n" + (1...54).map { "S1,\($0),部门\($0),10\n" }.joined()
            _ = try await rig.client.post("/v1/rundown", raw: Data(csv.utf8))
            try await Task.sleep(for: .seconds(5))
            let alone = try await measure(rig, recorder: nil)
            try await rig.client.post("/v1/sessions/S1/start")
            try await rig.status("it records") { $0.recording.state == .recording && ($0.recording.frames ?? 0) > 100 }
            let recorder = try await rig.pid(of: "recorder")
            let beside = try await measure(rig, recorder: recorder)
            let presses = try await presses(rig)
            let recorded = try await rig.client.get("/v1/recordings/S1", as: RecordingDetail.self).summary
            try await rig.client.post("/v1/sessions/S1/end")
            return presses + [
                .limited(
                    "continuity errors beside a recorder, 12 links, 1080p25", Double(beside.errors), "", atMost: 0,
                    note: "without the recorder: \(alone.errors)"),
                .told(
                    "programme's frames a second, without and with a recorder", beside.rate, "fps",
                    note: "without: \(alone.rate ?? 0)"),
                .told("recorder, 1080p25 at 50 Mbit/s, of a core", beside.percent["recorder"], "%"),
                .told("programme and input beside it, of a core", beside.percent["media"], "%"),
                .limited(
                    "frames missing or repeated in the recording",
                    Double(recorded.missingFrames + recorded.repeatedFrames),
                    "", atMost: 0, note: "of \(recorded.frames) in closed segments"),
            ]
        }
    }

    private static func measure(_ rig: Rig, recorder: pid_t?) async throws -> (
        errors: Int, rate: Double?, percent: [String: Double]
    ) {
        func errors() -> Int { rig.receivers.map { Int($0.snapshot().continuityErrors) }.reduce(0, +) }
        let before = errors()
        let media = [try await rig.pid(of: "program"), try await rig.pid(of: "input/camera")]
        let percent = try await ProcessMeter.percent(
            ["recorder": recorder.map { [$0] } ?? [], "media": media], over: .seconds(20))
        let rate = try await rig.client.status().program.framesPerSecond
        return (errors() - before, rate, percent)
    }

    /// From an operator's order to its being on disk, acknowledged and seen in status.
    private static func presses(_ rig: Rig) async throws -> [Figure] {
        var times: [Double] = []
        for number in 0..<200 {
            let start = MonotonicInstant.now
            try await rig.client.post("/v1/markers", body: MarkRequest(text: "\(number)"))
            let status = try await rig.client.status()
            guard status.session != nil else { throw RigError("no session runs") }
            times.append(Bench.seconds(since: start) * 1000)
        }
        return [
            .limited(
                "order to durable and visible in status, 99th percentile", times.percentile(99), "ms", atMost: 50,
                note: "200 markers while 1080p25 is recorded; median \((times.median ?? 0).rounded()) ms")
        ]
    }
}
