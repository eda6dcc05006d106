import Testing

@testable import MediaWorker

@Suite struct FailoverTests {
    private static let second: UInt64 = 1_000_000_000
    private let alive = Failover.Track(isConnected: true, age: 20_000_000)
    private let frozen = Failover.Track(isConnected: true, age: 600_000_000)
    private let closed = Failover.Track(isConnected: false, age: 20_000_000)

    private func facts(_ picture: Failover.Track, _ sound: Failover.Track? = nil) -> Failover.Facts {
        Failover.Facts(picture: picture, sound: sound ?? picture)
    }

    @Test func firstGoodInputIsOnAirAtOnce() {
        var failover = Failover(inputs: 2, returnAfter: 3 * Self.second)
        #expect(failover.update([facts(closed), facts(closed)], now: 1).picture == .slate("fault"))
        #expect(failover.update([facts(closed), facts(alive)], now: 2).picture == .input(1))
        #expect(failover.update([facts(alive), facts(alive)], now: 3).picture == .input(0))
    }

    @Test(arguments: [true, false]) func deadInputIsLeftAtOnce(freezes: Bool) {
        var failover = Failover(inputs: 2, returnAfter: 3 * Self.second)
        failover.update([facts(alive), facts(alive)], now: 1)
        let decision = failover.update([facts(freezes ? frozen : closed), facts(alive)], now: 2)
        #expect(decision == Failover.Decision(picture: .input(1), sound: 1, takenIsDead: false))
    }

    @Test func failedInputComesBackOnlyAfterItsTime() {
        var failover = Failover(inputs: 1, returnAfter: 3 * Self.second)
        failover.update([facts(alive)], now: 1)
        failover.update([facts(closed)], now: 2)
        failover.update([facts(alive)], now: 10 * Self.second)
        #expect(failover.update([facts(alive)], now: 12 * Self.second).picture == .slate("fault"))
        #expect(failover.update([facts(alive)], now: 13 * Self.second).picture == .input(0))
    }

    @Test func flappingInputNeverFlickers() {
        var failover = Failover(inputs: 2, returnAfter: 3 * Self.second)
        failover.update([facts(alive), facts(alive)], now: 0)
        for step in UInt64(1)...50 {
            let picture = step.isMultiple(of: 2) ? alive : closed
            let decision = failover.update([facts(picture), facts(alive)], now: step * Self.second)
            #expect(decision.picture == .input(1))
        }
    }

    @Test func lostPictureKeepsTheSound() {
        var failover = Failover(inputs: 1, returnAfter: Self.second)
        failover.update([facts(alive)], now: 1)
        let decision = failover.update([facts(frozen, alive)], now: 2)
        #expect(decision == Failover.Decision(picture: .slate("fault"), sound: 0, takenIsDead: false))
    }

    @Test func takenInputThatDiesIsFollowedAndSaid() {
        var failover = Failover(inputs: 2, returnAfter: Self.second)
        failover.update([facts(alive), facts(alive)], now: 1)
        failover.take(.input(1))
        #expect(failover.update([facts(alive), facts(alive)], now: 2).picture == .input(1))
        let decision = failover.update([facts(alive), facts(closed)], now: 3)
        #expect(decision == Failover.Decision(picture: .input(0), sound: 0, takenIsDead: true))
        failover.update([facts(alive), facts(alive)], now: 4)
        #expect(failover.update([facts(alive), facts(alive)], now: 5 + Self.second).picture == .input(1))
        failover.take(nil)
        #expect(failover.update([facts(alive), facts(alive)], now: 6 + Self.second).picture == .input(0))
    }

    @Test func forcedInputStaysWhileDead() {
        var failover = Failover(inputs: 2, returnAfter: Self.second)
        failover.update([facts(alive), facts(closed)], now: 1)
        #expect(failover.isDead(1))
        failover.take(.input(1), force: true)
        #expect(failover.update([facts(alive), facts(closed)], now: 2).picture == .input(1))
        failover.update([facts(alive), facts(alive)], now: 3)
        #expect(failover.update([facts(alive), facts(closed)], now: 4).picture == .input(0))
    }

    @Test func slateIsSilent() {
        var failover = Failover(inputs: 1, returnAfter: Self.second)
        failover.take(.slate("holding"))
        let decision = failover.update([facts(alive)], now: 2)
        #expect(decision == Failover.Decision(picture: .slate("holding"), sound: nil, takenIsDead: false))
    }
}
