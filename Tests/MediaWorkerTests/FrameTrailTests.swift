import Testing
import TransportStream
import WorkerProtocol

@testable import MediaWorker

@Suite struct FrameTrailTests {
    private static let ms: UInt64 = 1_000_000

    /// Frames of 25 a second, each 30 ms in the encoder, 2 ms on the feed and 5 ms in the link.
    private func run(stampError: (Int) -> Int64) -> (trail: FrameTrail, now: UInt64) {
        var trail = FrameTrail()
        var now: UInt64 = 0
        for index in 0..<50 {
            let captured = UInt64(10_000_000 + index * 40) * Self.ms
            let sent = captured + 30 * Self.ms
            now = sent + 7 * Self.ms
            trail.received(
                capturedAt: captured, stampedAt: UInt64(Int64(captured) + stampError(index)), sentAt: sent,
                receivedAt: sent + 2 * Self.ms)
            trail.left(sentAt: sent, at: sent + 3 * Self.ms)
            trail.left(sentAt: sent, at: now)
        }
        return (trail, now)
    }

    @Test func eachPartOfTheWayIsMeasured() {
        let (trail, now) = run { _ in 0 }
        let delays = trail.delays(now: now)
        #expect(delays.encode?.p50Ms == 30 && delays.encode?.frames == 50)
        #expect(delays.feed?.p99Ms == 2)
        // The last one is whole only when the next begins.
        #expect(delays.link?.p50Ms == 5 && delays.link?.frames == 49)
        #expect(trail.delays(now: now + 6_000 * Self.ms) == FrameDelays())
    }

    @Test(arguments: [-3_600_000, -400, 400, 3_600_000]) func aStepOfTheWallClockDoesNotMakeItLie(milliseconds: Int64) {
        // Frames that were stamped before the step and are read behind it.
        let (trail, now) = run { (20..<24).contains($0) ? milliseconds * Int64(Self.ms) : 0 }
        let encode = trail.delays(now: now).encode
        #expect(encode?.p50Ms == 30 && encode?.p99Ms == 30)
    }

    @Test func whatTheSenderLeavesOutIsNotMeasured() {
        var trail = FrameTrail()
        for index in 0..<500 as Range<UInt64> {
            trail.received(
                capturedAt: nil, stampedAt: nil, sentAt: index * 40 * Self.ms, receivedAt: index * 40 * Self.ms)
        }
        trail.left(sentAt: 499 * 40 * Self.ms, at: 500 * 40 * Self.ms)
        let delays = trail.delays(now: 500 * 40 * Self.ms)
        #expect(delays.encode == nil)
        #expect(delays.link == nil)
    }
}
