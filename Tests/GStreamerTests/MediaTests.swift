import GStreamer
import Synchronization
import Testing

@Suite struct MediaTests {
    init() { GStreamer.initialize() }

    /// Pushes buffers through a pipeline and returns what comes out of it.
    private func through(
        _ middle: String, _ buffers: [Buffer], list: Bool = false,
        probe: (@Sendable (Buffer) -> Pad.BufferDecision)? = nil
    )
        async throws -> [Buffer]
    {
        let pipeline = try Pipeline.parse(
            "appsrc name=in format=time caps=application/octet-stream ! \(middle) ! appsink name=out sync=false buffer-list=true"
        )
        let out = try #require(pipeline.element(named: "out"))
        if let probe { try out.pad("sink").onBuffer(probe) }
        let (stream, continuation) = AsyncStream<[Buffer]>.makeStream()
        try AppSink(out).onSample(endOfStream: { continuation.finish() }) { continuation.yield($0.buffers) }
        let source = try AppSource(try #require(pipeline.element(named: "in")))
        try pipeline.setState(.playing)
        if list { source.push(buffers) } else { buffers.forEach { source.push($0) } }
        source.endOfStream()
        var result: [Buffer] = []
        for await buffers in stream { result += buffers }
        try pipeline.setState(.null)
        return result
    }

    @Test(arguments: [false, true]) func carriesBytesAndTimes(list: Bool) async throws {
        let sent = (0..<10).map { Buffer([UInt8($0), 1, 2], pts: UInt64($0) * 1000, duration: 1000) }
        let received = try await through("identity", sent, list: list)
        #expect(received.map(\.pts) == sent.map(\.pts))
        #expect(received.map { $0.withBytes { Array($0) } } == sent.map { $0.withBytes { Array($0) } })
    }

    @Test func probesDropAndReplace() async throws {
        let sent = (0..<4).map { Buffer([UInt8($0)], pts: UInt64($0)) }
        let received = try await through("identity", sent) { buffer in
            switch buffer.withBytes({ $0[0] }) {
            case 1: .drop
            case 2: .replace(Buffer([99], pts: buffer.pts))
            default: .pass
            }
        }
        #expect(received.map { $0.withBytes { $0[0] } } == [0, 99, 3])
    }

    @Test func cutsAndJoinsWithoutTouchingTheOriginal() {
        let original = Buffer([1, 2, 3, 4], pts: 5, duration: 6)
        #expect(original.region(1..<3).withBytes { Array($0) } == [2, 3])
        let inserted = original.inserting([9, 9], at: 2)
        #expect(inserted.withBytes { Array($0) } == [1, 2, 9, 9, 3, 4])
        #expect(inserted.pts == 5 && inserted.duration == 6)
        let rewritten = original.rewritten { $0[0] = 7 }
        #expect(rewritten.withBytes { Array($0) } == [7, 2, 3, 4])
        let later = original.retimed(pts: 50, isDiscontinuity: true)
        #expect(later.pts == 50 && later.duration == 6 && later.isDiscontinuity)
        #expect(original.withBytes { Array($0) } == [1, 2, 3, 4])
        #expect(original.pts == 5 && !original.isDiscontinuity)
    }

    /// Where the next pictures of a source lie after twenty were held at the same time.
    @Test(arguments: [false, true]) func aPoolForgetsWhatLeavesIt(leaves: Bool) async throws {
        let pipeline = try Pipeline.parse(
            "videotestsrc num-buffers=60 ! video/x-raw,format=I420,width=64,height=64 ! appsink name=out sync=false")
        let held = Mutex<[Buffer]?>([])
        let later = Mutex<Set<UInt>>([])
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        try AppSink(try #require(pipeline.element(named: "out"))).onSample(endOfStream: { continuation.finish() }) {
            guard let buffer = $0.buffers.first else { return }
            let isHeld = held.withLock { held in
                guard held != nil else { return false }
                if leaves { buffer.leavePool() }
                held?.append(buffer)
                if held?.count == 20 { held = nil }
                return true
            }
            if !isHeld { later.withLock { $0 = $0.union([buffer.withBytes { UInt(bitPattern: $0.baseAddress) }]) } }
        }
        try pipeline.setState(.playing)
        for await _ in stream {}
        try pipeline.setState(.null)
        let places = later.withLock { $0.count }
        #expect(leaves ? places < 10 : places >= 20, "\(places)")
    }

    @Test func sendsEventsBothWays() async throws {
        let pipeline = try Pipeline.parse("videotestsrc name=source is-live=true ! fakesink name=sink")
        let ends = Mutex(0)
        try pipeline.element(named: "sink")?.pad("sink").onEvent { event in
            if event.kind == "eos" { ends.withLock { $0 += 1 } }
            return .pass
        }
        let messages = pipeline.bus.messages()
        try pipeline.setState(.playing)
        // An event to a sink that is still on its way to PLAYING can lock up with it.
        for await message in messages {
            if case .stateChanged(_, .playing) = message.body, message.source == pipeline.name {
                pipeline.send(.endOfStream())
            }
            if case .endOfStream = message.body { break }
        }
        #expect(ends.withLock { $0 } == 1)
        #expect(Event.forceKeyUnit(allHeaders: true).structure?["all-headers"] == .bool(true))
        try pipeline.setState(.null)
    }

    @Test func manyPipelinesAtOnce() async throws {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<16 {
                group.addTask {
                    let sent = (0..<50).map { Buffer([UInt8(index)], pts: UInt64($0)) }
                    return try await self.through("queue ! identity", sent).count
                }
            }
            for try await count in group { #expect(count == 50) }
        }
    }
}
