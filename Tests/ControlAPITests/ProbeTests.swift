import ControlClient
import LinuxSystem
import Testing
import VenuecastModel
import WorkerProtocol

@testable import VenuectlKit

@Suite struct ProbeClockTests {
    private static func kept(_ ms: Double?) -> ClockStatus {
        ClockStatus(source: "chrony", synchronised: true, uncertaintyMs: ms)
    }

    private static func second(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(seconds * 1e9))
    }

    @Test func isLookedAtAgainInTimeAndWhenItWasDisturbed() {
        var clock = ProbeClock(Self.kept(2), at: Self.second(100))
        let quiet = ProbeReport()
        let disturbed = ProbeReport(clockDisturbances: 1)
        #expect(!clock.isDue(quiet, at: Self.second(119.9)))
        #expect(clock.isDue(quiet, at: Self.second(120)))
        #expect(clock.isDue(disturbed, at: Self.second(101)))
        clock.note(Self.kept(3), disturbed, at: Self.second(101))
        // One disturbance is looked after once.
        #expect(!clock.isDue(disturbed, at: Self.second(120.9)))
        #expect(clock.isDue(disturbed, at: Self.second(121)))
    }

    @Test func theWorstOfAllLooksIsKept() {
        var clock = ProbeClock(Self.kept(2), at: Self.second(0))
        func look(_ status: ClockStatus) -> (now: ClockStatus, worst: ClockStatus) {
            clock.note(status, ProbeReport(), at: Self.second(20))
            return (clock.current, clock.worst)
        }
        #expect(look(Self.kept(5)) == (Self.kept(5), Self.kept(5)))
        #expect(look(Self.kept(1)) == (Self.kept(1), Self.kept(5)))
        #expect(look(Self.kept(nil)) == (Self.kept(nil), Self.kept(nil)))
        #expect(look(Self.kept(9)).worst == Self.kept(nil))
        let lost = ClockStatus(source: "none", synchronised: false)
        #expect(look(lost) == (lost, lost))
        #expect(look(Self.kept(1)) == (Self.kept(1), lost))
    }
}

@Suite struct ProbeReporterTests {
    /// A daemon that answers as it is told.
    private final class Daemon {
        var answers: [Result<LatencyStatus, any Error>] = []
        var bodies: [ReceiverReport] = []
        var complaints: [String] = []

        func reporter(_ language: Language = .en) -> ProbeReporter {
            ProbeReporter(words: Words(language: language), complain: { self.complaints.append($0) }) { body in
                self.bodies.append(body)
                return try self.answers.removeFirst().get()
            }
        }
    }

    private static let kept = ClockStatus(source: "chrony", synchronised: true, uncertaintyMs: 2)
    private static let lost = ClockStatus(source: "none", synchronised: false)
    private static let away = ControlClientError.brokenOff(path: "/x")

    private static func report(_ seconds: Double) -> ProbeReport {
        ProbeReport(seconds: seconds, delay: DelayFigures(milliseconds: [400, 410]))
    }

    private static func measured(_ ms: Double) -> Result<LatencyStatus, any Error> {
        var status = LatencyStatus(ms: 400, source: "measured")
        status.uncertaintyMs = ms
        return .success(status)
    }

    @Test func goesOnWhileTheDaemonIsAwayAndSaysItOnce() async throws {
        let daemon = Daemon()
        let stumbles = ControlError(status: 503, code: "x", title: "x", detail: "It is going down.")
        daemon.answers = [
            Self.measured(3), .failure(Self.away), .failure(stumbles),
            .failure(ControlClientError.timedOut(path: "/x", after: .seconds(5))), Self.measured(4),
            .failure(ControlClientError.noDaemon(path: "/x")),
        ]
        var reporter = daemon.reporter()
        for second in 1...32 { try await reporter.tell(Self.report(Double(second)), clock: Self.kept) }
        #expect(daemon.bodies.count == 6 && daemon.answers.isEmpty)
        // It came back in between.
        #expect(daemon.complaints.count == 2 && daemon.complaints[0].contains("/x"))
        #expect(!reporter.hasFailed && reporter.uncertaintyMs == 4)
    }

    @Test func aRefusalEndsIt() async throws {
        for refusal in [
            ControlError(status: 404, code: "unknown-venue", title: "x", detail: "x"),
            ControlClientError.notPermitted(path: "/x"),
        ] as [any Error] {
            let daemon = Daemon()
            daemon.answers = [.failure(refusal)]
            var reporter = daemon.reporter()
            await #expect(throws: (any Error).self) { try await reporter.tell(Self.report(5), clock: Self.kept) }
            #expect(daemon.complaints.isEmpty)
        }
    }

    @Test func whoWasNeverToldIsAFailure() async throws {
        let daemon = Daemon()
        daemon.answers = [.failure(Self.away), .failure(Self.away)]
        var reporter = daemon.reporter(.zh)
        #expect(!reporter.hasFailed)
        for second in [5.0, 10] { try await reporter.tell(Self.report(second), clock: Self.kept) }
        #expect(reporter.hasFailed && reporter.uncertaintyMs == nil)
        #expect(daemon.complaints.count == 1 && daemon.complaints[0].contains("稍后会再次上报"))
    }

    @Test func theClockIsToldAsItIsNow() async throws {
        let daemon = Daemon()
        var doubted = LatencyStatus(ms: 400, source: "estimated")
        doubted.notMeasured = VenuecastModel.Reason(code: "receiver-clock-not-synchronised", text: "x", textZh: "x")
        daemon.answers = [Self.measured(3), .success(doubted)]
        var reporter = daemon.reporter()
        try await reporter.tell(Self.report(5), clock: Self.kept)
        #expect(reporter.uncertaintyMs == 3)
        try await reporter.tell(Self.report(10), clock: Self.lost)
        #expect(daemon.bodies.map(\.clock) == [Self.kept, Self.lost])
        // Not every report was believed.
        #expect(reporter.uncertaintyMs == nil)
    }
}

@Suite struct ProbeJudgementTests {
    private static let kept = ClockStatus(source: "chrony", synchronised: true, uncertaintyMs: 2)
    private static let lost = ClockStatus(source: "none", synchronised: false)

    private static func report(findings: [Finding] = []) -> ProbeReport {
        let figures = DelayFigures(milliseconds: [400, 410, 420])
        return ProbeReport(
            seconds: 10, bytes: 1000, findings: findings, delay: figures, wholeDelay: figures, stampedPictures: 3,
            isComplete: true)
    }

    @Test func anAddressOfThisMachineIsNotOneClock() {
        for url in ["srt://127.0.0.1:1?mode=caller", "udp://localhost:1", "udp://[::1]:1"] {
            #expect(ProbeJudgement(url: url, clock: Self.kept).result(Self.report()).delay?.uncertaintyMs == 2)
            let unknown = ProbeJudgement(url: url, clock: Self.lost).result(Self.report())
            #expect(unknown.delay == nil && unknown.notMeasured?.code == "clock-not-synchronised")
            // The daemon's word is one: whoever keeps the clock, it is the same.
            let told = ProbeJudgement(url: url, clock: Self.lost, bothMs: 0.1).result(Self.report())
            #expect(told.delay?.uncertaintyMs == 0.1 && told.delay?.isOfBothClocks == true)
        }
    }

    @Test func whatWasWrongOnTheWayIsShownAndNotOK() {
        let silent = Finding(
            reason: WorkerProtocol.Reason(code: "silent-content", text: "Nothing is heard.", textZh: "听不到声音。"),
            seconds: 180.4, limitSeconds: 20)
        let judgement = ProbeJudgement(url: "udp://10.1.1.1:1", clock: Self.kept)
        #expect(judgement.result(Self.report()).ok)
        let result = judgement.result(Self.report(findings: [silent]))
        #expect(!result.ok && result.findings == [silent] && result.content.findings.isEmpty)
        for (language, words) in [(Language.en, "Nothing is heard. (180 s)"), (.zh, "听不到声音。（180 秒）")] {
            let display = ProbeDisplay(
                words: Words(language: language), clock: Clock(zone: .current), judgement: judgement)
            let lines = display.summary(Self.report(findings: [silent]), width: 120)
                .map { $0.rendered(width: 120, colour: false) }
            #expect(lines.contains("✗ \(words)"))
            #expect(lines.first?.hasPrefix("✗") == true)
        }
    }

    @Test func aClockThatWasSetLeavesNothingToSay() {
        let report = ProbeReport(seconds: 10, bytes: 1000, stampedPictures: 100, clockDisturbances: 1)
        let judgement = ProbeJudgement(url: "udp://10.1.1.1:1", clock: Self.kept)
        #expect(judgement.notMeasured(report)?.code == "clock-disturbed")
    }

    @Test func aFilesAddressIsItsPath() {
        for (typed, place) in [
            ("file:///tmp/x.ts", "/tmp/x.ts"), ("FILE:///tmp/a%20b.ts", "/tmp/a b.ts"),
            ("file:///tmp/a b.ts", "/tmp/a b.ts"),
            ("file://localhost/tmp/x.ts", "/tmp/x.ts"), ("file://x.ts", "x.ts"), ("x.ts", "x.ts"),
            ("udp://10.1.1.1:1", "udp://10.1.1.1:1"),
        ] {
            #expect(ProbeCommand.place(typed) == place)
        }
        let judgement = ProbeJudgement(url: ProbeCommand.place("file:///tmp/x.ts"), clock: Self.kept)
        #expect(judgement.notMeasured(Self.report())?.code == "recorded")
    }
}
