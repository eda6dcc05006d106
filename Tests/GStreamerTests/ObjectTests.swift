import GStreamer
import Synchronization
import Testing

@Suite struct ObjectTests {
    init() { GStreamer.initialize() }

    @Test func storesValuesExactlyOrNotAtAll() throws {
        let source = try Element.make("videotestsrc")
        try source.set("num-buffers", .int(7))
        #expect(try source.get("num-buffers") == .int(7))
        #expect(throws: GStreamerError.self) { try source.set("num-buffers", .int(1 << 40)) }
        #expect(throws: GStreamerError.self) { try source.set("num-buffers", .double(1.5)) }
        #expect(throws: GStreamerError.self) { try source.set("num-buffers", .int(-5)) }
        #expect(throws: GStreamerError.self) { try source.set("is-live", .int(1)) }
        #expect(throws: GStreamerError.self) { try source.set("nosuch", .int(1)) }
        #expect(try source.get("num-buffers") == .int(7))
    }

    @Test func readsEnumerationsByNickname() throws {
        let source = try Element.make("videotestsrc")
        try source.set("pattern", .string("ball"))
        #expect(try source.get("pattern") == .enumeration(18, "ball"))
        #expect(throws: GStreamerError.self) { try source.set("pattern", .string("nosuch")) }
    }

    @Test func takesTextAsTextAndNothingElse() throws {
        let source = try Element.make("filesrc")
        for text in ["a ! b", "\"x\"", "%s", "", "NULL", "${x}", "中文"] {
            try source.set("location", .string(text))
            #expect(try source.get("location") == .string(text))
        }
    }

    @Test func hearsSignalsAndRunsActions() throws {
        let element = try Element.make("appsrc")
        let seen = Mutex<[GstValue]>([])
        let connection = try element.connect("need-data") { arguments in
            seen.withLock { $0 += arguments }
            return nil
        }
        try element.emit("need-data", [.uint(42)])
        #expect(seen.withLock { $0 } == [.uint(42)])
        connection.disconnect()
        try element.emit("need-data", [.uint(43)])
        #expect(seen.withLock { $0 } == [.uint(42)])
        #expect(throws: GStreamerError.self) { try element.emit("nosuch") }
        #expect(throws: GStreamerError.self) { try element.emit("need-data") }
    }

    @Test func decodesNestedStructures() throws {
        let inner = Structure(name: "inner", fields: ["x": .int(1), "d": .double(0.5)])
        let outer = Structure(
            name: "outer",
            fields: [
                "in": .structure(inner), "all": .array([.int(1), .int(2)]), "s": .string("a b"), "f": .fraction(25, 1),
            ])
        let element = try Element.make("capsfilter")
        try element.set("caps", .string("video/x-raw,width=320,framerate=25/1"))
        let text = try element.get("caps").stringValue
        let caps = try #require(text)
        #expect(Caps(caps).first?["width"] == .int(320))
        #expect(Caps(caps).first?["framerate"] == .fraction(25, 1))
        #expect(outer["in"]?.structureValue == inner)
    }

    @Test func tellsLevelsFromTheBus() async throws {
        let pipeline = try Pipeline.parse(
            "audiotestsrc num-buffers=20 volume=0.5 ! audio/x-raw,rate=48000,channels=2 ! level interval=100000000 ! fakesink"
        )
        let messages = pipeline.bus.messages()
        try pipeline.setState(.playing)
        for await message in messages {
            guard case .element(let structure) = message.body, structure.name == "level" else { continue }
            let peaks = (structure["peak"]?.arrayValue ?? []).compactMap(\.doubleValue)
            #expect(peaks.count == 2)
            #expect(peaks.allSatisfy { abs($0 + 6.02) < 0.2 })
            break
        }
        try pipeline.setState(.null)
    }
}
