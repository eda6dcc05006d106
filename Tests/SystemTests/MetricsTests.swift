import Foundation
import LinuxSystem
import Rig
import Testing
import VenuecastModel

extension SystemTests {
    /// What a scraper gets from a whole system.
    @Suite(.timeLimit(.minutes(2))) struct MetricsTests {
        /// By name and labels, as the line has them.
        private func metrics(_ text: String) -> [String: Double] {
            let pairs = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
                line -> (String, Double)? in
                guard let blank = line.lastIndex(of: " "), let value = Double(line[line.index(after: blank)...]) else {
                    return nil
                }
                return (String(line[..<blank]), value)
            }
            return Dictionary(pairs, uniquingKeysWith: { $1 })
        }

        /// A real Prometheus, with the rules as they are shipped, notices what the daemon cannot say itself.
        @Test func aRealPrometheusNoticesThatTheDaemonIsGone() async throws {
            let (scraped, own) = (try Port.reserve(), try Port.reserve())
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try rig.editConfiguration { $0 + "\n[control]\nscrapePort = \(scraped.number)\n" }
                try await stage.begin()
                let shipped = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                    .deletingLastPathComponent().appending(path: "Monitoring").path
                let text = String(decoding: try Files.read("\(shipped)/prometheus.yml"), as: UTF8.self)
                    .replacing("9464", with: "\(scraped.number)").replacing("5s", with: "1s")
                    .replacing("venuecast-rules.yml", with: "\(shipped)/venuecast-rules.yml")
                let file = try stage.workspace.write("prometheus.yml", text)
                _ = try stage.workspace.spawn(
                    "prometheus",
                    [
                        "--config.file=\(file)", "--storage.tsdb.path=\(stage.workspace.file("tsdb"))",
                        "--web.listen-address=127.0.0.1:\(own.number)",
                    ], log: "prometheus.log")
                func ask(_ path: String) async throws -> String {
                    try await stage.workspace.run(
                        "curl", ["-s", "-S", "--max-time", "10", "http://127.0.0.1:\(own.number)\(path)"]
                    ).output
                }
                try await waitFor("it has scraped", within: .seconds(40)) {
                    try await ask("/api/v1/query?query=venuecast_venue_health").contains("shinan") ? true : nil
                }
                // Before its first look there was nothing, which is pending and not firing.
                try await waitFor("no alert is left", within: .seconds(40)) {
                    try await ask("/api/v1/alerts").contains("VenuecastDown") ? nil : true
                }
                try await rig.endDaemonAlone(SIGKILL)
                try await waitFor("the rule fires", within: .seconds(60)) {
                    let alerts = try await ask("/api/v1/alerts")
                    return alerts.contains("VenuecastDown") && alerts.contains(#""state":"firing""#) ? true : nil
                }
            }
        }

        @Test func totalsSurviveAWorkerAndPromtoolIsContent() async throws {
            let port = try Port.reserve()
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try rig.editConfiguration { $0 + "\n[control]\nscrapePort = \(port.number)\n" }
                try await stage.begin()
                try await stage.venue("shinan", "is connected") {
                    $0.state == .connected && ($0.link.bytesSent ?? 0) > 0
                }

                func scrape() async throws -> String {
                    let answer = try await stage.workspace.run(
                        "curl", ["-s", "-S", "--max-time", "10", "http://127.0.0.1:\(port.number)/metrics"])
                    guard answer.code == 0 else { throw RigError("curl: \(answer.complaint)") }
                    return answer.output
                }
                let name = #"venuecast_link_bytes_sent_total{venue="shinan"}"#
                let text = try await waitFor("the scraper is served, and what was sent is counted") {
                    let text = try await scrape()
                    return metrics(text)[name] ?? 0 > 0 ? text : nil
                }
                let file = try stage.workspace.write("metrics", text)
                let check = try stage.workspace.shell("exec promtool check metrics <'\(file)'", log: "promtool.log")
                #expect(await check.waitForExit(timeout: .seconds(60)) == .exited(code: 0))
                #expect(try Files.read(stage.workspace.file("promtool.log")).isEmpty)

                // Nothing else is told to everybody.
                for path in ["/v1/status", "/v1/events"] {
                    let answer = try await stage.workspace.run(
                        "curl",
                        ["-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:\(port.number)\(path)"])
                    #expect(answer.output == "403", "\(path)")
                }

                let before = try #require(metrics(text)[name])
                #expect(metrics(text)[#"venuecast_program_on_air{input="camera"}"#] == 1)
                try await stage.signal("link/shinan", SIGKILL)
                try await waitFor("the new one has counted") { () -> Bool? in
                    let now = metrics(try await scrape())
                    guard let sent = now[name], now[#"venuecast_worker_restarts_total{worker="link/shinan"}"#] == 1
                    else {
                        return nil
                    }
                    // Never, not for one scrape.
                    #expect(sent >= before)
                    return sent > before ? true : nil
                }
                #expect(try await stage.venuectl("check", "program").code == 0)
                try await stage.signal("program", SIGSTOP)
                try await waitFor("the plugin says that the programme is gone") {
                    try await stage.venuectl("check", "program").code == 2 ? true : nil
                }
                try? await stage.signal("program", SIGCONT)
            }
        }
    }
}
