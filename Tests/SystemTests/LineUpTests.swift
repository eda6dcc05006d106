import Foundation
import Glibc
import LinuxSystem
import Rig
import Testing
import VenuecastModel

extension SystemTests {
    @Suite(.timeLimit(.minutes(2))) struct LineUpTests {
        private struct Result: Decodable {
            struct Item: Decodable {
                var subject: String
                var go: Bool
                var reason: String
            }

            var go: Bool
            var items: [Item]
        }

        @Test func walksThroughEverythingAndNamesWhatIsNotThere() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(3))
            try await stage.run {
                let rig = stage.rig
                try rig.editConfiguration { text in
                    text.replacing("[program]\n", with: "[program]\nuplinkMbps = 100\n")
                }
                try rig.startDaemon()
                try await rig.status("the daemon answers") { $0.program.onAir == "camera" }
                // The third is not switched on.
                for receiver in rig.receivers.prefix(2) { try receiver.start() }
                for id in ["shinan", "shibei"] {
                    try await stage.venue(id, "is connected") { $0.state == .connected && $0.health == .ok }
                }
                try await rig.status("programme and inputs are well") { status in
                    status.program.health == .ok && status.inputs.allSatisfy { $0.health == .ok }
                }
                let page = stage.workspace.file("lineup.html")
                let run = try await stage.venuectl("lineup", "--seconds", "3", "--json", "--html", page)
                #expect(run.code == 1)
                let result = try JSONDecoder().decode(Result.self, from: Data(run.output.utf8))
                let items = Dictionary(uniqueKeysWithValues: result.items.map { ($0.subject, $0) })
                #expect(!result.go)
                for subject in [
                    "configuration", "keys", "program", "slates", "uplink", "workers", "venue/shinan", "venue/shibei",
                    "input/camera",
                ] {
                    #expect(items[subject]?.go == true, "\(subject): \(items[subject]?.reason ?? "missing")")
                }
                #expect(items["venue/sifang"]?.go == false)
                #expect(items["machine"]?.reason.contains("cores") == true)
                let text = String(decoding: try Files.read(page), as: UTF8.self)
                #expect(text.contains("NO-GO 不可开始") && text.contains("市南区分会场"))

                // Without the one, and with a key that is gone.
                let shown = try await stage.venuectl("lineup", "--seconds", "1", "--without", "sifang", "--lang", "zh")
                #expect(shown.output.contains("GO     市南区分会场") && !shown.output.contains("NO-GO  四方区分会场"))
                #expect(try await stage.venuectl("lineup", "--seconds", "1", "--without", "nowhere").code == 1)
                #expect(try await stage.venuectl("lineup", "--seconds", "0").code == 2)
                try rig.editConfiguration {
                    $0.replacing("latencyMs = 200", with: "latencyMs = 200\npassphraseFile = \"/nowhere/key\"")
                }
                let keys = try await stage.venuectl("lineup", "--seconds", "1", "--json")
                let after = try JSONDecoder().decode(Result.self, from: Data(keys.output.utf8))
                #expect(after.items.first { $0.subject == "keys" }?.go == false)
                #expect(after.items.first { $0.subject == "configuration" }?.go == false)
                try await rig.endDaemonAlone(SIGKILL)
                #expect(try await stage.venuectl("lineup", "--seconds", "1").code == 3)
            }
        }
    }
}
