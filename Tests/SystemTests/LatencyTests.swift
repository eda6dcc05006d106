import Foundation
import Glibc
import LinuxSystem
import Rig
import Testing
import VenuecastModel

extension SystemTests {
    /// How late a venue is said to be, and what is kept of it.
    @Suite(.timeLimit(.minutes(2))) struct LatencyTests {
        private static let unkept = ClockStatus(source: "none", synchronised: false)

        private func report(_ ms: Double, bootID: String?) -> ReceiverReport {
            ReceiverReport(
                p50Ms: ms, p95Ms: ms + 5, p99Ms: ms + 9, frames: 125, seconds: 5, clock: Self.unkept, bootID: bootID)
        }

        @Test func whatIsMeasuredHereIsInTheEstimateAndAReceiversWordIsTakenForOneClock() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(2))
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                try await stage.venue("shinan", "every part is known") { venue in
                    let latency = venue.latency
                    guard latency.source == "estimated", let ms = latency.ms, let encode = latency.encodeMs,
                        let feed = latency.feedMs, let link = latency.linkMs, let rtt = venue.link.rttMs,
                        let negotiated = venue.link.negotiatedLatencyMs, latency.p50Ms != nil
                    else { return false }
                    // A frame takes some time, and the sum is the sum.
                    return encode > 1 && feed > 0 && link > 0 && encode < 2000
                        && abs(ms - encode - feed - link - Double(negotiated) - rtt / 2) < 1
                }
                try await rig.status("how the clock is kept is known") { $0.clock != nil }

                let path = "/v1/venues/shinan/report"
                _ = try await rig.client.post(path, body: report(741, bootID: currentBootID()))
                let measured = try #require(try await rig.client.status().venues.first)
                #expect(measured.latency.source == "measured")
                #expect(measured.latency.ms == 741)
                #expect(measured.latency.p99Ms == 750)
                #expect(measured.latency.encodeMs != nil)
                let other = try #require(try await rig.client.status().venues.last)
                #expect(other.latency.source == "estimated")
                let shown = try await stage.venuectl("venue", "show", "shinan", "--lang", "zh")
                #expect(shown.output.contains("741 ms ± 0.1 ms（实测）"))
                let text = String(decoding: try await rig.client.data(get: "/metrics"), as: UTF8.self)
                #expect(text.contains(#"venuecast_latency_seconds{venue="shinan",source="measured"} 0.741"#))
                let pages = try stage.workspace.write("metrics", text)
                let check = try stage.workspace.shell("exec promtool check metrics <'\(pages)'", log: "promtool.log")
                #expect(await check.waitForExit(timeout: .seconds(60)) == .exited(code: 0))
                #expect(try Files.read(stage.workspace.file("promtool.log")).isEmpty)

                // Another machine's clock that nobody keeps measures nothing.
                _ = try await rig.client.post(path, body: report(742, bootID: "another"))
                let doubted = try #require(try await rig.client.status().venues.first).latency
                #expect(doubted.source == "estimated")
                #expect(doubted.notMeasured != nil)
                // What is no report is refused, and only that is on record.
                var wrong = report(5, bootID: nil)
                wrong.p99Ms = 1
                await #expect(throws: ControlError.self) { try await rig.client.post(path, body: wrong) }
                await #expect(throws: ControlError.self) {
                    try await rig.client.post("/v1/venues/nowhere/report", body: report(5, bootID: nil))
                }
                let orders = String(decoding: try await rig.client.data(get: "/v1/events?kind=order"), as: UTF8.self)
                #expect(orders.matches(of: #/"action":"report"/#).count == 2)
            }
        }

        @Test func aDamagedHistoryIsAnAlarmAndNothingElse() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try Files.ensureDirectory(rig.stateDirectory)
                let path = "\(rig.stateDirectory)/history.sqlite"
                try Files.writeAtomically(path, Array(String(repeating: "no database ", count: 2000).utf8))
                try rig.editConfiguration { $0 + "\n[alarms]\nrecordingSeconds = 1\n" }
                try await stage.begin()
                try await waitFor("the alarm") {
                    try await rig.client.status().alarms.first { $0.subject == "history" && $0.severity == .warning }
                }
                #expect(Files.exists(path + ".unreadable"))
                try await stage.venue("shinan", "is well") { $0.health == .ok && $0.latency.ms != nil }
                rig.receivers[0].expectOneStream()
                // What has been since is kept, and shown.
                try await waitFor("a point with a latency", within: .seconds(30)) {
                    let data = try await rig.client.data(get: "/v1/venues/shinan/history?seconds=60&points=10")
                    let history = try VenuecastJSON.decode(VenueHistory.self, from: data)
                    return history.points.contains { $0.ms != nil && $0.source == "estimated" } ? true : nil
                }
                let shown = try await stage.venuectl("venue", "history", "shinan", "--seconds", "60")
                #expect(shown.code == 0 && shown.output.contains("all of it: p50"))
                #expect(try await stage.venuectl("venue", "history", "shinan", "--seconds", "1").code == 1)
            }
        }
    }
}
