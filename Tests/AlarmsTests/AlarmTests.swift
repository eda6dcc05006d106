import Foundation
import Testing
import VenuecastModel

@testable import Alarms

/// What is an alarm, when, and for how long. A false one is as bad as a missing one.
@Suite struct AlarmTests {
    @Test func nothingIsAnAlarmWhileAllIsWell() {
        var watcher = Watcher()
        #expect(watcher.watch(60).isEmpty)
        #expect(watcher.ledger.alarms.isEmpty)
    }

    @Test func aLostVenueIsOneAlarmWithinItsThreshold() throws {
        var watcher = Watcher()
        _ = watcher.watch(5)
        watcher.lose(0)
        #expect(watcher.watch(9.8).isEmpty)
        #expect(watcher.watch(0.6).short == ["+venue/v1"])
        #expect(watcher.watch(600).isEmpty)
        let alarm = try #require(watcher.ledger.alarms.first)
        #expect(alarm.severity == .critical)
        #expect(alarm.code == "absent")
        #expect(alarm.cause.contains("会场1 gets no programme. Cause absent."))
        #expect(alarm.causeZh.contains("收不到节目"))
        #expect(!alarm.action.isEmpty && !alarm.actionZh.isEmpty)
        watcher.restore(0)
        #expect(watcher.watch(9.8).isEmpty)
        #expect(watcher.watch(0.6).short == ["-venue/v1 over"])
        #expect(watcher.ledger.alarms.isEmpty)
    }

    @Test func aCertificateThatEndsIsAWarningBeforehand() throws {
        var watcher = Watcher()
        watcher.status.archive = ArchiveStatus(
            health: .degraded, listen: "0.0.0.0:8443", reasons: [.sample("certificate-ending")])
        #expect(watcher.watch(29).isEmpty)
        #expect(watcher.watch(2).short == ["+archive"])
        let alarm = try #require(watcher.ledger.alarms.first)
        #expect(alarm.severity == .warning && alarm.cause == "Cause certificate-ending.")
        #expect(alarm.action.hasPrefix("From that day on") && alarm.actionZh.contains("到期后"))
        watcher.status.archive = ArchiveStatus(health: .ok, listen: "0.0.0.0:8443")
        #expect(watcher.watch(11).short == ["-archive over"])
    }

    @Test func whatPassesIsNoAlarm() {
        var watcher = Watcher()
        _ = watcher.watch(5)
        watcher.lose(0)
        _ = watcher.watch(9)
        watcher.restore(0)
        #expect(watcher.watch(60).isEmpty)
    }

    @Test func theCauseMayChangeAndTheAlarmIsTheSame() {
        var watcher = Watcher()
        _ = watcher.watch(5)
        watcher.lose(0)
        let first = watcher.watch(11)
        #expect(first.short == ["+venue/v1"])
        watcher.venue(0, .failed, .retrying, "passphrase-rejected")
        #expect(watcher.watch(20).isEmpty)
        #expect(watcher.ledger.alarms.map(\.code) == ["passphrase-rejected"])
        #expect(watcher.ledger.alarms.map(\.id) == ["A1"])
    }

    @Test func oneThatNeverCameHasMoreTime() {
        var watcher = Watcher()
        watcher.venue(3, .failed, .waiting, "no-caller")
        #expect(watcher.watch(59).isEmpty)
        #expect(watcher.watch(2).short == ["+venue/v4"])
    }

    @Test func maintenanceSilences() {
        var watcher = Watcher()
        _ = watcher.watch(5)
        watcher.lose(0)
        #expect(watcher.watch(11).short == ["+venue/v1"])
        watcher.venue(0, .off, .off)
        #expect(watcher.watch(0.1).short == ["-venue/v1 silenced"])
        #expect(watcher.watch(600).isEmpty)
        // On again: it has the time of one that has not been there yet.
        watcher.venue(0, .failed, .waiting, "no-caller")
        #expect(watcher.watch(50).isEmpty)
    }

    @Test func aKilledSourceAndTheSlate() {
        var watcher = Watcher()
        _ = watcher.watch(5)
        for index in 0...1 {
            watcher.status.inputs[index].health = .failed
            watcher.status.inputs[index].reasons = [.sample("source-absent")]
        }
        watcher.status.program.health = .degraded
        watcher.status.program.onAir = "slate:fault"
        watcher.status.program.reasons = [.sample("no-good-input")]
        #expect(watcher.watch(30).short == ["+program"])
        let alarm = watcher.ledger.alarms[0]
        #expect(alarm.code == "no-good-input")
        #expect(alarm.consequences.map(\.subject) == ["input/camera", "input/standby"])
        // One is back; the other one is a matter of its own, after its own time.
        watcher.status.inputs[0].health = .ok
        watcher.status.program.health = .ok
        watcher.status.program.reasons = []
        #expect(watcher.watch(4).isEmpty)
        #expect(watcher.watch(3).short == ["+input/standby"])
        #expect(watcher.watch(5).short == ["-program over"])
    }

    @Test func theProgrammesEndIsOneAlarm() {
        var watcher = Watcher()
        _ = watcher.watch(5)
        watcher.status.program = ProgramStatus(health: .failed, reasons: [.sample("worker-failed")])
        for index in 0..<12 { watcher.venue(index, .failed, .starved, "starved") }
        watcher.status.recording = RecordingStatus(
            health: .failed, state: .idle, session: "S1", reasons: [.sample("starved")])
        #expect(watcher.watch(60).short == ["+program"])
        #expect(watcher.ledger.alarms[0].consequences.count == 13)
        // It is back, and the venues are a second later.
        watcher.status.program = ProgramStatus(health: .ok, onAir: "camera")
        watcher.status.recording = RecordingStatus(health: .ok, state: .recording, session: "S1")
        #expect(watcher.watch(1).isEmpty)
        for index in 0..<12 { watcher.restore(index) }
        #expect(watcher.watch(60).short == ["-program over"])
    }

    @Test func twelveVenuesLostAtOnceAreOneAlarm() throws {
        var watcher = Watcher()
        _ = watcher.watch(5)
        // SRT notices them one after the other.
        var changes: [AlarmChange] = []
        for index in 0..<12 {
            watcher.lose(index)
            changes += watcher.watch(0.1)
        }
        changes += watcher.watch(300)
        #expect(changes.short == ["+venues"])
        let alarm = try #require(watcher.ledger.alarms.first)
        #expect(watcher.ledger.alarms.count == 1)
        #expect(alarm.code == "many-venues-lost")
        #expect(alarm.consequences.count == 12)
        #expect(alarm.cause.contains("12 of 12"))
        // All but one come back: that one has a cause of its own.
        for index in 1..<12 { watcher.restore(index) }
        #expect(
            watcher.watch(30).short == ["+venue/v1", "-venues over"]
                || watcher.ledger.alarms.map(\.subject) == ["venue/v1"])
        #expect(watcher.ledger.alarms.map(\.subject) == ["venue/v1"])
    }

    @Test func twoOfTwelveAreTwo() {
        var watcher = Watcher()
        _ = watcher.watch(5)
        watcher.lose(0)
        watcher.lose(1)
        #expect(watcher.watch(30).short == ["+venue/v1", "+venue/v2"])
    }

    /// Who reads alarms sees how often one came, also where nothing else about it is new.
    @Test func saysThatAnAlarmIsBack() {
        var watcher = Watcher()
        _ = watcher.watch(5)
        watcher.lose(0)
        _ = watcher.watch(11)
        watcher.restore(0)
        #expect(watcher.look().isEmpty)
        watcher.lose(0)
        #expect(watcher.look().short == ["~venue/v1"])
        #expect(watcher.ledger.alarms.map(\.count) == [2])
        #expect(watcher.look().isEmpty)
    }

    /// A disk that stands still has lost nothing yet, and without [recording] no disk is at fault.
    @Test func saysWhatIsTrueOfTheRecording() throws {
        func alarm(_ health: Health, _ state: RecordingStatus.State, _ code: String) throws -> AlarmStatus {
            var watcher = Watcher()
            watcher.status.recording = RecordingStatus(
                health: health, state: state, session: "S1", reasons: [.sample(code)])
            #expect(watcher.watch(31).short == ["+recording"])
            return try #require(watcher.ledger.alarms.first)
        }
        let stalled = try alarm(.degraded, .stalledDisk, "disk-stalled")
        #expect(stalled.severity == .critical && !stalled.cause.contains("Nothing is recorded"))
        #expect(!stalled.causeZh.contains("没有录制"))
        let failed = try alarm(.failed, .failed, "disk-failed")
        #expect(failed.cause.contains("Nothing is recorded") && failed.action.contains("venuectl worker list"))
        let missing = try alarm(.failed, .idle, "recording-not-configured")
        #expect(!missing.action.contains("disk") && missing.actionZh.contains("config reload"))
    }

    @Test func aFlappingOneIsDamped() {
        var watcher = Watcher()
        _ = watcher.watch(5)
        var changes: [AlarmChange] = []
        // Away for 3 s, there for 20 s, an hour long: never long enough, and yet it is told, once.
        for _ in 0..<156 {
            watcher.lose(0)
            changes += watcher.watch(3)
            watcher.restore(0)
            changes += watcher.watch(20)
        }
        #expect(changes.short == ["+venue/v1"])
        #expect(watcher.ledger.alarms.first.map { $0.count > 100 } == true)
        // Quiet at last.
        #expect(watcher.watch(601).short == ["-venue/v1 over"])
    }

    @Test func impairedIsAWarningAndLostTakesItsPlace() {
        var watcher = Watcher()
        _ = watcher.watch(5)
        watcher.venue(0, .degraded, .connected, "loss")
        #expect(watcher.watch(29).isEmpty)
        #expect(watcher.watch(2).short == ["+venue/v1"])
        #expect(watcher.ledger.alarms.map(\.severity) == [.warning])
        watcher.lose(0)
        #expect(watcher.watch(9).isEmpty)
        #expect(watcher.watch(1.5).short.sorted() == ["+venue/v1", "-venue/v1 over"])
        #expect(watcher.ledger.alarms.map(\.severity) == [.critical])
    }

    @Test func anAcknowledgedOneOutlivesTheDaemon() throws {
        var watcher = Watcher()
        _ = watcher.watch(5)
        watcher.lose(0)
        _ = watcher.watch(11)
        #expect(watcher.ledger.acknowledge("A1", by: "王工", at: Date(timeIntervalSince1970: 16)) != nil)
        #expect(watcher.ledger.acknowledge("A9", by: "王工", at: Date()) == nil)
        try watcher.restart()
        #expect(watcher.ledger.alarms.map(\.acknowledgedBy) == ["王工"])
        // The new daemon has only begun to look.
        watcher.venue(0, .degraded, .starting)
        #expect(watcher.watch(3).isEmpty)
        watcher.lose(0)
        #expect(watcher.watch(120).isEmpty)
        #expect(watcher.ledger.alarms.map(\.acknowledgedBy) == ["王工"])
        #expect(watcher.ledger.alarms.map(\.count) == [1])
        watcher.restore(0)
        #expect(watcher.watch(11).short == ["-venue/v1 over"])
        // Numbers go on.
        watcher.lose(1)
        _ = watcher.watch(11)
        #expect(watcher.ledger.alarms.map(\.id) == ["A2"])
    }

    @Test func whatIsSeenToBeWellAfterARestartIsOver() throws {
        var watcher = Watcher()
        _ = watcher.watch(5)
        watcher.lose(0)
        _ = watcher.watch(11)
        try watcher.restart()
        watcher.venue(0, .degraded, .starting)
        #expect(watcher.watch(15).isEmpty)
        watcher.restore(0)
        #expect(watcher.watch(11).short == ["-venue/v1 over"])
    }

    @Test func whatIsOverMeanwhileIsClearedAfterARestart() throws {
        var watcher = Watcher()
        _ = watcher.watch(5)
        for index in 0..<12 { watcher.lose(index) }
        #expect(watcher.watch(15).short == ["+venues"])
        try watcher.restart()
        #expect(watcher.watch(20).isEmpty)
        // Still lost: no other alarm, before or after.
        #expect(watcher.ledger.alarms.map(\.subject) == ["venues"])
        for index in 0..<12 { watcher.restore(index) }
        #expect(watcher.watch(60).short == ["-venues over"])
        try watcher.restart()
        #expect(watcher.watch(60).isEmpty)
    }

    @Test func tellsOfWorkersAndOfItself() {
        var watcher = Watcher()
        watcher.workers = [
            WorkerStatus(
                id: "input/camera", state: "running",
                endings: (0..<5).map { .init(at: Date(timeIntervalSince1970: Double($0)), cause: "was killed") })
        ]
        watcher.eventsNotWritten = "No space left on device"
        #expect(watcher.watch(10).short.sorted() == ["+events", "+worker/input/camera"])
        watcher.eventsNotWritten = nil
        #expect(watcher.watch(11).short == ["-events over"])
    }

    @Test func tellsOfAProcessThatCannotBeEndedBesideOneThatRuns() throws {
        var watcher = Watcher()
        watcher.workers = [WorkerStatus(id: "link/jimo", pid: 8, state: "running", abandonedPids: [7])]
        #expect(watcher.watch(1).short == ["+worker/link/jimo"])
        let alarm = try #require(watcher.ledger.alarms.first)
        #expect(alarm.code == "worker-abandoned" && alarm.cause.contains("7") && alarm.causeZh.contains("7"))
        watcher.workers[0].abandonedPids = nil
        #expect(watcher.watch(11).short == ["-worker/link/jimo over"])
    }

    @Test func theGravestComesFirst() {
        var watcher = Watcher()
        _ = watcher.watch(5)
        watcher.status.inputs[1].health = .failed
        _ = watcher.watch(10)
        watcher.lose(0)
        _ = watcher.watch(11)
        watcher.lose(5)
        _ = watcher.watch(11)
        _ = watcher.ledger.acknowledge("A2", by: "x", at: Date())
        #expect(watcher.ledger.alarms.map(\.subject) == ["venue/v6", "venue/v1", "input/standby"])
    }

    @Test func whatHasLastedIsToldAtOnce() throws {
        var watcher = Watcher()
        _ = watcher.watch(5)
        watcher.status.inputs[0].health = .degraded
        watcher.status.inputs[0].reasons = [.sample("black")]
        watcher.status.inputs[1].health = .degraded
        watcher.status.inputs[1].reasons = [.sample("silent-content")]
        watcher.status.program.health = .degraded
        watcher.status.program.reasons = [.sample("black"), .sample("clipping")]
        // The input that is on air is a consequence of what everybody sees of it.
        #expect(Set(watcher.watch(0.2).short) == ["+program", "+program", "+input/standby"] as Set)
        #expect(watcher.ledger.alarms.map(\.code) == ["black", "silent-content", "clipping"])
        #expect(watcher.ledger.alarms.map(\.severity) == [.critical, .warning, .warning])
        #expect(watcher.watch(600).isEmpty)
        watcher.status = Watcher.well(12)
        #expect(watcher.watch(11).short.count == 3)
        #expect(watcher.ledger.alarms.isEmpty)
    }

    @Test func everyFaultOfContentHasWordsOfItsOwn() {
        #expect(Set(AlarmWords.content.keys) == ContentStatus.faults)
        for words in AlarmWords.content.values {
            #expect(words.action.contains("venuectl") && words.actionZh.contains("venuectl"))
        }
    }
}
