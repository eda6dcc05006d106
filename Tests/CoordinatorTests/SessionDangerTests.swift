import Sessions
import Testing
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

@Suite struct SessionDangerTests {
    /// What is on air is what the hall sees: to take that away is asked about, another input is not.
    @Test func asksAboutTheInputThatIsOnAir() throws {
        let log = SessionLog([
            JournalEntry(
                sequence: 1, at: Moment(bootID: "boot", monotonic: 0, wall: 0), by: Person(name: "li"),
                event: .sessionStarted(
                    PlannedSession(id: "S1", reports: []),
                    clock: SessionClock(
                        bootID: "boot", frameRate: 25, clock: DayClock(offset: 0, utcOffsetSeconds: 28_800))))
        ])
        let session = try #require(log.active)
        func dangers(_ worker: String, _ change: ReloadReport.Change.Kind) -> Int {
            SessionDanger.sentences(
                [.init(worker: worker, change: change)], session: session, venues: [], onAir: "camera"
            ).count
        }
        #expect(dangers("input/camera", .restarted) == 1 && dangers("input/camera", .removed) == 1)
        #expect(dangers("input/camera", .adjusted) == 0)
        #expect(dangers("input/standby", .restarted) == 0)
    }
}
