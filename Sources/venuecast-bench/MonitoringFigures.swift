import Foundation
import LinuxSystem
import Rig
import VenuecastModel

/// What watching costs with twelve venues, and how soon a fact is an alarm.
enum MonitoringFigures {
    private static let asks = 400
    private static let thresholdSeconds = 2.0

    static func run() async throws -> [Figure] {
        let workspace = try Workspace()
        let rig = try Rig(
            workspace: workspace,
            inputs: Bench.testInput("camera", pattern: "smpte") + Bench.testInput("standby", pattern: "blue"),
            program: Bench.program(["camera", "standby"]), venues: try Bench.venues(12),
            house: "width = 1280\nheight = 720\nframeRate = 25")
        try rig.editConfiguration {
            $0 + "\n[alarms]\nprogramSeconds = 2\nvenueSeconds = 2\ninputSeconds = 2\nclearSeconds = 1\n"
        }
        return try await Bench.with(rig) { rig in
            try rig.startDaemon()
            try await rig.status("the daemon answers") { _ in true }
            try rig.startReceivers()
            try await rig.status("twelve are connected", within: .seconds(60)) { status in
                status.venues.allSatisfy { $0.health == .ok } && status.alarms.isEmpty
            }
            guard let daemon = rig.daemonPid else { throw RigError("no daemon") }
            let monitor = try await rig.pid(of: "confidence")
            let quiet = try await ProcessMeter.percent(["daemon": [daemon]], over: .seconds(20))["daemon"]
            let scraper = Task {
                while !Task.isCancelled {
                    _ = try? await rig.client.data(get: "/metrics")
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            let scraped = try await ProcessMeter.percent(
                ["daemon": [daemon], "monitor": [monitor], "both": [daemon, monitor]], over: .seconds(20))
            scraper.cancel()
            var times: [Double] = []
            for _ in 0..<asks {
                let began = MonotonicInstant.now
                _ = try await rig.client.data(get: "/metrics")
                times.append(Bench.seconds(since: began) * 1000)
                try await Task.sleep(for: .milliseconds(25))
            }
            let before = try await rig.client.status().alarms.count
            let venue = try await lostVenue(rig)
            let source = try await lostSources(rig)
            return [
                .limited(
                    "daemon and confidence monitor, of a core, asked for /metrics each second", scraped["both"], "%",
                    atMost: 10, note: "events, alarms, latency, history and pictures included"),
                .told("daemon alone", scraped["daemon"], "%"),
                .told("daemon alone, not asked", quiet, "%"),
                .told("confidence monitor alone", scraped["monitor"], "%"),
                .limited("GET /metrics, 99th percentile", times.percentile(99), "ms", atMost: 10),
                .told("GET /metrics, median", times.median, "ms"),
                .limited("false alarms meanwhile", Double(before), "", atMost: 0),
                .limited("venue failed in status to alarm, beyond its threshold", venue, "s", atMost: 1),
                .limited("fault slate in status to alarm, beyond its threshold", source, "s", atMost: 1),
            ]
        }
    }

    private static func lostVenue(_ rig: Rig) async throws -> Double {
        rig.receivers[0].signal(SIGSTOP)
        defer { rig.receivers[0].signal(SIGCONT) }
        try await rig.status("a venue has failed", within: .seconds(30)) { $0.venues[0].health == .failed }
        let began = MonotonicInstant.now
        let id = rig.venues[0].id
        try await rig.status("its alarm") { $0.alarms.contains { $0.subject == "venue/\(id)" } }
        return Bench.seconds(since: began) - thresholdSeconds
    }

    private static func lostSources(_ rig: Rig) async throws -> Double {
        for input in ["input/camera", "input/standby"] { kill(try await rig.pid(of: input), SIGSTOP) }
        try await rig.status("the fault slate") { $0.program.onAir == "slate:fault" }
        let began = MonotonicInstant.now
        try await rig.status("its alarm") { $0.alarms.contains { $0.code == "no-good-input" } }
        return Bench.seconds(since: began) - thresholdSeconds
    }
}
