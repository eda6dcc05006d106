import GStreamer
import Testing
import WorkerProtocol

@testable import MediaWorker

@Suite struct PipelineFileTests {
    init() { GStreamer.initialize() }

    @Test func stripsCommentsAndReadsDefaults() throws {
        let file = try PipelineFile(
            text: """
                # A comment with a ! and a ${nothing}.
                # default: pattern = ball
                videotestsrc name=a pattern=${pattern} ! fakesink
                """, path: "x")
        #expect(file.defaults == ["pattern": .text("ball")])
        #expect(file.assignments.map(\.property) == ["pattern"])
        let pipeline = try file.build([:])
        #expect(try pipeline.element(named: "a")?.get("pattern").intValue == 18)
        let other = try file.build(["pattern": .text("red")])
        #expect(try other.element(named: "a")?.get("pattern").intValue == 4)
    }

    @Test(arguments: ["x ! fakesink", "a\" ! fakesink \"", "%s%n", "${url}", "'; rm -rf", ""])
    func typedTextNeverBecomesPipelineText(_ text: String) throws {
        let file = try PipelineFile(text: "filesrc name=a location=${path} ! fakesink name=b", path: "x")
        let pipeline = try file.build(["path": .text(text)])
        #expect(try pipeline.element(named: "a")?.get("location") == .string(text))
    }

    @Test func capsTakeNumbersAndPlainWords() throws {
        let file = try PipelineFile(
            text: "videotestsrc ! video/x-raw,width=${width},format=${format} ! fakesink", path: "x")
        _ = try file.build(["width": .integer(320), "format": .text("I420")])
        for bad in ["I420 ! fakesink", "a,b=c", "", "\"x\""] {
            #expect(throws: PipelineFile.Failure.self, "\(bad)") {
                try file.build(["width": .integer(320), "format": .text(bad)])
            }
        }
    }

    @Test func saysWhatIsWrongAndWhere() throws {
        func complaint(_ text: String, _ values: [String: PlaceholderValue] = [:]) -> String {
            do {
                _ = try PipelineFile(text: text, path: "Pipelines/x.pipeline").build(values)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(complaint("nosuchelement ! fakesink").contains("nosuchelement"))
        #expect(complaint("videotestsrc pattern=${p} ! fakesink").contains("without a name"))
        #expect(complaint("videotestsrc name=a pattern=${p} ! fakesink").contains("${p}"))
        #expect(complaint("videotestsrc name=a pattern=${p} ! fakesink", ["p": .text("nosuch")]).contains("nosuch"))
        #expect(complaint("videotestsrc name=a nosuch=${p} ! fakesink", ["p": .integer(1)]).contains("nosuch"))
        for text in ["nosuchelement ! fakesink", "videotestsrc pattern=${p} ! fakesink"] {
            #expect(complaint(text).hasPrefix("Pipelines/x.pipeline: "))
        }
    }

    /// Written for another house, it would take the bytes of one format for those of another.
    @Test func aFileForAnotherHouseIsRefusedWithASentence() throws {
        func complaint(_ text: String, _ chroma: HouseFormat.Chroma) -> String {
            let house = HouseFormat(width: 320, height: 180, frameRate: 25, chroma: chroma)
            do {
                _ = try PipelineFile(text: text, path: "own/x.pipeline").build([:], house)
                return ""
            } catch {
                return "\(error)"
            }
        }
        let fixed = "video/x-raw,format=I420,width=320,height=180,framerate=25/1"
        let source = "appsrc name=picture caps=\(fixed) ! fakesink"
        let sink = "videotestsrc ! \(fixed) ! appsink name=feedsinkpicture"
        for text in [source, sink] { #expect(complaint(text, .yuv420).isEmpty) }
        #expect(complaint(source, .yuv422).contains("picture takes I420, and the house's pictures are UYVY"))
        #expect(complaint(sink, .yuv422).contains("feedsinkpicture gets I420, and the house's pictures are UYVY"))
        #expect(
            complaint(sink, .yuv422).contains("own/x.pipeline: ")
                && complaint(sink, .yuv422).contains("${pictureFormat}"))
        let small = sink.replacing("320", with: "160")
        #expect(complaint(small, .yuv420).contains("width=(int)160"))
        for chroma in HouseFormat.Chroma.allCases {
            // What fixes nothing may turn out right.
            #expect(complaint("videotestsrc ! videoconvert ! appsink name=feedsinkpicture", chroma).isEmpty)
            for name in ["input-test", "input-file", "program", "recorder"] {
                let file = try PipelineFile(path: InputStage.pipelineFile(name))
                let house = HouseFormat(width: 320, height: 180, frameRate: 25, chroma: chroma)
                #expect(throws: Never.self) { try file.check(Self.some(file), house, expecting: house.pictureCaps) }
            }
        }
    }

    private static func some(_ file: PipelineFile) -> [String: PlaceholderValue] {
        Dictionary(
            uniqueKeysWithValues: Set(file.capsPlaceholders).filter { file.defaults[$0] == nil }.map {
                ($0, .integer(1))
            })
    }
}
