import Supervision
import Testing
import WorkerProtocol

@testable import Coordinator

@Suite struct IdleTests {
    private func outdated(_ snapshot: WorkerSnapshot) -> WorkerSnapshot {
        var snapshot = snapshot
        snapshot.isOutdated = true
        return snapshot
    }

    @Test func replacesALinkThatNobodyUses() {
        let program = Samples.program()
        #expect(idleOutdatedWorker([program, outdated(Samples.link("jimo"))]) == nil, "it is watched")
        #expect(idleOutdatedWorker([program, outdated(Samples.link("jimo", .starved))]) == nil)
        #expect(idleOutdatedWorker([program, outdated(Samples.link("jimo", .waiting))]) == "link/jimo")
        #expect(idleOutdatedWorker([program, Samples.link("jimo", .waiting)]) == nil, "it is of our version")
    }

    @Test func replacesTheProgrammeOnlyWhileNobodyWatches() {
        let program = outdated(Samples.program())
        #expect(idleOutdatedWorker([program, Samples.link("jimo")]) == nil)
        #expect(idleOutdatedWorker([program, Samples.link("jimo", .waiting)]) == "program")
    }

    @Test func replacesAnInputOnlyWhileAnotherIsOnAir() {
        let standby = outdated(Samples.input("standby"))
        #expect(idleOutdatedWorker([Samples.program(), standby]) == "input/standby")
        #expect(idleOutdatedWorker([Samples.program(onAir: "standby"), standby]) == nil)
        #expect(idleOutdatedWorker([Samples.program(onAir: "slate:fault"), standby]) == nil)
    }

    @Test func leavesWhatIsRecordedAlone() {
        let recorder = Samples.recorder { $0.state = .recording }
        #expect(idleOutdatedWorker([outdated(Samples.program()), Samples.link("jimo", .waiting), recorder]) == nil)
        #expect(idleOutdatedWorker([Samples.program(), outdated(Samples.input("standby")), recorder]) == nil)
    }

    @Test func replacesOneAfterTheOther() {
        let idle = outdated(Samples.link("jimo", .waiting))
        var other = Samples.link("laixi")
        other.phase = .starting
        #expect(idleOutdatedWorker([Samples.program(), idle, other]) == nil)
    }
}
