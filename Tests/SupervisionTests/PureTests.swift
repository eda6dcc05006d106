import LinuxSystem
import Supervision
import Testing
import WorkerProtocol

@Suite struct BackOffTests {
    @Test func growsFromNothingToHalfAMinute() {
        var backOff = BackOff()
        let delays = (0..<10).map { _ in backOff.delay(after: .failed(readyFor: nil)) }
        let expected: [Duration] = [
            .zero, .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16), .seconds(30),
            .seconds(30), .seconds(30),
        ]
        #expect(delays == expected)
    }

    @Test func startsAProvenWorkerAtOnceAndForgivesALongRun() {
        var backOff = BackOff()
        for _ in 0..<4 { _ = backOff.delay(after: .failed(readyFor: .seconds(1))) }
        #expect(backOff.delay(after: .failed(readyFor: .seconds(6))) == .zero)
        #expect(backOff.delay(after: .failed(readyFor: nil)) == .seconds(8), "the failures before still count")
        #expect(backOff.delay(after: .failed(readyFor: .seconds(31))) == .zero)
        #expect(backOff.delay(after: .failed(readyFor: nil)) == .milliseconds(500), "forgiven")
    }

    @Test func neverHurriesWithWhatIsUnusable() {
        var backOff = BackOff()
        #expect(backOff.delay(after: .unusable) == .seconds(4))
        #expect(backOff.delay(after: .unusable) == .seconds(8))
    }
}

@Suite struct ProgressWatchTests {
    /// Observes once a second: each pair is what input and output have advanced by.
    private func verdicts(_ steps: [(UInt64, UInt64)]) -> [ProgressWatch.Verdict] {
        var watch = ProgressWatch()
        var progress = WorkerReport.Progress(input: 0, output: 0)
        return steps.enumerated().map { second, step in
            progress.input += step.0
            progress.output += step.1
            return watch.observe(progress, at: MonotonicInstant(nanoseconds: Int64(second + 1) * 1_000_000_000))
        }
    }

    @Test func isContentWhileBothMove() {
        #expect(verdicts(Array(repeating: (25, 25), count: 20)).allSatisfy { $0 == .moving })
    }

    @Test func callsStuckOnlyAfterFiveSecondsOfInputWithoutOutput() {
        let result = verdicts([(1, 1)] + Array(repeating: (25, 0), count: 7))
        #expect(result.firstIndex(of: .stuck) == 6)
        #expect(result[..<6].allSatisfy { $0 == .moving })
    }

    @Test func neverCallsAStarvedOneStuck() {
        let result = verdicts([(1, 1)] + Array(repeating: (0, 0), count: 30))
        #expect(!result.contains(.stuck))
        #expect(result.last == .starved)
    }

    @Test func givesItTimeAgainWhenInputComesBackAfterHunger() {
        let result = verdicts(
            [(1, 1)] + Array(repeating: (0, 0), count: 10) + Array(repeating: (25, 0), count: 4) + [(25, 25)])
        #expect(!result.contains(.stuck))
        #expect(result.last == .moving)
    }

    @Test func startsAnewWithEachBitOfOutput() {
        let result = verdicts([(1, 1)] + (0..<30).map { (25, $0 % 4 == 3 ? 1 : 0) })
        #expect(!result.contains(.stuck))
    }
}

@Suite struct StopLadderTests {
    @Test func asksThenTerminatesThenKillsThenGivesUp() {
        var ladder = StopLadder.standard
        #expect(ladder.next()?.action == .ask)
        #expect(ladder.next()?.action == .terminate)
        #expect(ladder.next()?.action == .kill)
        #expect(ladder.next() == nil)
    }

    @Test func hasOneRungForTheIll() {
        #expect(StopLadder.standard.killingOnly.rungs.map(\.action) == [.kill])
    }
}
