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
}
