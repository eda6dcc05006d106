import Foundation
import Glibc
import LinuxSystem
import Rig
import VenuecastModel

/// What the confidence monitor costs, how soon it tells what it sees, and that it tells nothing else.
enum ContentFigures {
    private static let thresholdSeconds = 3.0
    /// Pictures without a clock, which would keep them alive.
    private static let pipeline = """
        # default: volume = 0.1
        # default: bufferMs = 60
        videotestsrc is-live=true name=test pattern=${pattern}
          ! video/x-raw,format=I420,width=${width},height=${height},framerate=${frameRate}/1,pixel-aspect-ratio=1/1,colorimetry=bt709
          ! appsink name=feedsinkpicture
        audiotestsrc is-live=true name=tone freq=440 volume=${volume} samplesperbuffer=960
          ! audio/x-raw,format=F32LE,rate=48000,channels=2,layout=interleaved
          ! appsink name=feedsinksound
        """

    private static func rig(_ house: String, venues: Int, monitoring: String) throws -> Rig {
        let workspace = try Workspace()
        let directory = workspace.file("pipelines")
        try Files.ensureDirectory(directory)
        _ = try workspace.write("pipelines/input-plain.pipeline", pipeline)
        func input(_ id: String, _ pattern: String, _ volume: Double) -> String {
            "[[inputs]]\nid = \"\(id)\"\npipeline = \"input-plain\"\npattern = \"\(pattern)\"\nvolume = \(volume)\n\n"
        }
        let rig = try Rig(
            workspace: workspace,
            inputs: input("camera", "smpte", 0.1) + input("dark", "black", 0.1) + input("stuck", "smpte75", 0.1)
                + input("hushed", "ball", 0),
            program: Bench.program(["camera", "dark", "stuck", "hushed"]), venues: try Bench.venues(venues),
            house: house)
        try rig.editConfiguration {
            $0
                + "\n[pipelines]\ndirectory = \"\(directory)\"\n\n[monitoring]\n\(monitoring)\n\n[alarms]\nclearSeconds = 1\n"
        }
        return rig
    }

    static func run() async throws -> [Figure] {
        var figures: [Figure] = []
        for (name, house) in [
            ("720p25", "width = 1280\nheight = 720\nframeRate = 25"),
            ("1080p25", "width = 1920\nheight = 1080\nframeRate = 25"),
        ] {
            let rig = try rig(house, venues: 1, monitoring: "")
            figures += try await Bench.with(rig) { rig in
                try await begin(rig)
                let pids = ["monitor": [try await rig.pid(of: "confidence")]]
                let percent = try await ProcessMeter.percent(pids, over: .seconds(20))["monitor"]
                return [.limited("confidence monitor, \(name), of a core", percent, "%", atMost: 10)]
            }
        }
        let monitoring = "blackSeconds = 3\nfrozenSeconds = 3\nsilentSeconds = 3"
        let rig = try rig("width = 1280\nheight = 720\nframeRate = 25", venues: 1, monitoring: monitoring)
        figures += try await Bench.with(rig) { rig in
            try await begin(rig)
            return [
                .limited("black to alarm, beyond its threshold", try await alarm(rig, "dark", "black"), "s", atMost: 1),
                .limited(
                    "frozen to alarm, beyond its threshold", try await alarm(rig, "stuck", "frozen"), "s", atMost: 1),
                .limited(
                    "silence to alarm, beyond its threshold", try await alarm(rig, "hushed", "silent-content"), "s",
                    atMost: 1),
            ]
        }
        return figures
    }

    private static func begin(_ rig: Rig) async throws {
        try rig.startDaemon()
        try await rig.status("the daemon answers") { _ in true }
        try rig.startReceivers()
        try await rig.status("what goes out is seen", within: .seconds(60)) { status in
            status.program.confidence?.picture.luma != nil && status.venues.allSatisfy { $0.health == .ok }
        }
    }

    /// From the moment the faulty source is on air.
    private static func alarm(_ rig: Rig, _ source: String, _ code: String) async throws -> Double {
        _ = try await rig.client.post("/v1/program/take", body: TakeRequest(input: source), as: ProgramStatus.self)
        let began = MonotonicInstant.now
        try await rig.status("the alarm", within: .seconds(30)) {
            $0.alarms.contains { $0.subject == "program" && $0.code == code }
        }
        let seconds = Bench.seconds(since: began) - thresholdSeconds
        _ = try await rig.client.post("/v1/program/take", body: TakeRequest(input: "camera"), as: ProgramStatus.self)
        try await rig.status("it is over", within: .seconds(30)) { !$0.alarms.contains { $0.subject == "program" } }
        return seconds
    }

    /// Twelve venues under load of the processor, six of them behind a network that loses 5 %, with the thresholds as they
    /// come: whatever is told is false.
    static func falseAlarms() async throws -> [Figure] {
        let minutes = ProcessInfo.processInfo.environment["CALM_MINUTES"].flatMap(Double.init) ?? 10
        var venues = try Bench.venues(12)
        let lossy = NetworkRelay.Faults(delayMs: 10, lossPercent: 5)
        let relays = try Bench.worsen(&venues, Array(repeating: lossy, count: venues.count / 2), seed: 2012)
        defer { withExtendedLifetime(relays) {} }
        let rig = try Rig(
            workspace: try Workspace(),
            inputs: Bench.testInput("camera", pattern: "smpte") + Bench.testInput("standby", pattern: "ball"),
            program: Bench.program(["camera", "standby"]), venues: venues,
            house: "width = 1280\nheight = 720\nframeRate = 25")
        return try await Bench.with(rig) { rig in
            try await begin(rig)
            let load = try (0..<sysconf(Int32(_SC_NPROCESSORS_ONLN))).map { index in
                try rig.workspace.shell("exec nice -n 10 sh -c 'while :; do :; done'", log: "load-\(index).log")
            }
            defer { for process in load { process.signal(SIGKILL) } }
            let end = MonotonicInstant.now.advanced(by: .seconds(minutes * 60))
            var told: Set<String> = []
            while MonotonicInstant.now < end {
                for alarm in try await rig.client.status().alarms { told.insert("\(alarm.subject) \(alarm.code)") }
                try await Task.sleep(for: .seconds(1))
            }
            return [
                .limited(
                    "false alarms in \(Int(minutes)) min, every core busy, 5 % lost at 6 of 12", Double(told.count), "",
                    atMost: 0,
                    note: told.isEmpty ? nil : told.sorted().joined(separator: ", "))
            ]
        }
    }
}
