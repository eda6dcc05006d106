import Foundation
import LinuxSystem
import Rig
import Testing
import VenuecastModel

extension SystemTests {
    /// Who is not meant to see a session does not, as real receivers have it.
    @Suite(.timeLimit(.minutes(3))) struct InternalSessionTests {
        private static let rundown = """
            session,number,department,limitMinutes,venues
            S3,1,市监察局,10,shinan
            """

        private func load(_ stage: SessionStage) async throws {
            try await stage.rig.waitForPictures(25)
            try await stage.press("rundown", "load", try stage.workspace.write("rundown.csv", Self.rundown))
        }

        @Test func othersSeeASlateAndNothingElse() async throws {
            let stage = try SessionStage(venues: 3, isRecorded: false)
            try await stage.run {
                let rig = stage.rig
                try rig.startReceivers()
                try await load(stage)
                let recordings = rig.receivers.map { stage.workspace.file("\($0.name).ts") }
                for (receiver, path) in zip(rig.receivers, recordings) { try receiver.record(to: path) }
                try await rig.receivers[2].waitForMore(50)

                try await stage.press("session", "start", "S3")
                // From here on it is blue, and no other venue has ever seen that.
                try await stage.press("program", "take", "standby")
                let status = try await rig.status("the others see the slate") { status in
                    status.venues.map(\.gets) == [.program, .slate, .slate]
                        && status.venues.allSatisfy { $0.state == .connected && $0.health == .ok }
                }
                #expect(status.session?.isInternal == true && status.session?.venues == ["shinan"])
                for receiver in rig.receivers { try await receiver.waitForMore(75) }
                let shown = try await stage.venuectl("status", "--lang", "zh")
                #expect(shown.output.contains("内部") && shown.output.contains("垫片"))

                // A link that dies comes back with the slate.
                kill(try await rig.pid(of: "link/sifang"), SIGKILL)
                try await rig.receivers[2].waitForMore(75)
                try await stage.press("program", "take", "camera")
                try await rig.receivers[0].waitForMore(75)
                try await stage.press("session", "end")
                for receiver in rig.receivers { try await receiver.waitForMore(75) }
                try await rig.status("everybody sees the programme") { status in
                    status.venues.allSatisfy { $0.gets == .program && $0.state == .connected }
                }
                let links = try await rig.client.status().venues.map(\.link.reconnects)
                #expect(links[0] == 0 && links[1] == 0, "nobody had to connect again")
                #expect(try await !rig.client.workers().contains { $0.id == "slate" })

                for receiver in rig.receivers { receiver.endRecording() }
                for receiver in rig.receivers.prefix(2) {
                    #expect(receiver.snapshot().continuityErrors == 0, "\(receiver.name)")
                    #expect(receiver.snapshot().timeOnlyGoesForward, "\(receiver.name)")
                }
                let seen = try await [0, 1].asyncMap {
                    try await Footage(recordings[$0], workspace: stage.workspace).scenes
                }
                #expect(seen[0].map(\.name) == ["red", "blue", "red"], "\(seen[0])")
                #expect(seen[1].map(\.name) == ["red", "dark", "red"], "\(seen[1])")
                #expect(seen[1].count == 3 && seen[1][1].pictures > 75)
            }
        }

        @Test func othersGetNothingWhereSoConfigured() async throws {
            let stage = try SessionStage(venues: 2, isRecorded: false, program: "othersGet = \"nothing\"")
            try await stage.run {
                let rig = stage.rig
                try rig.startReceivers()
                try await load(stage)
                try await stage.press("session", "start", "S3")
                let status = try await rig.client.status()
                let other = status.venues[1]
                #expect(other.state == .off && other.gets == .nothing && other.health == .off)
                #expect(other.reasons.map(\.code) == ["other-venues"])
                try await waitFor("its link is gone") {
                    try await !rig.client.workers().contains { $0.id == "link/shibei" } ? true : nil
                }
                let bytes = rig.receivers[1].snapshot().bytes
                try await rig.receivers[0].waitForMore(75)
                #expect(rig.receivers[1].snapshot().bytes == bytes)
                try await stage.press("session", "end")
                try await rig.receivers[1].waitForMore(50, within: .seconds(40))
            }
        }
    }
}

extension Array {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
