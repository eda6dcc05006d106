import GStreamer
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct BusTests {
    init() { GStreamer.initialize() }

    @Test func theStreamEndsWithThePipeline() async throws {
        var pipeline: Pipeline? = try Pipeline.parse("fakesrc num-buffers=1 ! fakesink")
        let messages = try #require(pipeline).bus.messages()
        try pipeline?.setState(.playing)
        try pipeline?.setState(.null)
        pipeline = nil
        // Would wait for ever.
        for await _ in messages {}
    }

    @Test func theStreamEndsWhenAnotherHandlerTakesOver() async throws {
        let pipeline = try Pipeline.parse("fakesrc num-buffers=1 ! fakesink")
        let messages = pipeline.bus.messages()
        let ends = Mutex(0)
        pipeline.bus.onMessage { message in
            if case .endOfStream = message.body { ends.withLock { $0 += 1 } }
        }
        for await _ in messages {}
        try pipeline.setState(.playing)
        while ends.withLock({ $0 }) == 0 { await Task.yield() }
        try pipeline.setState(.null)
    }

    /// Nobody reads: the newest stay, and the pipeline does not wait.
    @Test func keepsTheNewestMessages() async throws {
        let pipeline = try Pipeline.parse(
            "audiotestsrc num-buffers=2000 samplesperbuffer=48 ! audio/x-raw,rate=48000 "
                + "! level interval=1000000 ! fakesink name=sink sync=false")
        let messages = pipeline.bus.messages()
        let ended = Mutex(false)
        try pipeline.element(named: "sink")?.pad("sink").onEvent { event in
            if event.kind == "eos" { ended.withLock { $0 = true } }
            return .pass
        }
        try pipeline.setState(.playing)
        while !ended.withLock({ $0 }) { await Task.yield() }
        // The message of the end comes after the event.
        var count = 0
        for await message in messages {
            count += 1
            if case .endOfStream = message.body { break }
        }
        #expect(count <= 257)
        try pipeline.setState(.null)
    }

    @Test func saysWhereAMessageComesFrom() async throws {
        let pipeline = try Pipeline.parse("filesrc location=/dev/null ! decodebin name=decoder ! fakesink")
        let messages = pipeline.bus.messages()
        try pipeline.setState(.playing)
        for await message in messages {
            guard case .error(let problem) = message.body else { continue }
            #expect(message.source == "typefind" && message.sourceType == "GstTypeFindElement")
            #expect(message.sourcePath.suffix(2) == ["decoder", "typefind"])
            #expect(problem.domain == "gst-stream-error-quark" && !problem.text.isEmpty && !problem.debug.isEmpty)
            break
        }
        try pipeline.setState(.null)
    }

    @Test func tellsWarningsAndStatesApart() async throws {
        let pipeline = try Pipeline.parse("videotestsrc num-buffers=1 ! fakesink")
        let messages = pipeline.bus.messages()
        try pipeline.setState(.playing)
        var states: [Element.State] = []
        var kinds: Set<String> = []
        for await message in messages {
            switch message.body {
            case .stateChanged(_, let new?): if message.sourceType == "GstPipeline" { states.append(new) }
            case .streamStart: kinds.insert("start")
            case .asyncDone: kinds.insert("async")
            default: break
            }
            if case .endOfStream = message.body { break }
        }
        #expect(states == [.ready, .paused, .playing])
        #expect(kinds.isSuperset(of: ["start", "async"]))
        try pipeline.setState(.null)
    }
}
