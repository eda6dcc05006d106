import Glibc
import LinuxSystem
import Testing
import WorkerProtocol

@testable import Supervision

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

@Suite struct StandstillTests {
    private func second(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(seconds * 1e9))
    }

    @Test func looksAtLeastOnceASecond() {
        #expect(Standstill.nextLook(before: second(10.4), now: second(10)) == second(10.4))
        #expect(Standstill.nextLook(before: second(15), now: second(10)) == second(11))
        #expect(Standstill.nextLook(before: nil, now: second(10)) == second(11))
    }

    @Test func tellsAStandstillFromABusyMachine() {
        #expect(Standstill.lost(due: second(11), now: second(11.4)) == nil)
        #expect(Standstill.lost(due: second(11), now: second(10.2)) == nil, "something else has happened")
        #expect(Standstill.lost(due: second(11), now: second(17)) == .seconds(6))
    }

    @Test func whatWeMissedIsNobodysSilence() throws {
        // No process of ours: its number alone is wanted, and nothing is done to it.
        let worker = RunningWorker(
            process: try ProcessHandle.open(pid: getpid()), identity: nil, digest: "", timing: SupervisionTiming())
        let began = worker.since
        worker.answeredAt = began
        worker.excuse(.seconds(6), at: began.advanced(by: .seconds(7)))
        #expect(worker.answeredAt == began.advanced(by: .seconds(6)))
        #expect(worker.since == began.advanced(by: .seconds(6)))
        // An answer that came after we went on is not put into the future.
        worker.answeredAt = began.advanced(by: .seconds(7))
        worker.excuse(.seconds(6), at: began.advanced(by: .seconds(7)))
        #expect(worker.answeredAt == began.advanced(by: .seconds(7)))
    }
}

@Suite struct ComplaintTests {
    @Test func keepsTheNewestAndWhatFits() {
        let long = String(repeating: "长", count: 5000)
        let report = WorkerReport(
            state: .ready, progress: .init(input: 1, output: 1), lastErrors: (0..<20).map { "\($0)" } + [long],
            detail: .link(LinkReport(connection: .waiting, bytesSent: 0, reconnects: 0))
        ).clipped
        #expect(report.lastErrors.count == WorkerEnding.kept)
        #expect(report.lastErrors.dropLast() == (13..<20).map { "\($0)" }[...])
        #expect(report.lastErrors.last?.count == WorkerEnding.longestComplaint + 1)
    }
}
