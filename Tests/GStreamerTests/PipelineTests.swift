import GStreamer
import Synchronization
import Testing

@Suite struct PipelineTests {
    init() { GStreamer.initialize() }

    @Test func playsToItsEndAndSaysSoOnTheBus() async throws {
        let pipeline = try Pipeline.parse("videotestsrc num-buffers=5 ! fakesink name=sink")
        let messages = pipeline.bus.messages()
        try pipeline.setState(.playing)
        var sawEnd = false
        for await message in messages {
            if case .endOfStream = message.body {
                sawEnd = true
                break
            }
            if case .error(let problem) = message.body { Issue.record("\(problem)") }
        }
        #expect(sawEnd)
        try pipeline.setState(.null)
    }

    @Test func refusesWhatDoesNotParse() {
        for text in ["videotestsrc ! nosuchelement", "videotestsrc ! ", "videotestsrc pattern=nosuch ! fakesink"] {
            #expect(throws: GStreamerError.self, "\(text)") { try Pipeline.parse(text) }
        }
    }

    @Test func tellsAnErrorFromItsElement() async throws {
        let pipeline = try Pipeline.parse("filesrc name=reader location=/nonexistent/file ! fakesink")
        let messages = pipeline.bus.messages()
        #expect(throws: GStreamerError.self) { try pipeline.setState(.playing) }
        for await message in messages {
            guard case .error(let problem) = message.body else { continue }
            #expect(message.source == "reader")
            #expect(problem.domain == "gst-resource-error-quark")
            #expect(problem.debug.contains("/nonexistent/file"))
            return
        }
    }

    @Test func findsElementsByName() throws {
        let pipeline = try Pipeline.parse("videotestsrc name=a ! fakesink name=b")
        #expect(pipeline.element(named: "b")?.typeName == "GstFakeSink")
        #expect(pipeline.element(named: "c") == nil)
    }

    @Test func countsFromTheMonotonicClock() async throws {
        let pipeline = try Pipeline.parse("videotestsrc is-live=true num-buffers=2 ! appsink name=out sync=false")
        pipeline.runOnMonotonicTime()
        let out = try #require(pipeline.element(named: "out"))
        let (times, continuation) = AsyncStream<UInt64>.makeStream()
        try AppSink(out).onSample(endOfStream: { continuation.finish() }) { continuation.yield($0.buffers[0].pts) }
        let before = MonotonicClock.now()
        try pipeline.setState(.playing)
        for await time in times {
            #expect(time >= before && time <= MonotonicClock.now() + 1_000_000_000)
        }
        try pipeline.setState(.null)
    }
}
