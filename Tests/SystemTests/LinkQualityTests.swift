import Foundation
import LinuxSystem
import Rig
import Testing
import VenuecastModel

extension SystemTests {
    /// What is said of lines, against what was inflicted on them.
    @Suite(.timeLimit(.minutes(3))) struct LinkQualityTests {
        /// Puts a bad line between the link and its receiver.
        private func worsen(_ venue: inout Rig.Venue, loss: Double, delayMs: Double) throws -> [any Sendable] {
            let listener = try Port.reserve()
            venue.linkURL = "srt://127.0.0.1:\(listener.number)?mode=listener"
            let relay = try NetworkRelay(
                front: venue.port.number, target: listener.number,
                faults: NetworkRelay.Faults(delayMs: delayMs, lossPercent: loss), seed: 2012)
            return [listener, relay]
        }

        @Test func lossThatIsMadeGoodIsNoAlarmAndTooLittleLatencyIsSaid() async throws {
            let workspace = try Workspace()
            var venues = try Rig.Venue.reserve(2)
            // 800 ms of latency are plenty for a round trip of some 10 ms, and 200 ms too little for one of 80 ms.
            let lines = [
                try worsen(&venues[0], loss: 5, delayMs: 4),
                try worsen(&venues[1], loss: 5, delayMs: 40),
            ]
            let stage = try Stage(venues: venues, workspace: workspace)
            try await stage.run {
                let rig = stage.rig
                try rig.editConfiguration { text in
                    let first = text.firstRange(of: "latencyMs = 200")!
                    return text.replacingCharacters(in: first, with: "latencyMs = 800")
                        + "\n[alarms]\nimpairedSeconds = 2\n"
                }
                try await stage.begin()
                try await stage.venue("shibei", "is strained", within: .seconds(40)) { venue in
                    venue.link.quality == "strained" && venue.health == .degraded
                        && venue.reasons.contains { $0.code == "loss" && $0.text.contains("set `latencyMs = ") }
                        && (venue.link.recommendedLatencyMs ?? 0) > 200 && (venue.link.rttMinMs ?? 0) >= 80
                }
                try await waitFor("the alarm of shibei") {
                    try await rig.client.status().alarms.contains { $0.subject == "venue/shibei" } ? true : nil
                }
                let shinan = try #require(try await rig.client.status().venues.first)
                #expect((shinan.link.lossPercent ?? 0) > 2)
                #expect((shinan.link.lostPerSecond ?? 0) > 0)
                #expect(shinan.link.quality == "good")
                #expect(shinan.health == .ok)
                #expect(try await rig.client.status().alarms.map(\.subject) == ["venue/shibei"])
                let shown = try await stage.venuectl("venue", "show", "shibei", "--lang", "zh")
                #expect(shown.output.contains("紧张：丢包超出缓冲可补救的范围"))
                #expect(shown.output.contains("，此线路需要 "))
            }
            withExtendedLifetime(lines) {}
        }
    }
}
