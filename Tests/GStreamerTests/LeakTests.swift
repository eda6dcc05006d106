import GStreamer
import Glibc
import Synchronization
import Testing

/// A pipeline's whole life leaves nothing, by GStreamer's own count. In a process of its own: the tracer is chosen when
/// GStreamer is initialised, and counts everything that lives.
@Suite(.timeLimit(.minutes(1))) struct LeakTests {
    @Test func aWholeLifeLeavesNothing() async {
        await #expect(processExitsWith: .success) {
            setenv("GST_TRACERS", "leaks", 1)
            GStreamer.initialize()
            // What GStreamer keeps for good (clocks, caches) is there after the first time.
            try await Life.live()
            try await Task.sleep(for: settling)
            let before = (LeaksTracer.liveObjects() ?? []).sorted()
            for _ in 0..<3 { try await Life.live() }
            try await Task.sleep(for: settling)
            guard let after = LeaksTracer.liveObjects()?.sorted() else { return complain("the tracer is not on") }
            if after.count <= before.count { return }
            complain("left: \(after.count - before.count) more than \(before.count): \(after)")
        }
    }

    /// The test can fail: what is still held is counted.
    @Test func theTracerSeesWhatIsHeld() async {
        await #expect(processExitsWith: .success) {
            setenv("GST_TRACERS", "leaks", 1)
            GStreamer.initialize()
            let before = LeaksTracer.liveObjects()?.count ?? 0
            let held = try Element.make("fakesink")
            guard let after = LeaksTracer.liveObjects() else { return complain("the tracer is not on") }
            if after.count <= before || !after.contains("GstFakeSink") { complain("\(after)") }
            withExtendedLifetime(held) {}
        }
    }
}

/// The thread of a task lets go of it a moment after it has been joined, unseen by anybody, and the tracer must not be
/// asked meanwhile: it takes hold of what is going.
private let settling = Duration.milliseconds(500)

private func complain(_ sentence: String) {
    let line = Array("\(sentence)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(1)
}

/// Everything the wrapper offers, once.
private enum Life {
    static func live() async throws {
        try await media()
        try await failure()
        try values()
    }

    private static func media() async throws {
        let pipeline = try Pipeline.parse(
            "appsrc name=in format=time caps=application/octet-stream ! tee name=t ! queue ! appsink name=out sync=false "
                + "t. ! queue ! fakesink name=aside sync=false async=false "
                + "audiotestsrc num-buffers=30 ! level interval=10000000 ! fakesink sync=false")
        pipeline.runOnMonotonicTime()
        guard let out = pipeline.element(named: "out"), let source = pipeline.element(named: "in"),
            let aside = pipeline.element(named: "aside")
        else { throw GStreamerError("the pipeline lacks an element") }
        let count = Mutex(0)
        let probe = try aside.pad("sink").onBuffer { .replace($0.rewritten { $0[0] = 1 }) }
        try aside.pad("sink").onEvent { _ in .pass }
        try aside.connect("handoff") { _ in nil }.disconnect()
        try AppSink(out).onSample(preroll: { _ in }) { sample in count.withLock { $0 += sample.buffers.count } }
        let messages = pipeline.bus.messages()
        try pipeline.setState(.playing)
        let input = try AppSource(source)
        for number in 0..<10 {
            let buffer = Buffer([UInt8(number), 2, 3, 4], pts: UInt64(number) * 1000, duration: 1000)
            input.push(buffer.retimed(pts: buffer.pts + 1))
            input.push([buffer.region(0..<2), buffer.inserting([9], at: 1), Buffer.joining([buffer, buffer])])
        }
        input.endOfStream()
        for await message in messages {
            if case .endOfStream = message.body { break }
            if case .error(let problem) = message.body { throw GStreamerError(problem.text) }
        }
        probe.remove()
        try pipeline.setState(.null)
        if count.withLock({ $0 }) != 40 { throw GStreamerError("\(count.withLock { $0 }) buffers came out") }
    }

    private static func failure() async throws {
        let pipeline = try Pipeline.parse("filesrc location=/nonexistent ! decodebin ! fakesink")
        let messages = pipeline.bus.messages()
        _ = try? pipeline.setState(.playing)
        for await message in messages { if case .error = message.body { break } }
        try pipeline.setState(.null)
        _ = try? Pipeline.parse("videotestsrc ! nosuch")
    }

    private static func values() throws {
        let filter = try Element.make("capsfilter")
        try filter.set("caps", .string("video/x-raw,width=1"))
        _ = try filter.get("caps")
        _ = try? filter.set("caps", .string("!!"))
        let sink = try Element.make("splitmuxsink")
        try sink.set("muxer-properties", .structure(Structure(name: "p", fields: ["a": .array([.int(1)])])))
        _ = try sink.get("muxer-properties")
        try sink.connect("format-location") { _ in .string("x") }
        _ = try sink.emit("format-location", [.uint(1)])
        let mixer = try Element.make("audiomixer")
        mixer.releasePad(try mixer.requestPad("sink_%u"))
    }
}
