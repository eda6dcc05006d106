import FoundationEssentials
import LinuxSystem
import Rig
import VenuecastModel

/// Twelve links, each behind another bad network, and what the daemon says of each.
enum BadNetworks {
    private static let settling = Duration.seconds(8)
    private static let watching = 30
    private static let seed: UInt64 = 2012

    private typealias Faults = NetworkRelay.Faults
    /// Each way: half of the round trip; loss as the receiver sees it.
    private static let networks: [(name: String, faults: NetworkRelay.Faults)] = [
        ("20 ms", Faults(delayMs: 10)),
        ("200 ms", Faults(delayMs: 100)),
        ("20 ms, 1 % lost", Faults(delayMs: 10, lossPercent: 1)),
        ("20 ms, 5 % lost", Faults(delayMs: 10, lossPercent: 5)),
        ("20 ms, 10 % lost", Faults(delayMs: 10, lossPercent: 10)),
        ("100 ms, 2 % lost", Faults(delayMs: 50, lossPercent: 2)),
        ("200 ms, 5 % lost", Faults(delayMs: 100, lossPercent: 5)),
        ("200 ms, 10 % lost", Faults(delayMs: 100, lossPercent: 10)),
        ("20 ms, 20 ms jitter", Faults(delayMs: 10, jitterMs: 20)),
        ("40 ms, 3 % out of order", Faults(delayMs: 20, reorderPercent: 3, reorderMs: 15)),
        ("40 ms, 1200 kbit/s", Faults(delayMs: 20, rateKbps: 1200)),
        ("40 ms, 5 s blackout", Faults(delayMs: 20, blackoutSeconds: 5, blackoutAfterSeconds: 20)),
    ]

    /// What was seen of one link.
    private struct Seen {
        var rttMs: [Double] = []
        var lossPercent: [Double] = []
        var qualities: [String] = []
        var states: [String] = []
        var health: [Health] = []
        var recommended: [Int] = []
        var dropped: UInt64 = 0
        var latency: [Double] = []
        var reasons: Set<String> = []
    }

    static func run() async throws -> [Figure] {
        let workspace = try Workspace()
        var venues = try Bench.venues(networks.count)
        let relays = try Bench.worsen(&venues, networks.map(\.faults), seed: seed)
        let rig = try Rig(
            workspace: workspace, inputs: Bench.testInput("camera", pattern: "smpte"),
            program: Bench.program(["camera"], kbps: 1500, audioKbps: 128), venues: venues, latencyMs: 400)
        defer { withExtendedLifetime(relays) {} }
        return try await Bench.with(rig) { rig in
            try rig.startDaemon()
            try await rig.status("on air") { $0.program.onAir == "camera" }
            try rig.startReceivers()
            try await rig.status("all have been connected", within: .seconds(60)) { status in
                status.venues.allSatisfy { $0.state == .connected }
            }
            try await Task.sleep(for: settling)
            var seen = [Seen](repeating: Seen(), count: networks.count)
            for _ in 0..<watching {
                let status = try await rig.client.status()
                for (index, venue) in status.venues.enumerated() { note(venue, in: &seen[index]) }
                try await Task.sleep(for: .seconds(1))
            }
            print(table(seen, relays.map(\.relay)))
            var delays: [Figure] = []
            for index in probed { delays.append(try await delay(index, seen[index], rig)) }
            return figures(seen) + delays
        }
    }

    /// Links whose estimated delay is held against what a probe measures in the receiver's place.
    private static let probed = [0, 1, 3]

    private struct Probed: Decodable {
        struct Delay: Decodable { var p50Ms: Double }
        var delay: Delay?
    }

    private static func delay(_ index: Int, _ seen: Seen, _ rig: Rig) async throws -> Figure {
        rig.receivers[index].stop()
        let port = rig.venues[index].port.number
        let (_, output, complaint) = try await rig.workspace.run(
            "venuectl",
            [
                "probe", "srt://127.0.0.1:\(port)?mode=caller", "--latency-ms", "400", "--seconds", "6", "--json",
                // The daemon knows that both are on one machine.
                "--report", rig.venues[index].id, "--socket", rig.controlSocket,
            ])
        guard let measured = try? VenuecastJSON.decode(Probed.self, from: Data(output.utf8)).delay?.p50Ms,
            let estimated = seen.latency.median
        else { throw RigError("nothing was measured at \(networks[index].name): \(complaint)") }
        return .limited(
            "delay estimated, against measured, \(networks[index].name)", abs(estimated - measured), "ms", atMost: 40,
            note: "\(text(estimated)) estimated, \(text(measured)) measured")
    }

    private static func note(_ venue: VenueStatus, in seen: inout Seen) {
        if let rtt = venue.link.rttMs { seen.rttMs.append(rtt) }
        if let loss = venue.link.lossPercent { seen.lossPercent.append(loss) }
        if let quality = venue.link.quality { seen.qualities.append(quality) }
        if let needed = venue.link.recommendedLatencyMs { seen.recommended.append(needed) }
        if let ms = venue.latency.ms { seen.latency.append(ms) }
        seen.dropped = max(seen.dropped, venue.link.packetsDropped ?? 0)
        if seen.states.last != venue.state.rawValue { seen.states.append(venue.state.rawValue) }
        seen.health.append(venue.health)
        seen.reasons.formUnion(venue.reasons.map(\.code))
    }

    /// The worst that was said for several seconds.
    private static func quality(_ seen: Seen) -> String {
        for word in ["bad", "strained"] where seen.qualities.count(where: { $0 == word }) >= 3 { return word }
        return seen.qualities.isEmpty ? "–" : "good"
    }

    private static func text(_ value: Double?) -> String { value.map { "\(($0 * 10).rounded() / 10)" } ?? "–" }

    private static func table(_ seen: [Seen], _ relays: [NetworkRelay]) -> String {
        let head = [
            "inflicted (round trip)", "lost, in fact", "RTT said", "loss said", "verdict", "given up",
            "needs (has 400 ms)", "states",
            "reasons",
        ]
        let rows = networks.enumerated().map { index, network in
            let one = seen[index]
            return [
                network.name, "\(text(relays[index].counts.lossPercent)) %", "\(text(one.rttMs.median)) ms",
                "\(text(one.lossPercent.median)) %", quality(one), "\(one.dropped)",
                one.recommended.max().map { "\($0) ms" } ?? "–", one.states.joined(separator: " → "),
                one.reasons.isEmpty ? "none" : one.reasons.sorted().joined(separator: ", "),
            ]
        }
        let lines = [head, head.map { _ in "---" }] + rows
        return "\n" + lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n") + "\n"
    }

    /// Whether what was said is what was inflicted.
    private static func figures(_ seen: [Seen]) -> [Figure] {
        let rtts = networks.indices.filter {
            networks[$0].faults.rateKbps == 0 && networks[$0].faults.blackoutSeconds == 0
        }
        let rttErrors = rtts.compactMap { index -> Double? in
            let faults = networks[index].faults
            // Both ways; jitter adds its mean, each way.
            return seen[index].rttMs.median.map { abs($0 - 2 * faults.delayMs - faults.jitterMs) }
        }
        let lossFactors = networks.indices.filter { networks[$0].faults.lossPercent > 0 }.compactMap { index in
            seen[index].lossPercent.median.map { $0 / networks[index].faults.lossPercent }
        }
        let quiet = networks.indices.filter { index in
            let faults = networks[index].faults
            return faults.lossPercent == 0 && faults.rateKbps == 0 && faults.blackoutSeconds == 0
                && faults.jitterMs == 0
        }
        let falseVerdicts = quiet.count { quality(seen[$0]) != "good" }
        let recovered = networks.indices.filter { index in
            let faults = networks[index].faults
            return faults.lossPercent > 0 && faults.lossPercent <= 5 && faults.delayMs <= 10
        }
        return [
            .limited(
                "round trip said, against inflicted", rttErrors.max(), "ms", atMost: 25,
                note: "the worst of \(rtts.count)"),
            .told(
                "loss said, of that inflicted", lossFactors.max(), "times",
                note:
                    "at most; least \(text(lossFactors.min())). SRT counts each request for a packet, and asks again after half a round trip"
            ),
            .limited("good lines called something else", Double(falseVerdicts), "", atMost: 0),
            .limited(
                "lines with ≤ 5 % loss that SRT recovers, called bad",
                Double(recovered.count { quality(seen[$0]) == "bad" }), "", atMost: 0),
            .told(
                "a starving line (1200 kbit/s) is called", quality(seen[10]) == "good" ? 0 : 1, "",
                note: quality(seen[10])),
        ]
    }
}
