import Foundation
import LinuxSystem
import Testing
import VenuecastModel

@testable import Monitoring

@Suite struct HappeningsTests {
    private static func status(_ edit: (inout ActivityStatus) -> Void = { _ in }) -> ActivityStatus {
        var status = ActivityStatus(
            activity: "x", health: .ok, time: Date(), startedAt: Date(), version: "1",
            program: ProgramStatus(health: .ok, onAir: "camera"),
            inputs: [InputStatus(id: "camera", health: .ok, onAir: true)],
            venues: ["a", "b"].map {
                VenueStatus(id: $0, name: $0, health: .ok, state: .connected, link: LinkStatus(url: "srt://x"))
            })
        edit(&status)
        return status
    }

    private func at(_ seconds: Double) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds * 1e9)) }

    @Test func nothingHappensWhenNothingChanges() {
        var happenings = Happenings()
        #expect(happenings.observe(Self.status(), at: at(0)).isEmpty)
        #expect(happenings.observe(Self.status(), at: at(100)).isEmpty)
    }

    @Test func tellsWhatChangedAndWhy() {
        var happenings = Happenings()
        _ = happenings.observe(Self.status(), at: at(0))
        let drafts = happenings.observe(
            Self.status {
                $0.venues[1].state = .retrying
                $0.venues[1].health = .failed
                $0.venues[1].reasons = [Reason(code: "absent", text: "Gone.", textZh: "没有了。")]
                $0.program.onAir = "slate:fault"
                $0.program.audio.muted = true
                $0.recording.state = .recording
            }, at: at(1))
        #expect(
            drafts.map(\.kind) == [EventKind.onAir, EventKind.muted, EventKind.recordingState, EventKind.venueState])
        #expect(drafts[0].details["from"] == "camera")
        #expect(drafts[0].details["to"] == "slate:fault")
        #expect(drafts[3].subject == "venue/b")
        #expect(drafts[3].details["code"] == "absent")
        #expect(drafts[3].details["textZh"] == "没有了。")
    }

    @Test func tellsHowASessionGoes() {
        func session(_ report: Int? = nil, _ countdown: CountdownPhase = .running) -> SessionStatus {
            SessionStatus(
                id: "S1", startedAt: Date(), startedBy: "li", isInternal: false, venues: [], revision: 1,
                report: report.map {
                    ReportStatus(
                        number: $0, department: "市财政局", title: nil, speaker: nil, attempt: 1, startedAt: Date(),
                        startedBy: "li", timecode: "14:00:00:00", elapsedSeconds: 1, limitSeconds: 600,
                        remainingSeconds: 599, countdown: countdown)
                }, reports: 2, given: 1, secondsLeft: 1)
        }
        var happenings = Happenings()
        _ = happenings.observe(Self.status(), at: at(0))
        var second = 0.0
        func next(_ session: SessionStatus?) -> [String] {
            second += 1
            return happenings.observe(Self.status { $0.session = session }, at: at(second)).map {
                "\($0.kind) \($0.subject) \($0.details["state"] ?? $0.details["phase"] ?? "")"
            }
        }
        #expect(next(session()) == ["session.state session/S1 active"])
        #expect(next(session(1)) == ["report.state report/1 active"])
        #expect(next(session(1)) == [])
        #expect(next(session(1, .twoMinutes)) == ["report.countdown report/1 twoMinutes"])
        #expect(next(session(1, .overrun)) == ["report.countdown report/1 overrun"])
        #expect(next(session(2)) == ["report.state report/1 ended", "report.state report/2 active"])
        #expect(next(nil) == ["report.state report/2 ended", "session.state session/S1 ended"])
    }

    @Test func healthAloneCountsWhenItHasHeld() {
        var happenings = Happenings()
        _ = happenings.observe(Self.status(), at: at(0))
        let lossy = Self.status { $0.venues[0].health = .degraded }
        // At the limit, to and fro.
        for second in 1...59 {
            #expect(happenings.observe(second % 2 == 0 ? lossy : Self.status(), at: at(Double(second))).isEmpty)
        }
        #expect(happenings.observe(lossy, at: at(61)).isEmpty)
        #expect(happenings.observe(lossy, at: at(65)).isEmpty)
        #expect(happenings.observe(lossy, at: at(66)).map(\.kind) == [EventKind.venueHealth])
        #expect(happenings.observe(lossy, at: at(80)).isEmpty)
    }

    @Test func aVenueThatIsNewIsNoNews() {
        var happenings = Happenings()
        _ = happenings.observe(Self.status { $0.venues.removeLast() }, at: at(0))
        #expect(happenings.observe(Self.status(), at: at(1)).isEmpty)
    }
}
