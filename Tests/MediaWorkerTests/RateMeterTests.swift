import Testing

@testable import MediaWorker

@Suite struct RateMeterTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func saysTheRateOfTheLastWholeWindow() throws {
        var meter = RateMeter()
        for frame in UInt64(0)...60 {
            meter.add(frames: 1, bytes: 1000, now: 10 * Self.second + frame * 40_000_000)
        }
        let rate = try #require(meter.perSecond(now: 13 * Self.second))
        #expect(rate.frames == 25 && rate.bytes == 25_000)
        #expect(meter.perSecond(now: 20 * Self.second) == nil, "nothing has come for long")
    }

    /// Two threads add; the one that came second may have looked at the clock first.
    @Test func bearsATimeThatIsEarlierThanTheLast() {
        var meter = RateMeter()
        meter.add(frames: 1, bytes: 1000, now: 10 * Self.second)
        meter.add(frames: 1, bytes: 1000, now: 10 * Self.second - 1)
        #expect(meter.perSecond(now: 10 * Self.second - 2) == nil)
    }
}
