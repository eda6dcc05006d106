import Foundation
import LinuxSystem
import Rig
import Testing
import VenuecastModel
import WorkerProtocol

extension SystemTests {
    /// The colour of a picture, from a file to what the broadcaster gets.
    @Suite(.timeLimit(.minutes(3))) struct ChromaTests {
        /// Colour that changes from row to row: what keeps it for every second row only has the mean of both.
        private static let (one, other) = (90, 166)

        @Test(arguments: ["4:2:0", "4:2:2"]) func aRecordingKeepsWhatItsHouseKeeps(chroma: String) async throws {
            let workspace = try Workspace()
            let film = try await stripes(workspace)
            let stage = try SessionStage(
                inputs: "[[inputs]]\nid = \"camera\"\npipeline = \"input-file\"\npath = \"\(film)\"\nloop = true",
                programInputs: #"["camera"]"#, program: "countdown = { corner = \"top-left\", lastSeconds = 600 }",
                house: Stage.house + "\nchroma = \"\(chroma)\"", recording: "inputs = [\"camera\"]",
                workspace: workspace)
            try await stage.run {
                let receiver = stage.rig.receivers[0]
                try stage.rig.startReceivers()
                try await stage.rig.waitForPictures(25)
                let rundown = "session,number,department,limitMinutes\nS1,1,市财政局,10\n"
                try await stage.press("rundown", "load", try workspace.write("rundown.csv", rundown))
                try await stage.press("session", "start", "S1")
                try await stage.recorded("it records") { $0.state == .recording && ($0.frames ?? 0) > 25 }
                let live = workspace.file("live.ts")
                try receiver.record(to: live)
                try await stage.press("report", "next")
                try await receiver.waitForMore(50)
                try await stage.press("program", "take", "slate:holding")
                try await receiver.waitForMore(75)
                receiver.endRecording()
                try await stage.press("session", "end")
                try await waitFor("all of it is read again") {
                    try stage.segments().allSatisfy { $0.state == .checked } ? true : nil
                }

                let format = chroma == "4:2:2" ? "yuv422p,High 4:2:2 Intra" : "yuv420p,High"
                let steps = chroma == "4:2:2" ? Double(Self.other - Self.one) : 0
                for folder in ["master", "iso-camera"] {
                    let file = try #require(
                        try Files.list("\(stage.folder)/\(folder)").first { $0.hasSuffix(".mkv") })
                    let path = "\(stage.folder)/\(folder)/\(file)"
                    #expect(try await self.format(path, workspace) == format, "\(folder)")
                    let measured = try await step(path, workspace)
                    #expect(abs(measured - steps) < 8, "\(folder): from row to row \(measured)")
                }
                #expect(try stage.segments().allSatisfy { $0.gaps.isEmpty && $0.gapBefore == nil })

                // Venues get what their decoders take, without a break.
                receiver.expectOneStream()
                #expect(try await self.format(live, workspace) == "yuv420p,High")
                let scenes = try await Footage(live, workspace: workspace).scenes.map(\.name)
                #expect(scenes.last == "dark" && scenes.first == "other", "\(scenes)")
                #expect(stage.rig.receivers[0].snapshot().continuityErrors == 0)
            }
        }

        /// Without loss, four seconds with sound.
        private func stripes(_ workspace: Workspace) async throws -> String {
            let path = workspace.file("stripes.mkv")
            let colour = { (first: Int, second: Int) in "\(first)+\(second - first)*mod(Y,2)" }
            let (code, _, complaint) = try await workspace.run(
                "ffmpeg",
                [
                    "-v", "error", "-f", "lavfi", "-i",
                    "nullsrc=size=640x360:rate=25:duration=0.04,format=yuv422p,"
                        + "geq=lum='64+128*X/W':cb='\(colour(Self.one, Self.other))':cr='\(colour(Self.other, Self.one))',"
                        + "loop=loop=99:size=1,setpts=N/25/TB",
                    "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=4", "-c:v", "ffv1",
                    "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
                    "-c:a", "pcm_s16le", path,
                ])
            #expect(code == 0, "\(complaint)")
            return path
        }

        /// The middle of one frame's mean difference between a row of blue and the next.
        private func step(_ path: String, _ workspace: Workspace) async throws -> Double {
            let raw = "\(path).raw"
            let (code, _, complaint) = try await workspace.run(
                "ffmpeg",
                [
                    "-v", "error", "-y", "-i", path, "-map", "0:v", "-vf", "select=eq(n\\,20)", "-frames:v", "1",
                    "-pix_fmt", "yuv422p", "-f", "rawvideo", raw,
                ])
            #expect(code == 0, "\(complaint)")
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: raw)))
            try #require(bytes.count == 640 * 360 * 2)
            let blue = bytes[(640 * 360)..<(640 * 360 * 3 / 2)]
            var sum = 0
            for row in 90..<270 {
                for column in 40..<280 {
                    let at = blue.startIndex + row * 320 + column
                    sum += abs(Int(blue[at]) - Int(blue[at + 320]))
                }
            }
            return Double(sum) / Double(180 * 240)
        }

        private func format(_ path: String, _ workspace: Workspace) async throws -> String {
            let (_, output, _) = try await workspace.run(
                "ffprobe",
                [
                    "-v", "error", "-select_streams", "v", "-show_entries", "stream=profile,pix_fmt", "-of",
                    "default=nw=1:nk=1", path,
                ])
            // In the order that ffprobe has; a transport stream is named once for its program and once for itself.
            let lines = output.split(separator: "\n").map(String.init)
            return lines.count > 1 ? "\(lines[1]),\(lines[0])" : output
        }
    }
}
