import GStreamer
import Testing

/// What goes into a property comes out of it, whatever its type.
@Suite struct ValueTests {
    init() { GStreamer.initialize() }

    struct Case: Sendable, CustomTestStringConvertible {
        var factory: String
        var property: String
        var value: GstValue
        /// Where it comes out in another form.
        var read: GstValue?
        var testDescription: String { "\(factory).\(property)" }
    }

    static let cases = [
        Case(factory: "videotestsrc", property: "is-live", value: .bool(true)),
        Case(factory: "videotestsrc", property: "num-buffers", value: .int(-1)),
        Case(factory: "queue", property: "max-size-buffers", value: .int(7), read: .uint(7)),
        Case(factory: "fakesink", property: "ts-offset", value: .int(-5_000_000_000)),
        Case(factory: "queue", property: "max-size-time", value: .uint(1 << 63)),
        Case(factory: "audioecho", property: "intensity", value: .double(0.5)),
        Case(factory: "volume", property: "volume", value: .double(0.25)),
        Case(factory: "volume", property: "volume", value: .int(2), read: .double(2)),
        Case(factory: "filesrc", property: "location", value: .string("/a b/中文")),
        Case(factory: "filesrc", property: "location", value: .null),
        Case(factory: "videotestsrc", property: "pattern", value: .string("ball"), read: .enumeration(18, "ball")),
        Case(factory: "videotestsrc", property: "pattern", value: .int(18), read: .enumeration(18, "ball")),
        Case(factory: "playbin", property: "flags", value: .string("video+audio"), read: .other("video+audio")),
        Case(factory: "rawvideoparse", property: "framerate", value: .fraction(25, 1)),
        Case(
            factory: "rawvideoparse", property: "framerate", value: .string("30000/1001"), read: .fraction(30_000, 1001)
        ),
        Case(
            factory: "capsfilter", property: "caps", value: .string("audio/x-raw,rate=48000"),
            read: .other("audio/x-raw, rate=(int)48000")),
        Case(
            factory: "splitmuxsink", property: "muxer-properties",
            value: .structure(
                Structure(
                    name: "properties",
                    fields: ["a": .int(1), "s": .string("x y"), "n": .structure(Structure(name: "inner"))]))),
    ]

    @Test(arguments: cases) func storesAndReads(_ item: Case) throws {
        let element = try Element.make(item.factory)
        try element.set(item.property, item.value)
        #expect(try element.get(item.property) == item.read ?? item.value)
    }

    @Test func holdsObjects() throws {
        let player = try Element.make("playbin")
        let sink = try Element.make("fakesink", name: "mine")
        try player.set("video-sink", .object(sink))
        #expect(try player.get("video-sink") == .object(sink))
        guard case .object(let object) = try player.get("video-sink") else { return }
        #expect((object as? Element)?.name == "mine")
        #expect(throws: GStreamerError.self) { try player.set("video-sink", .string("fakesink")) }
    }

    @Test func refusesWhatDoesNotFit() throws {
        for (factory, property, value) in [
            ("queue", "max-size-buffers", GstValue.int(-1)), ("queue", "max-size-buffers", .uint(1 << 32)),
            ("videotestsrc", "timestamp-offset", .uint(1 << 63)), ("volume", "volume", .double(-1)),
            ("volume", "volume", .string("loud")), ("rawvideoparse", "framerate", .string("fast")),
            ("capsfilter", "caps", .string("!!")), ("playbin", "flags", .string("nosuch")),
            ("filesrc", "location", .int(1)), ("splitmuxsink", "muxer-properties", .int(1)),
            ("videotestsrc", "pattern", .double(0.5)),
        ] {
            let element = try Element.make(factory)
            let before = try element.get(property)
            let error = #expect(throws: GStreamerError.self, "\(factory).\(property) = \(value)") {
                try element.set(property, value)
            }
            #expect(error?.message.contains(property) == true)
            #expect(try element.get(property) == before)
        }
        let sink = try Element.make("multifdsink")
        #expect(throws: GStreamerError.self) { try sink.set("bytes-served", .uint(1)) }
        #expect(throws: GStreamerError.self) { try sink.get("nosuch") }
        #expect(!sink.hasProperty("nosuch") && sink.hasProperty("bytes-served"))
    }

    @Test func convertsBetweenKinds() {
        #expect(GstValue.uint(7).intValue == 7)
        #expect(GstValue.uint(.max).intValue == nil)
        #expect(GstValue.int(-1).uintValue == nil)
        #expect(GstValue.int(3).doubleValue == 3)
        #expect(GstValue.enumeration(18, "ball").intValue == 18)
        #expect(GstValue.string("x").boolValue == nil)
        #expect(GstValue.array([.int(1)]).arrayValue == [.int(1)])
        #expect(GstValue.null.structureValue == nil)
    }

    @Test func readsCaps() {
        let caps = Caps("video/x-raw, format={I420,NV12}, width=[1,100], framerate=25/1")
        #expect(caps.first?.name == "video/x-raw")
        #expect(caps.first?["format"] == .array([.string("I420"), .string("NV12")]))
        #expect(caps.first?["width"] == .other("[ 1, 100 ]"))
        #expect(Caps("!!").first == nil)
    }
}
