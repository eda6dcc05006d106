import Foundation
import Glibc
import LinuxSystem
import Rig
import Testing
import VenuecastModel

extension SystemTests {
    /// A changed configuration on air: only what differs restarts.
    @Suite(.timeLimit(.minutes(3))) struct ReloadTests {
        private func pid(_ rig: Rig, _ worker: String) async throws -> Int32? {
            try await rig.client.workers().first { $0.id == worker }?.pid
        }

        @Test func touchesOnlyWhatDiffers() async throws {
            var venues = try Rig.Venue.reserve(3)
            venues[1].passphrase = "correct horse battery"
            let stage = try Stage(venues: venues)
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                try await stage.onAir("camera")
                let ids = ["program", "input/camera", "link/shinan", "link/shibei", "link/sifang"]
                var before: [String: Int32] = [:]
                for id in ids { before[id] = try await rig.pid(of: id) }
                let level =
                    try await rig.status("a level") { $0.inputs.first?.audio.peakDbfs != nil }
                    .inputs.first?.audio.peakDbfs ?? 0

                // A louder camera, another latency for one venue, a new key under the old path for another.
                try rig.editConfiguration { text in
                    text.replacing("pattern = \"red\"", with: "pattern = \"red\"\ngainDb = 6")
                        .replacing(
                            "127.0.0.1:\(venues[2].port.number)?mode=listener\"\nlatencyMs = 200",
                            with: "127.0.0.1:\(venues[2].port.number)?mode=listener\"\nlatencyMs = 300")
                }
                try stage.workspace.write("key-shibei", "battery staple horse")
                let asked = try await stage.venuectl("config", "check", rig.configuration, "--against-running")
                #expect(asked.code == 0)
                #expect(asked.output.contains("link/sifang"))
                #expect(asked.output.contains("latencyMs: 200 → 300"))
                #expect(asked.output.contains("key-shibei has changed"))
                for id in ids { #expect(try await pid(rig, id) == before[id], "\(id): asked, not done") }

                let done = try await stage.venuectl("config", "reload")
                #expect(done.code == 0, "\(done.complaint)")
                #expect(done.output.contains("input/camera  adjusted on air"))
                for id in ["link/shibei", "link/sifang"] {
                    try await waitFor("\(id) is a new process") {
                        let new = try await pid(rig, id)
                        return new != nil && new != before[id] ? true : nil
                    }
                }
                for id in ["program", "input/camera", "link/shinan"] {
                    #expect(try await pid(rig, id) == before[id], "\(id)")
                }
                try await rig.status("the camera is louder") {
                    abs(($0.inputs.first?.audio.peakDbfs ?? 0) - level - 6) < 0.5
                }
                try await stage.venue("sifang", "connected with its new latency") { $0.link.negotiatedLatencyMs == 300 }
                try await stage.venue("shibei", "refuses the old key") { venue in
                    venue.reasons.contains { $0.code == "passphrase-rejected" }
                }
                rig.receivers[0].expectOneStream()
                #expect(try await stage.venuectl("config", "reload").output.contains("nothing differs"))
                #expect(!rig.log.contains("battery staple"))

                // A daemon that comes later finds what the reload made, the adjusted input included.
                try await rig.endDaemonAlone(SIGKILL)
                try rig.startDaemon()
                try await stage.onAir("camera")
                #expect(try await rig.pid(of: "input/camera") == before["input/camera"])
            }
        }

        @Test func addsAndRemovesAVenueOnAir() async throws {
            let venues = try Rig.Venue.reserve(2)
            let stage = try Stage(venues: venues)
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                let port = try Port.reserve()
                try rig.editConfiguration { text in
                    let second = text.firstRange(of: "\n[[venues]]\nid = \"shibei\"")!
                    return text[..<second.lowerBound] + "\n[[venues]]\nid = \"laixi\"\n[venues.link]\n"
                        + "url = \"srt://127.0.0.1:\(port.number)?mode=listener\"\nlatencyMs = 200\n"
                }
                kill(try #require(rig.daemonPid), SIGHUP)
                let status = try await rig.status("the venues are other ones") {
                    $0.venues.map(\.id) == ["shinan", "laixi"] && $0.venues[1].state == .waiting
                }
                #expect(status.venues[0].state == .connected)
                let receiver = try Receiver(
                    name: "laixi", address: "srt://127.0.0.1:\(port.number)?mode=caller&latency=200",
                    workspace: stage.workspace)
                try receiver.start()
                defer { receiver.stop() }
                try await receiver.waitForMore(25)
                receiver.expectOneStream()
                rig.receivers[0].expectOneStream()
                try await waitFor("the removed one's process is gone") {
                    try await rig.client.workers().allSatisfy { $0.id != "link/shibei" } ? true : nil
                }
            }
        }

        @Test func aBadFileChangesNothingAndSaysWhy() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                let before = try await rig.pid(of: "link/shinan")
                try rig.editConfiguration {
                    $0.replacing("latencyMs", with: "latencyMS").replacing("input-test", with: "input-tset")
                }
                let refused = try await stage.venuectl("config", "reload")
                #expect(refused.code == 1)
                #expect(refused.complaint.contains("Nothing was changed."))
                #expect(refused.complaint.contains("latencyMS") && refused.complaint.contains("write latencyMs"))
                #expect(refused.complaint.contains("input-tset") && refused.complaint.contains("input-test"))
                kill(try #require(rig.daemonPid), SIGHUP)
                try await waitFor("it is in the log") {
                    rig.log.contains("the configuration is refused; nothing was changed") ? true : nil
                }
                #expect(try await rig.pid(of: "link/shinan") == before)
                rig.receivers[0].expectOneStream()
            }
        }

        /// Each asks a worker whether the pipeline files parse.
        @Test func leavesNothingOpen() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try rig.startDaemon()
                try await rig.status("the daemon answers") { _ in true }
                func pipes() throws -> Int {
                    let directory = "/proc/\(try #require(rig.daemonPid))/fd"
                    return try Files.list(directory).count {
                        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\($0)")
                        return target?.hasPrefix("pipe:") ?? false
                    }
                }
                let before = try pipes()
                for round in 1...5 {
                    // One at a time: the next is refused until the one before is through.
                    try await waitFor("reload \(round)") {
                        try await stage.venuectl("config", "reload").code == 0 ? true : nil
                    }
                }
                try await waitFor("as many pipes as before", seen: { "\(before), \((try? pipes()) ?? 0)" }) {
                    try pipes() <= before ? true : nil
                }
            }
        }
    }
}
