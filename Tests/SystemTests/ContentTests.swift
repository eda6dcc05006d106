import Foundation
import LinuxSystem
import Rig
import Testing
import TransportStream
import VenuecastModel

extension SystemTests {
    /// Black, frozen and silent sources: what a person is told of them, and of what is none of that.
    @Suite(.timeLimit(.minutes(3))) struct ContentTests {
        /// A clock in the picture would keep it alive.
        private static let pipeline = """
            # default: frequency = 440
            # default: volume = 0.1
            # default: bufferMs = 60
            videotestsrc is-live=true name=test pattern=${pattern}
              ! video/x-raw,format=I420,width=${width},height=${height},framerate=${frameRate}/1,pixel-aspect-ratio=1/1,colorimetry=bt709
              ! appsink name=feedsinkpicture
            audiotestsrc is-live=true name=tone freq=${frequency} volume=${volume} samplesperbuffer=960
              ! audio/x-raw,format=F32LE,rate=48000,channels=2,layout=interleaved
              ! appsink name=feedsinksound
            """

        private static func input(_ id: String, _ pattern: String, volume: Double = 0.1, _ more: String = "") -> String
        {
            """
            [[inputs]]
            id = "\(id)"
            pipeline = "input-plain"
            pattern = "\(pattern)"
            volume = \(volume)
            \(more)

            """
        }

        private func stage(_ inputs: String, order: String) throws -> Stage {
            let workspace = try Workspace()
            let directory = workspace.file("pipelines")
            try Files.ensureDirectory(directory)
            _ = try workspace.write("pipelines/input-plain.pipeline", Self.pipeline)
            let stage = try Stage(
                venues: Rig.Venue.reserve(1), inputs: inputs, program: Stage.program(order), workspace: workspace)
            try stage.rig.editConfiguration {
                $0 + """

                    [pipelines]
                    directory = "\(directory)"

                    [monitoring]
                    blackSeconds = 2
                    frozenSeconds = 3
                    silentSeconds = 2

                    [alarms]
                    clearSeconds = 1

                    """
            }
            return stage
        }

        private func alarms(_ rig: Rig) async throws -> [String: AlarmStatus] {
            let alarms: [AlarmStatus] = try await rig.client.get("/v1/alarms")
            return Dictionary(alarms.map { ("\($0.subject) \($0.code)", $0) }) { first, _ in first }
        }

        private func alarm(_ rig: Rig, _ key: String) async throws -> AlarmStatus {
            try await waitFor("an alarm: \(key)", seen: { "\((try? await alarms(rig).keys.sorted()) ?? [])" }) {
                try await alarms(rig)[key]
            }
        }

        private func over(_ rig: Rig, _ key: String) async throws {
            try await waitFor("\(key) is over", seen: { "\((try? await alarms(rig).keys.sorted()) ?? [])" }) {
                try await alarms(rig)[key] == nil ? true : nil
            }
        }

        @Test func whatTheVenuesSeeAndHearIsToldWhenItIsWrong() async throws {
            let inputs =
                Self.input("camera", "ball") + Self.input("dark", "black", volume: 0)
                + Self.input("stuck", "smpte75") + Self.input("slides", "smpte75", "still = true")
            let stage = try stage(inputs, order: #"["camera", "dark", "stuck", "slides"]"#)
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                try await rig.status("the confidence monitor sees what goes out") { status in
                    guard let content = status.program.confidence else { return false }
                    return content.picture.luma != nil && content.sound.shortTermLufs != nil
                        && abs((content.picture.framesPerSecond ?? 0) - 25) < 0.5
                        && content.stream?.keyframeSeconds == 1 && content.stream?.errors == [:]
                        && content.picture.width == 640
                }
                // Before anything of it is on air, status says which standby is worth taking.
                try await rig.status("the inputs are judged") { status in
                    func codes(_ id: String) -> [String] { status.inputs.first { $0.id == id }!.reasons.map(\.code) }
                    return codes("camera").isEmpty && codes("dark") == ["black", "silent-content"]
                        && codes("stuck") == ["frozen"] && codes("slides").isEmpty
                }
                #expect(try await alarm(rig, "input/dark black").severity == .warning)
                #expect(try await alarm(rig, "input/stuck frozen").action.contains("venuectl"))
                #expect(try await alarms(rig).keys.sorted() == ["input/dark black", "input/stuck frozen"])

                for path in ["/v1/program/thumbnail.jpg", "/v1/inputs/stuck/thumbnail.jpg"] {
                    let picture = try await waitFor("\(path)") {
                        let answer = try await rig.client.exchange(.GET, path)
                        return answer.status == 200 ? answer : nil
                    }
                    #expect(picture.headers["content-type"] == "image/jpeg")
                    #expect(picture.body.starts(with: [0xFF, 0xD8, 0xFF]))
                }
                #expect(try await rig.client.exchange(.GET, "/v1/inputs/nobody/thumbnail.jpg").status == 404)

                #expect(try await stage.venuectl("program", "take", "dark").code == 0)
                let black = try await alarm(rig, "program black")
                #expect(black.severity == .critical && black.causeZh.contains("黑屏"))
                #expect(try await alarm(rig, "program silent-content").severity == .critical)
                // What is told of the programme is not told of its input besides.
                try await over(rig, "input/dark black")
                let show = try await stage.venuectl("program", "show", "--lang", "zh")
                #expect(show.output.contains("黑屏") && show.output.contains("静音"))
                let metrics = try await rig.client.exchange(.GET, "/metrics")
                let text = String(decoding: metrics.body, as: UTF8.self)
                #expect(text.contains("venuecast_content_fault{subject=\"program\",code=\"black\"} 1"))

                // A slate is meant to stand still in silence.
                #expect(try await stage.venuectl("program", "take", "slate:holding").code == 0)
                try await over(rig, "program black")
                try await over(rig, "program silent-content")
                try await rig.status("the slate has stood for long") {
                    ($0.program.confidence?.picture.stillSeconds ?? 0) > 4
                        && ($0.program.confidence?.sound.silentSeconds ?? 0) > 4
                }
                #expect(try await alarms(rig).keys.filter { $0.hasPrefix("program") }.isEmpty)

                #expect(try await stage.venuectl("program", "take", "stuck").code == 0)
                #expect(try await alarm(rig, "program frozen").severity == .warning)
                #expect(try await stage.venuectl("program", "take", "slides").code == 0)
                try await over(rig, "program frozen")
                #expect(try await stage.venuectl("program", "mute").code == 0)
                try await rig.status("silence has lasted") { ($0.program.confidence?.sound.silentSeconds ?? 0) > 4 }
                try await rig.status("slides have stood") { ($0.program.confidence?.picture.stillSeconds ?? 0) > 4 }
                #expect(try await alarms(rig).keys.filter { $0.hasPrefix("program") }.isEmpty)
            }
        }

        /// The confidence monitor dies, hangs and comes back: nobody else notices.
        @Test func itsDeathHarmsNobody() async throws {
            let stage = try stage(Self.input("camera", "ball"), order: #"["camera"]"#)
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                try await rig.status("it sees what goes out") { $0.program.confidence?.picture.luma != nil }
                let before = try await rig.pid(of: "confidence")
                kill(before, SIGKILL)
                try await rig.status("nothing is seen") { $0.program.confidence == nil && $0.program.health == .ok }
                try await rig.status("it is back") { $0.program.confidence?.picture.luma != nil }
                kill(try await rig.pid(of: "confidence"), SIGSTOP)
                try await waitFor("a new process") {
                    let now = try await rig.pid(of: "confidence")
                    return now == before ? nil : true
                }
                try await rig.receivers[0].waitForMore(50)
                rig.receivers[0].expectOneStream()
            }
        }

        @Test func theNamesOfErrorsAreThoseOfTheStandard() {
            #expect(
                StreamContentStatus.errorNames.map { "\($0.name) \($0.priority)" }
                    == TransportError.allCases.map { "\($0.rawValue) \($0.priority)" })
        }
    }
}
