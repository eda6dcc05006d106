import Foundation
import Testing
import VenuecastModel

@testable import ControlAPI
@testable import VenuectlKit

/// What a monitoring system makes of it.
@Suite struct PluginTests {
    private func checks(_ edit: (inout ActivityStatus) -> Void = { _ in }) -> PluginChecks {
        var status = ActivityStatus.sample()
        edit(&status)
        return PluginChecks(words: Words(language: .en), status: status)
    }

    @Test func saysAVenueInOneLine() {
        #expect(
            checks().venue("shinan").line
                == "VENUECAST OK - 市南区分会场 shinan: connected | send_mbps=6.3;;;0 rtt=0.0121s;;;0 loss=0%;;;0;100 "
                + "bytes_sent=2700000000c;;;0 latency=0.841s;;;0")
        #expect(checks().venue("laoshan").state == .warning)
        #expect(checks().venue("jimo").state == .critical)
        #expect(checks().venue("jimo").line.contains("Ask Jimo to switch its decoder on."))
        #expect(checks().venue("licang").state == .ok)
        #expect(checks().venue("atlantis").state == .unknown)
    }

    @Test func theWorstComesFirst() {
        let all = checks { $0.health = .failed }.all()
        #expect(all.state == .critical)
        #expect(
            all.line.hasPrefix(
                "VENUECAST CRITICAL - jimo: absent; jiaonan: passphrase-rejected; standby: absent; laoshan"))
        #expect(
            all.line.hasSuffix(
                "venues_ok=8;;;0;12 venues_degraded=1;;;0;12 venues_failed=2;;;0;12 venues_off=1;;;0;12 fps=25;;;0"))
        #expect(checks().program().state == .ok)
        #expect(checks().recording().state == .ok)
        let full = checks { $0.recording = RecordingStatus(health: .failed, state: .full, session: "S1") }
        #expect(full.recording().state == .critical)
    }

    @Test func nothingInATextBreaksTheLine() {
        let text = PluginResult(state: .warning, text: "a | b\nc", figures: []).line
        #expect(text == "VENUECAST WARNING - a / b c")
    }

    @Test func answersWithThePluginsCodes() async throws {
        try await Stage.run { stage in
            let cases: [([String], Int32, String)] = [
                (["check"], 1, "VENUECAST WARNING"), (["check", "venue", "shinan"], 0, "VENUECAST OK"),
                (["check", "venue", "jimo"], 2, "VENUECAST CRITICAL"),
                (["check", "program", "--json"], 0, #""code":0"#),
                (["check", "recording"], 0, "VENUECAST OK - no session"),
                (["check", "venue", "x"], 3, "VENUECAST UNKNOWN"),
                (["check", "venue"], 3, ""), (["check", "weather"], 3, ""),
            ]
            for (arguments, code, beginning) in cases {
                let console = Captured()
                #expect(await Venuectl.run(["--socket", stage.monitor] + arguments, console: console.console) == code)
                #expect(beginning.isEmpty || console.text.contains(beginning), "\(arguments): \(console.text)")
                if !beginning.isEmpty { #expect(console.text.split(separator: "\n").count == 1) }
            }
            let nobody = Captured()
            #expect(await Venuectl.run(["--socket", "/nowhere/x.sock", "check"], console: nobody.console) == 3)
            #expect(nobody.text.hasPrefix("VENUECAST UNKNOWN - No daemon listens"))
        }
    }

    @Test func servesMetricsOnBothSockets() async throws {
        try await Stage.run { stage in
            for socket in [stage.control, stage.monitor] {
                let answer = try await stage.curl("--unix-socket", socket, "-D", "-", "http://localhost/metrics")
                #expect(answer.status == 200)
                #expect(answer.text.contains("text/plain; version=0.0.4"))
                #expect(answer.text.hasSuffix("x 1\n"))
            }
        }
    }
}

/// Alarms as they are asked for and shown.
@Suite struct AlarmCommandTests {
    @Test func listsAndAcknowledges() async throws {
        try await Stage.run { stage in
            let list = Captured()
            #expect(await Venuectl.run(["--socket", stage.monitor, "alarm", "list"], console: list.console) == 0)
            #expect(list.text.contains("✗ A1   venue/jimo  since "))
            #expect(list.text.contains("       Jimo gets no programme.\n       → Phone the venue."))
            let ack = Captured()
            #expect(
                await Venuectl.run(
                    ["--socket", stage.control, "alarm", "ack", "a1", "--as", "王工", "--lang", "zh"],
                    console: ack.console) == 0)
            #expect(ack.text == "✓ A1：已由 王工 确认\n")
            #expect(
                await Venuectl.run(["--socket", stage.control, "alarm", "ack", "A9"], console: Captured().console) == 1)
            #expect(
                await Venuectl.run(["--socket", stage.monitor, "alarm", "ack", "A1"], console: Captured().console) == 1)
            let alarm = try await stage.client.post("/v1/alarms/A1/acknowledge", as: AlarmStatus.self)
            #expect(alarm.acknowledgedBy?.isEmpty == false)
            for by in ["", " ", "a\nb", String(repeating: "x", count: 61)] {
                let refused = await #expect(throws: ControlError.self) {
                    try await stage.client.post("/v1/alarms/A1/acknowledge", body: AcknowledgeRequest(by: by))
                }
                #expect(refused?.status == 400)
            }
        }
    }
}

/// What is served on loopback, where anybody on the machine can ask.
@Suite struct ScraperTests {
    @Test func getsNothingThatIsNotForEverybody() {
        let open = Set(Route.all.filter { $0.isOn(.scraper) }.map { "\($0.method.rawValue) \($0.path)" })
        #expect(open == ["GET /metrics", "GET /healthz", "GET /readyz", "GET /openapi.json"])
    }
}
