import Foundation
import Testing
import VenuecastModel
import WorkerProtocol

@testable import Sessions

@Suite struct SessionTests {
    @Test func followsTheRundown() throws {
        var trail = try Trail.begun()
        #expect(trail.log.active?.next?.number == 1)
        for number in 1...3 {
            try trail.order(.nextReport)
            #expect(trail.log.active?.runningReport?.report.number == number)
            trail.wait(60)
        }
        #expect(trail.refusal(.nextReport)?.code == "all-given")
        try trail.order(.endSession("S1"))
        let run = try #require(trail.log.session("S1"))
        #expect(trail.log.active == nil && run.ended != nil)
        #expect(run.runs.allSatisfy { $0.seconds(trail.now) == 60 })
    }

    @Test func takesReportsOutOfOrderRepeatedAndWithABreak() throws {
        var trail = try Trail.begun()
        try trail.order(.startReport(2))
        trail.wait(700)
        try trail.order(.endReport)
        trail.wait(300)
        #expect(trail.log.active?.runningReport == nil)
        try trail.order(.nextReport)
        #expect(trail.log.active?.runningReport?.report.number == 3)
        trail.wait(5)
        // The one that was left out comes last.
        try trail.order(.nextReport)
        #expect(trail.log.active?.runningReport?.report.number == 1)
        trail.wait(5)
        try trail.order(.startReport(2))
        let again = try #require(trail.log.active?.runningReport)
        #expect(again.report.number == 2 && again.attempt == 2)
        trail.wait(5)
        try trail.order(.endSession("S1"))
        let asRun = try #require(AsRun(trail.log, session: "S1", activity: "三民活动"))
        #expect(asRun.reports.map(\.number) == [2, 3, 1, 2] && asRun.reports.map(\.attempt) == [1, 1, 1, 2])
        #expect(asRun.reports.map(\.overrunSeconds) == [100, 0, 0, 0])
        #expect(asRun.reports.allSatisfy { $0.out != nil })
    }

    @Test func saysNoWithTheCauseAndTheNextStep() throws {
        var trail = Trail()
        #expect(trail.refusal(.startSession("S1"))?.code == "no-rundown")
        try trail.order(.loadRundown(csv: Array(Trail.csv.utf8), isNew: false))
        #expect(trail.refusal(.nextReport)?.code == "no-session")
        #expect(trail.refusal(.startReport(1))?.code == "no-session")
        #expect(trail.refusal(.mark("x"))?.code == "no-session")
        #expect(trail.refusal(.startSession("../../etc"))?.code == "bad-session-id")
        #expect(trail.refusal(.startSession("S9"))?.code == "unknown-session")
        try trail.order(.startSession("S1"))
        #expect(trail.refusal(.startSession("S2"))?.code == "session-active")
        #expect(trail.refusal(.endSession("S2"))?.code == "not-active")
        #expect(trail.refusal(.endReport)?.code == "no-report")
        #expect(trail.refusal(.undo)?.code == "nothing-to-undo")
        #expect(trail.refusal(.startReport(9))?.code == "unknown-report")
        #expect(trail.refusal(.mark("\u{1B}[2J"))?.code == "bad-request")
        let refusal = try #require(trail.refusal(.startReport(9)))
        #expect(refusal.nextStep?.isEmpty == false && refusal.nextStepZh?.isEmpty == false)
        #expect(trail.log.revision == 2)
    }

    // MARK: Two operators

    @Test func letsOneOfTwoOperatorsWin() throws {
        var trail = try Trail.begun()
        try trail.order(.nextReport)
        trail.wait(0.4)
        let refusal = try #require(trail.refusal(.nextReport, by: wang))
        #expect(refusal.code == "somebody-was-faster")
        #expect(refusal.detail.contains("li did this 0.4 s ago: report 1 started"))
        #expect(trail.refusal(.startReport(1), by: wang)?.detail.contains("li started it") == true)
        #expect(trail.refusal(.startReport(3), by: wang)?.code == "somebody-was-faster")
        // The same account twice within a second is two people, or one finger.
        #expect(trail.refusal(.nextReport)?.code == "somebody-was-faster")
        // Another press is meant.
        try trail.order(.endReport)
        trail.wait(2)
        #expect(trail.refusal(.endReport, by: wang)?.detail.contains("ended by li 2.0 s ago") == true)
        try trail.order(.nextReport, by: wang)
        #expect(trail.log.active?.runningReport?.report.number == 2)
    }

    @Test func holdsWhoeverSaysWhatHeHasSeenToIt() throws {
        var trail = try Trail.begun()
        let seen = trail.log.revision
        try trail.order(.nextReport, seen: seen)
        try trail.order(.mark("applause"), by: wang)
        trail.wait(60)
        #expect(trail.refusal(.nextReport, by: wang, seen: seen)?.code == "somebody-was-faster")
        try trail.order(.nextReport, by: wang, seen: seen + 1)
        // Having seen it, no time has to pass.
        try trail.order(.nextReport, by: li, seen: trail.log.revision)
        #expect(trail.log.active?.runningReport?.report.number == 3)
    }

    // MARK: A wrong press

    @Test func takesAWrongPressBackAndKeepsTheTrail() throws {
        var trail = try Trail.begun()
        try trail.order(.nextReport)
        let start = trail.log.active?.runningReport?.start
        trail.wait(60)
        try trail.order(.nextReport)
        trail.wait(4)
        try trail.order(.undo)
        // As if it had never been pressed.
        #expect(trail.log.active?.runningReport?.report.number == 1)
        #expect(trail.log.active?.runningReport?.start == start)
        #expect(trail.refusal(.undo, by: wang)?.code == "somebody-was-faster")
        trail.wait(4)
        try trail.order(.undo)
        #expect(trail.log.active?.runs.isEmpty == true)
        trail.wait(4)
        #expect(trail.refusal(.undo)?.code == "nothing-to-undo")
        let asRun = try #require(AsRun(trail.log, session: "S1", activity: "x"))
        #expect(asRun.reports.isEmpty)
        #expect(asRun.trail.map(\.takenBack) == [false, true, true, false, false])
    }

    @Test func amendsTimesToTheFrame() throws {
        var trail = try Trail.begun()
        try trail.order(.nextReport)
        trail.wait(60)
        #expect(trail.refusal(.amendReport(1, ReportAmendment(out: "14:00:30")))?.code == "report-running")
        try trail.order(.endSession("S1"))
        trail.wait(600)
        try trail.order(.amendReport(1, ReportAmendment(in: "14:00:04:10", out: "14:00:50")), by: wang)
        var report = try #require(AsRun(trail.log, session: "S1", activity: "x")?.reports.first)
        #expect(report.in.timecode == "14:00:04:10" && report.out?.timecode == "14:00:50:00")
        #expect(report.pressedIn?.timecode == "14:00:03:00" && report.amendedBy == "wang")
        #expect(abs((report.durationSeconds ?? 0) - 45.6) < 0.001)
        for (amendment, code) in [
            (ReportAmendment(), "bad-request"), (ReportAmendment(in: "14:00:04:25"), "bad-timecode"),
            (ReportAmendment(in: "14:00:55"), "bad-times"), (ReportAmendment(in: "13:59:00"), "bad-times"),
            (ReportAmendment(out: "14:20:00"), "bad-times"), (ReportAmendment(in: "14:00:05", attempt: 2), "not-given"),
            (ReportAmendment(in: "14:00:05", session: "S2"), "unknown-session"),
        ] {
            #expect(trail.refusal(.amendReport(1, amendment))?.code == code, "\(amendment)")
        }
        #expect(trail.refusal(.amendReport(2, ReportAmendment(in: "14:00:05")))?.code == "not-given")
        // Again, and the first one does not matter any more.
        try trail.order(.amendReport(1, ReportAmendment(in: "14:00:05")))
        report = try #require(AsRun(trail.log, session: "S1", activity: "x")?.reports.first)
        #expect(report.in.timecode == "14:00:05:00" && report.out?.timecode == "14:00:50:00")
    }

    @Test func amendsAcrossMidnight() throws {
        var trail = Trail()
        trail.monotonic += UInt64(9.999 * 3600 * 1e9)
        try trail.order(.loadRundown(csv: Array(Trail.csv.utf8), isNew: false))
        try trail.order(.startSession("S1"))
        try trail.order(.nextReport)
        trail.wait(60)
        try trail.order(.endReport)
        #expect(trail.log.active?.runs[0].start.wall ?? 0 < 1_353_081_600_000_000_000)
        try trail.order(.amendReport(1, ReportAmendment(in: "00:00:10")))
        #expect(trail.log.active?.runs[0].start.wall == 1_353_081_610_000_000_000)
    }

    // MARK: The rundown

    @Test func replacesARundownBeforeItsSessionStarts() throws {
        var trail = try Trail.begun()
        let other = Trail.csv.replacing("S2,1,市监察局,5", with: "S2,1,市监察局,7")
        try trail.order(.loadRundown(csv: Array(other.utf8), isNew: false))
        #expect(trail.log.plan("S2")?.limitSeconds == 420)
        let begun = Trail.csv.replacing("市教育局,10", with: "市教育局,11")
        #expect(trail.refusal(.loadRundown(csv: Array(begun.utf8), isNew: false))?.code == "session-begun")
        #expect(trail.refusal(.loadRundown(csv: Array(Trail.csv.utf8), isNew: true))?.code == "session-active")
        try trail.order(.endSession("S1"))
        try trail.order(.loadRundown(csv: Array(begun.utf8), isNew: true))
        #expect(trail.log.sessions.isEmpty)
        #expect(trail.refusal(.loadRundown(csv: Array("x".utf8), isNew: false))?.code == "rundown-refused")
    }

    @Test func knowsWhatHasJustEnded() throws {
        var trail = try Trail.begun()
        #expect(trail.log.justEnded(trail.now, within: 2) == nil)
        try trail.order(.endSession("S1"))
        #expect(trail.log.justEnded(trail.now, within: 2)?.id == "S1")
        trail.wait(1.9)
        #expect(trail.log.justEnded(trail.now, within: 2)?.id == "S1")
        trail.wait(0.1)
        #expect(trail.log.justEnded(trail.now, within: 2) == nil)
    }

    @Test func goesOnAfterAnEndThatWasPressedByMistake() throws {
        var trail = try Trail.begun()
        try trail.order(.nextReport)
        trail.wait(5)
        try trail.order(.endSession("S1"))
        trail.wait(5)
        try trail.order(.startSession("S1"))
        #expect(trail.log.active?.next?.number == 2 && trail.log.active?.clocks.count == 1)
        #expect(trail.refusal(.undo)?.code == "nothing-to-undo")
    }

    // MARK: Time

    @Test(
        arguments: [
            (0, 600, CountdownPhase.running), (479.9, 600, .running), (480, 600, .twoMinutes),
            (570, 600, .thirtySeconds),
            (600, 600, .timeUp), (609.9, 600, .timeUp), (610, 600, .overrun), (0, 60, .running),
            (30, 60, .thirtySeconds),
            (0, 5, .running), (5, 5, .timeUp),
        ] as [(Double, Double, CountdownPhase)])
    func countsDown(elapsed: Double, limit: Double, phase: CountdownPhase) {
        let countdown = Countdown(elapsedSeconds: elapsed, limitSeconds: limit)
        #expect(countdown.phase == phase && countdown.remainingSeconds == limit - elapsed)
    }

    @Test func knowsWhatTheRundownStillNeeds() throws {
        var trail = try Trail.begun()
        #expect(trail.log.active?.secondsLeft(trail.now) == 1260)
        try trail.order(.nextReport)
        trail.wait(100)
        #expect(trail.log.active?.secondsLeft(trail.now) == 1160)
        trail.wait(1000)
        #expect(trail.log.active?.secondsLeft(trail.now) == 660)
    }

    @Test func survivesItsOwnTrail() throws {
        var trail = try Trail.begun("S2")
        try trail.order(.nextReport)
        try trail.order(.mark("掌声"))
        trail.wait(60)
        try trail.order(.endReport)
        try trail.order(.amendReport(1, ReportAmendment(in: "14:00:04")))
        try trail.order(.undo)
        let lines = try trail.log.entries.map { try JSONEncoder().encode($0) }
        let read = try lines.map { try JSONDecoder().decode(JournalEntry.self, from: $0) }
        #expect(SessionLog(read) == trail.log)
        let asRun = try #require(AsRun(trail.log, session: "S2", activity: "三民活动"))
        #expect(asRun.isInternal && asRun.venues == ["jimo"] && asRun.marks.map(\.text) == ["掌声"])
        #expect(try VenuecastJSON.decode(AsRun.self, from: Data(asRun.json())) == asRun)
    }

    @Test func writesARowForSpreadsheets() throws {
        var trail = Trail()
        let csv = "session,number,department,limitMinutes,title\nS1,1,\"A, \"\"B\"\"\",10,=1+1\n"
        try trail.order(.loadRundown(csv: Array(csv.utf8), isNew: false))
        try trail.order(.startSession("S1"))
        try trail.order(.nextReport)
        trail.wait(610)
        try trail.order(.endReport)
        let bytes = try #require(AsRun(trail.log, session: "S1", activity: "x")).csv()
        #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]))
        let row = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")[1]
        #expect(row.hasPrefix("1,1,\"A, \"\"B\"\"\",'=1+1,,10.0,"))
        #expect(row.contains(",14:00:00:00,14:10:10:00,610.0,10.0,li,li,"))
    }
}
