import Foundation
import LinuxSystem
import Rig
import Testing
import VenuecastModel

extension SystemTests {
    /// What is left of a report's time is seen by the venues and is never in the recording.
    @Suite(.timeLimit(.minutes(2))) struct CountdownTests {
        @Test func venuesSeeItAndTheRecordingDoesNot() async throws {
            let stage = try SessionStage(program: "countdown = { corner = \"top-left\", lastSeconds = 600 }")
            try await stage.run {
                let rig = stage.rig
                try rig.startReceivers()
                try await rig.waitForPictures(25)
                let file = try stage.workspace.write(
                    "rundown.csv", "session,number,department,limitMinutes\nS1,1,市财政局,10\n")
                try await stage.press("rundown", "load", file)
                try await stage.press("session", "start", "S1")
                try await stage.recorded("it records") { $0.state == .recording }
                let path = stage.workspace.file("live.ts")
                try rig.receivers[0].record(to: path)
                try await rig.receivers[0].waitForMore(50)
                try await stage.press("report", "next")
                try await rig.receivers[0].waitForMore(75)

                // Another programme process shows it again.
                try await stage.press("worker", "replace", "program", "--yes")
                try await rig.receivers[0].waitForMore(75)
                try await stage.press("report", "end")
                try await rig.receivers[0].waitForMore(75)
                rig.receivers[0].endRecording()
                try await stage.press("session", "end")
                try await waitFor("all of it is read again") {
                    try stage.segments().allSatisfy { $0.state == .checked } ? true : nil
                }

                let live = try await corner(path, stage)
                // The corner is red, as the camera, where there is no countdown.
                #expect(live.first == "red" && live.last == "red")
                // Of both processes, but for the moment until the second one was told.
                #expect(live.count { $0 == "other" } > 120, "\(live.count { $0 == "other" }) of \(live.count)")
                for segment in try stage.segments() {
                    let master = try await corner("\(stage.folder)/master/\(segment.file)", stage)
                    #expect(Set(master).subtracting(["dark"]) == ["red"], "\(segment.file)")
                }
            }
        }

        /// The colour of a piece of the countdown's background in each picture.
        private func corner(_ path: String, _ stage: SessionStage) async throws -> [String] {
            let rgb = "\(stage.workspace.file("corner")).\(UInt32.random(in: 0...UInt32.max)).rgb"
            let (code, _, complaint) = try await stage.workspace.run(
                "ffmpeg",
                [
                    "-v", "error", "-y", "-i", path, "-an", "-fps_mode", "passthrough", "-vf",
                    "crop=60:30:36:22,scale=1:1:flags=area,format=rgb24", "-f", "rawvideo", rgb,
                ])
            #expect(code == 0, "\(complaint)")
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: rgb)))
            return stride(from: 0, to: bytes.count - 2, by: 3).map {
                Footage.Colour(red: bytes[$0], green: bytes[$0 + 1], blue: bytes[$0 + 2]).name
            }
        }
    }
}
