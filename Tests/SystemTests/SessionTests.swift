import Foundation
import Glibc
import LinuxSystem
import Rig
import Sessions
import Testing
import VenuecastModel
import WorkerProtocol

extension SystemTests {
    /// A small session, with everything that can come in between.
    @Suite(.timeLimit(.minutes(3))) struct SessionTests {
        private static let rundown = """
            session,number,department,limitMinutes
            S1,1,市财政局,0.05
            S1,2,市教育局,10
            S1,3,市公安局,10
            """

        @Test func aSessionIsRecordedWhateverDiesInBetween() async throws {
            let stage = try SessionStage()
            try await stage.run {
                let file = try stage.workspace.write("rundown.csv", Self.rundown)
                #expect(try await stage.venuectl("rundown", "load", file).code == 0)
                let early = try await stage.venuectl("report", "next")
                #expect(early.code == 1 && early.complaint.contains("venuectl session start"))
                let start = try await stage.venuectl("session", "start", "S1")
                #expect(start.code == 0 && start.complaint.isEmpty && start.output.contains("being recorded"))
                // What was said is so.
                #expect(try await stage.rig.client.status().recording.state == .recording)
                try await stage.recorded("it records") { $0.state == .recording && ($0.frames ?? 0) > 25 }

                try await stage.press("report", "next")
                try await stage.session("its time is up") { $0.report?.countdown == .timeUp }
                // Out of order.
                try await stage.press("report", "start", "3")
                try await stage.press("mark", "掌声", "很长")

                // The daemon is killed between a press and the next: what it said has happened, has.
                try await stage.rig.endDaemonAlone(SIGKILL)
                try await stage.restart()
                try await stage.session("report 3 goes on") { $0.report?.number == 3 && $0.given == 2 }

                // The recorder is killed: another goes on in the next segment.
                let recorder = try await stage.rig.pid(of: "recorder")
                let frames = try await stage.rig.client.status().recording.frames ?? 0
                kill(recorder, SIGKILL)
                try await stage.recorded("it records again") {
                    $0.state == .recording && ($0.frames ?? 0) > frames + 50
                }
                try await stage.press("report", "next")
                // Again, and that was wrong.
                try await stage.press("report", "start", "3")
                try await stage.press("report", "undo")
                try await stage.session("report 2 goes on") { $0.report?.number == 2 }
                let stop = try await stage.venuectl("venue", "stop", "shinan")
                #expect(stop.code == 1 && stop.complaint.contains("--yes"))

                // While the daemon is away the recording goes on.
                try await stage.rig.endDaemonAlone(SIGKILL)
                let before = try stage.segments().count
                try await waitFor("a segment more") { try stage.segments().count > before ? true : nil }
                try await stage.restart()
                try await stage.press("session", "end")
                try await waitFor("all of it is read again", seen: { "\((try? stage.segments().map(\.state)) ?? [])" })
                {
                    try stage.segments().allSatisfy { $0.state == .checked } ? true : nil
                }
                try await waitFor("no recorder is left") {
                    try await !stage.rig.client.workers().contains { $0.id == "recorder" } ? true : nil
                }
                try await stage.expectWholeSession()
                try await stage.expectDelivery()
            }
        }

        /// Two operators at two desks.
        @Test func ofTwoPressesAtOnceOneWins() async throws {
            let stage = try SessionStage(isRecorded: false)
            try await stage.run {
                try await stage.press("rundown", "load", try stage.workspace.write("rundown.csv", Self.rundown))
                try await stage.press("session", "start", "S1")
                async let one = stage.venuectl("report", "next")
                async let two = stage.venuectl("report", "next")
                let answers = try await [one, two].sorted { $0.code < $1.code }
                #expect(answers.map(\.code) == [0, 1])
                #expect(answers[1].complaint.contains(" s ago: report 1 started"), "\(answers[1].complaint)")
                let status = try await stage.rig.client.status().session
                #expect(status?.report?.number == 1 && status?.given == 1)
                // Whoever says what he has seen is held to that.
                let seen = try await stage.venuectl("report", "next", "--seen", "1", "--lang", "zh")
                #expect(seen.code == 1 && seen.complaint.contains("未作任何更改"))
                try await stage.press("report", "next", "--seen", "\(status?.revision ?? 0)")
                let events = try await stage.venuectl("event", "list", "--json")
                #expect(events.output.contains("report.state") || events.output.contains("\"next\""))
            }
        }

        /// Presses without end, while the daemon is killed again and again.
        @Test func nothingThatWasAcknowledgedIsLost() async throws {
            let stage = try SessionStage(isRecorded: false)
            try await stage.run {
                let lines = (1...60).map { "S1,\($0),部门\($0),10" }
                let file = try stage.workspace.write(
                    "rundown.csv", "session,number,department,limitMinutes\n" + lines.joined(separator: "\n"))
                #expect(try await stage.venuectl("rundown", "load", file).code == 0)
                let start = try await stage.venuectl("session", "start", "S1", "--lang", "zh")
                #expect(start.code == 0 && start.complaint.contains("未录制"))
                var acknowledged: [String] = []
                for round in 0..<4 {
                    // Presses one after the other, and the kill hits whichever is on its way.
                    let presser = Task { [client = stage.rig.client] in
                        var told: [String] = []
                        for number in 0..<200 {
                            let text = "\(round)-\(number)"
                            do {
                                try await client.post("/v1/markers", body: MarkRequest(text: text))
                                told.append(text)
                            } catch { break }
                        }
                        return told
                    }
                    try await Task.sleep(for: .milliseconds(100 + 70 * round))
                    try await stage.rig.endDaemonAlone(SIGKILL)
                    acknowledged += await presser.value
                    try await stage.restart()
                    let marks = try await stage.rig.client.get("/v1/sessions/S1", as: SessionSummary.self).marks
                    let known = Set(marks.map(\.text))
                    #expect(acknowledged.allSatisfy(known.contains))
                    #expect(known.count - acknowledged.count <= round + 1, "at most the one that was on its way")
                    #expect(marks.count == known.count)
                }
                #expect(acknowledged.count > 10)
            }
        }
    }
}
