import GStreamer
import Synchronization
import Testing

@Suite struct SignalTests {
    init() { GStreamer.initialize() }

    @Test func aHandlersAnswerIsTheSignalsAnswer() throws {
        let sink = try Element.make("splitmuxsink")
        try sink.connect("format-location") { arguments in
            .string("part-\(arguments.first?.uintValue ?? 0)")
        }
        #expect(try sink.emit("format-location", [.uint(3)]) == .string("part-3"))
    }

    @Test func anActionGivesBackWhatItDid() throws {
        let source = try Element.make("appsrc")
        #expect(try source.emit("end-of-stream") == .enumeration(0, "ok"))
        let sink = try Element.make("appsink")
        // There is none: it waits for no longer than it is told.
        #expect(try sink.emit("try-pull-sample", [.uint(0)]) == .null)
    }

    @Test func objectsComeAsWhatTheyAre() async throws {
        let pipeline = try Pipeline.parse("videotestsrc num-buffers=1 ! decodebin name=decoder ! fakesink")
        let seen = Mutex<[String]>([])
        let decoder = try #require(pipeline.element(named: "decoder"))
        try decoder.connect("pad-added") { arguments in
            guard case .object(let object)? = arguments.first, let pad = object as? Pad else { return nil }
            seen.withLock { $0.append(pad.currentOrPossibleCaps?.first?.name ?? "?") }
            return nil
        }
        let messages = pipeline.bus.messages()
        try pipeline.setState(.playing)
        for await message in messages { if case .endOfStream = message.body { break } }
        try pipeline.setState(.null)
        #expect(seen.withLock { $0 } == ["video/x-raw"])
    }

    @Test func aHandlerGoesWithItsObject() throws {
        final class Witness: Sendable {}
        weak var left: Witness?
        do {
            let witness = Witness()
            left = witness
            let source = try Element.make("appsrc")
            try source.connect("need-data") { [witness] _ in
                withExtendedLifetime(witness) {}
                return nil
            }
            #expect(left != nil)
        }
        #expect(left == nil)
    }
}
