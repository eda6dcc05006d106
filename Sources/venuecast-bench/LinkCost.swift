import LinuxSystem
import Rig

/// One more venue beside one `srt-live-transmit` that relays the same stream, in the same run.
enum LinkCost {
    static func run() async throws -> [Figure] {
        let workspace = try Workspace()
        let venues = try Bench.venues(2)
        let rig = try Rig(
            workspace: workspace, inputs: Bench.testInput("camera", pattern: "smpte"),
            program: Bench.program(["camera"]), venues: venues, house: "width = 1280\nheight = 720\nframeRate = 25")
        return try await Bench.with(rig) { rig in
            try rig.startDaemon()
            _ = try await rig.pid(of: "link/shinan")
            // The first venue's caller is the relay; its own caller throws everything away.
            let port = try Port.reserve()
            let relay = try workspace.spawn(
                "srt-live-transmit",
                [
                    "-q", "-chunk:1316", "srt://127.0.0.1:\(venues[0].port.number)?mode=caller&latency=200",
                    "srt://127.0.0.1:\(port.number)?mode=listener&latency=200",
                ], log: "relay.log")
            let end = try Receiver(
                name: "behind-relay", address: "srt://127.0.0.1:\(port.number)?mode=caller&latency=200",
                workspace: workspace)
            try end.start()
            defer { end.stop() }
            try rig.receivers[1].start()
            for receiver in [end, rig.receivers[1]] {
                try await waitFor("pictures at \(receiver.name)") { receiver.snapshot().pictures > 50 ? true : nil }
            }
            let link = try await rig.pid(of: "link/shibei")
            var ratios: [Double] = []
            var shares: [(link: Double, relay: Double)] = []
            for _ in 0..<5 {
                let percent = try await ProcessMeter.percent(["link": [link], "relay": [relay.pid]], over: .seconds(8))
                guard let one = percent["link"], let other = percent["relay"], other > 0 else { continue }
                ratios.append(one / other)
                shares.append((one, other))
            }
            let memory = ProcessFacts.proportionalMemory(link).map { Double($0) / 1e6 }
            let rate = try await rig.client.status().venues.first { $0.id == "shibei" }?.link.sendMbps
            return [
                .limited(
                    "link CPU / srt-live-transmit", ratios.median, "", atMost: 0.8,
                    note: "medians of 5 × 8 s: "
                        + "\(two(shares.map(\.link).median)) % against \(two(shares.map(\.relay).median)) % of a core, "
                        + "ratios \(two(ratios.min()))…\(two(ratios.max())), at \(two(rate)) Mbit/s"),
                .limited("link memory (PSS)", memory, "MB", atMost: 15),
            ]
        }
    }

    private static func two(_ value: Double?) -> String { value.map { "\(($0 * 100).rounded() / 100)" } ?? "–" }
}
