import Foundation
import Synchronization
import Testing

@testable import VenuecastConfiguration

@Suite struct LoadingTests {
    let workspace: Workspace
    init() throws { workspace = try Workspace() }

    /// What the shipped example needs is what it says it has.
    @Test func theShippedExamplesUplinkIsEnough() async throws {
        let example = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Examples/qingdao.toml").path
        let (_, problems) = try await workspace.check(try String(contentsOfFile: example, encoding: .utf8))
        #expect(!problems.contains { $0.description.contains("uplinkMbps") }, "\(problems)")
        let less = try String(contentsOfFile: example, encoding: .utf8)
            .replacing("uplinkMbps = 100", with: "uplinkMbps = 89")
        let (_, warned) = try await workspace.check(less)
        #expect(warned.contains { $0.description.contains("81 Mbit/s of the 89 Mbit/s") }, "\(warned)")
    }

    @Test func everyKeyArrivesAndPathsAreAbsolute() async throws {
        let text = """
            [activity]
            name = "2012年“三民”活动"
            [house]
            width = 1280
            height = 720
            frameRate = 50
            [[inputs]]
            id = "camera"
            pipeline = "input-srt"
            url = "srt://:7001?mode=listener"
            passphraseFile = "keys/good"
            gainDb = -3
            channels = "3+4"
            audioDelayMs = 40
            [[inputs]]
            id = "video"
            pipeline = "input-file"
            path = "talk.mp4"
            loop = true
            [program]
            inputs = ["camera", "video"]
            videoBitrateKbps = 4000
            audioBitrateKbps = 128
            keyframeSeconds = 2
            uplinkMbps = 10
            [[program.slates]]
            id = "fault"
            image = "fault.png"
            [[venues]]
            id = "shinan"
            name = "市南区分会场"
            [venues.link]
            url = "srt://0.0.0.0:7101?mode=listener&oheadbw=25"
            [[venues]]
            id = "jimo"
            link = { url = "srt://10.2.3.4:7101?mode=caller&streamid=a%2Fb", latencyMs = 200, passphraseFile = "keys/good" }
            [control]
            operatorMode = "0600"
            monitorGroup = "root"
            archiveMode = "0620"
            archiveGroup = "root"
            archiveMbps = 50
            """
        let (configuration, problems) = try await workspace.check(text)
        #expect(problems.isEmpty)
        let read = try #require(configuration)
        let directory = workspace.directory
        #expect(read.activityName == "2012年“三民”活动")
        #expect(read.house == .init(width: 1280, height: 720, frameRate: 50))
        #expect(
            read.inputs == [
                .init(
                    id: "camera", pipeline: "input-srt", pipelineFile: "\(directory)/shipped/input-srt.pipeline",
                    placeholders: ["url": .text("srt://:7001?mode=listener")], gainDb: -3, channels: "3+4",
                    audioDelayMs: 40, passphraseFile: "\(directory)/keys/good"),
                .init(
                    id: "video", pipeline: "input-file", pipelineFile: "\(directory)/shipped/input-file.pipeline",
                    placeholders: ["path": .text("\(directory)/talk.mp4")], loop: true),
            ])
        #expect(
            read.program
                == .init(
                    inputs: ["camera", "video"], slates: [.init(id: "fault", image: "\(directory)/fault.png")],
                    returnAfterSeconds: 3, videoBitrateKbps: 4000, audioBitrateKbps: 128, keyframeSeconds: 2,
                    uplinkMbps: 10, pipelineFile: "\(directory)/shipped/program.pipeline"))
        #expect(read.control.archiveSocket == .init(mode: 0o620, group: "root") && read.control.archiveMbps == 50)
        #expect(read.venues.map(\.name) == ["市南区分会场", "jimo"])
        #expect(read.venues.map(\.link.latencyMs) == [800, 200])
        #expect(read.venues[1].link.passphraseFile == "\(directory)/keys/good")
        #expect(read.control.operatorSocket == .init(mode: 0o600))
        #expect(read.control.monitorSocket == .init(mode: 0o660, group: "root"))
        #expect(read.linkPipelineFile == "\(directory)/shipped/link-srt.pipeline")
    }

    @Test func recordingIsAsConfigured() async throws {
        #expect(try await workspace.check(Sample().text).configuration?.recording == nil)
        let plain = try await workspace.check(Sample.recording("")).configuration?.recording
        let pipeline = "\(workspace.directory)/shipped/recorder.pipeline"
        #expect(plain == .init(directory: "recordings", pipelineFile: pipeline))
        #expect(plain?.segmentSeconds == 60 && plain?.videoBitrateKbps == 50_000)
        #expect(plain?.minimumFreeBytes == 20_000_000_000)
        let (configuration, problems) = try await workspace.check(
            Sample.recording(
                """
                copyDirectory = "second"
                inputs = ["camera"]
                segmentSeconds = 30
                videoBitrateKbps = 100_000
                minimumFreeBytes = 1
                bufferBytes = 1_000_000_000
                preset = "superfast"
                encoderThreads = 2
                """))
        #expect(problems.isEmpty)
        #expect(
            configuration?.recording
                == .init(
                    directory: "recordings", copyDirectory: "second", inputs: ["camera"], segmentSeconds: 30,
                    videoBitrateKbps: 100_000, minimumFreeBytes: 1, bufferBytes: 1_000_000_000,
                    pipelineFile: pipeline,
                    placeholders: ["preset": .text("superfast"), "encoderThreads": .integer(2)]))
    }

    @Test(arguments: [
        ("", Configuration.Program.Others.slate(nil)), ("othersGet = \"slate\"", .slate(nil)),
        ("othersGet = \"slate:a\"", .slate("a")), ("othersGet = \"nothing\"", .nothing),
    ])
    func saysWhatOthersGet(line: String, expected: Configuration.Program.Others) async throws {
        let slate = "[[program.slates]]\nid = \"a\"\ntext = \"x\""
        let (configuration, problems) = try await workspace.check(
            Sample(program: "inputs = [\"camera\"]\n\(line)\n\(slate)").text)
        #expect(problems.isEmpty && configuration?.program.othersGet == expected)
    }

    @Test func aTechniciansOwnPipelineFileComesFirst() async throws {
        let own = try workspace.write("own/input-test.pipeline", "fakesrc name=a num-buffers=${count}")
        var sample = Sample(rest: "[pipelines]\ndirectory = \"own\"")
        sample.inputs += "\ncount = 3"
        let (configuration, problems) = try await workspace.check(sample.text)
        #expect(problems.isEmpty)
        #expect(configuration?.inputs.first?.pipelineFile == own)
        #expect(configuration?.inputs.first?.placeholders == ["count": .integer(3)])
    }

    @Test func textInsideCapsIsAPlainWord() async throws {
        try workspace.write(
            "own/input-own.pipeline", "# default: kind = I420\nfakesrc ! video/x-raw,format=${kind} ! fakesink")
        let sample = { (kind: String) in
            Sample(
                inputs: "[[inputs]]\nid = \"camera\"\npipeline = \"input-own\"\nkind = \"\(kind)\"",
                rest: "[pipelines]\ndirectory = \"own\""
            ).text
        }
        #expect(try await workspace.check(sample("UYVY")).problems.isEmpty)
        #expect(try await workspace.check(sample("I420 ! x")).problems.map(\.place) == ["inputs[0].kind"])
    }

    @Test func aHouseMayKeepMoreOfTheColour() async throws {
        let (configuration, problems) = try await workspace.check(Sample(house: "chroma = \"4:2:2\"").text)
        #expect(problems.isEmpty && configuration?.house.chroma == .yuv422)
        #expect(try await workspace.check(Sample().text).configuration?.house.chroma == .yuv420)
        // What the house has is the house's: no key of an input's.
        try workspace.write(
            "own/input-own.pipeline", "fakesrc ! video/x-raw,format=${pictureFormat},width=${width} ! fakesink")
        let own = Sample(
            inputs: "[[inputs]]\nid = \"camera\"\npipeline = \"input-own\"", rest: "[pipelines]\ndirectory = \"own\"")
        #expect(try await workspace.check(own.text).problems.isEmpty)
    }

    @Test func pipelineFilesAreAskedWhetherTheyAreForThisHouse() async throws {
        let asked = Mutex<Set<String>>([])
        let checker = PipelineChecker { _, chroma in
            asked.withLock { _ = $0.insert(chroma.rawValue) }
            return nil
        }
        _ = try await workspace.check(Sample(house: "chroma = \"4:2:2\"").text, checker: checker)
        #expect(asked.withLock { $0 } == ["4:2:2"])
    }

    @Test func aPipelineFileThatDoesNotParseIsRefusedOnceWithWhatTheWorkerSays() async throws {
        let worker = try workspace.write(
            "worker",
            """
            #!/bin/sh
            case "$1 $2" in
            "--check-pipeline "*/input-test.pipeline) echo "GLib: noise" >&2; echo "$2: no element \\"foo\\"." >&2; exit 65;;
            esac
            """, mode: 0o755)
        var sample = Sample(program: "inputs = [\"camera\", \"other\"]")
        sample.inputs += "\n[[inputs]]\nid = \"other\"\npipeline = \"input-test\""
        let (configuration, problems) = try await workspace.check(
            sample.text, checker: .worker(executable: worker, deadline: .seconds(60)))
        #expect(configuration == nil)
        #expect(problems.map(\.place) == ["inputs[0].pipeline"])
        #expect(problems.first?.cause.hasSuffix("input-test.pipeline is refused: no element \"foo\"") == true)
    }

    @Test func aWorkerThatHangsOrIsNotThereIsSaidSo() async throws {
        let hanging = try workspace.write("worker", "#!/bin/sh\nexec sleep 600\n", mode: 0o755)
        let late = await PipelineChecker.worker(executable: hanging, deadline: .milliseconds(200)).fault("/x", .yuv420)
        #expect(late == "venuecast-worker did not answer within 0.2 s")
        let absent = await PipelineChecker.worker(executable: "\(workspace.directory)/none").fault("/x", .yuv420)
        #expect(absent?.contains("cannot be started") == true)
    }

    @Test func shippedPipelinesAreFoundBesideAnInstalledProgramAndInACheckout() throws {
        let file = try workspace.write("usr/share/venuecast/Pipelines/input-test.pipeline", "")
        try workspace.write("usr/bin/venuecastd", "", mode: 0o755)
        try workspace.write("checkout/Pipelines/input-test.pipeline", "")
        try workspace.write("checkout/.build/release/venuecastd", "", mode: 0o755)
        let directory = workspace.directory
        #expect(
            PipelineLibrary.shippedDirectory(executable: "\(directory)/usr/bin/venuecastd")
                == (file as NSString).deletingLastPathComponent)
        #expect(
            PipelineLibrary.shippedDirectory(executable: "\(directory)/checkout/.build/release/venuecastd")
                == "\(directory)/checkout/Pipelines")
        #expect(PipelineLibrary.shippedDirectory(executable: "\(directory)/keys/venuecastd") == nil)
    }

    @Test(arguments: ["qingdao", "demo"])
    func theExamplesHaveNothingWrongWithThem(_ name: String) async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
            .standardized.path
        let loader = ConfigurationLoader(shippedPipelines: "\(root)/Pipelines")
        let (configuration, problems, _) = await loader.check(path: "\(root)/Examples/\(name).toml")
        #expect(problems.map(\.description) == [])
        #expect(
            configuration?.venues.map(\.id) == [
                "shinan", "shibei", "sifang", "licang", "laoshan", "huangdao", "chengyang", "jimo", "jiaozhou",
                "jiaonan", "pingdu", "laixi",
            ])
    }
}

@Suite struct NearestKeyTests {
    @Test func namesThatLookAlikeAreFoundAndOthersAreNot() {
        #expect(NearestKey.find("latencyMS", among: ["latencyMs", "url"]) == "latencyMs")
        #expect(NearestKey.find("passfraseFile", among: ["passphraseFile", "url"]) == "passphraseFile")
        #expect(NearestKey.find("frmaeRate", among: ["frameRate", "width"]) == "frameRate")
        #expect(NearestKey.find("colour", among: ["frameRate", "width", "height"]) == nil)
    }
}
