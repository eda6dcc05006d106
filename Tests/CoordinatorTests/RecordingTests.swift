import Foundation
import Sessions
import Testing
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

@Suite struct RecordingTests {
    private let reason = WorkerProtocol.Reason(code: "some", text: "Something. Do this.", textZh: "某事。")
    private let paths = RunPaths(directory: "/run/venuecast")

    // MARK: The plan

    @Test func recordsTheProgrammeAndTheNamedInputsWhileASessionRuns() throws {
        let workers = plan(Samples.configuration(), Intents(), paths, recording: [Samples.target])
        #expect(
            workers.map(\.id) == [
                "program", "input/camera", "input/standby", "recorder", "recorder/camera", "link/shinan", "link/jimo",
                "link/laixi",
            ])
        let roles = workers.compactMap { if case .recorder(let role) = $0.role { role } else { nil } }
        #expect(roles.map(\.folder) == ["master", "iso-camera"])
        #expect(roles.map(\.source) == ["program", "camera"])
        #expect(roles.allSatisfy { $0.session == "S1" && $0.sessionDirectory == "/recordings/S1" })
        guard case .program(let program)? = workers.first?.role, case .input(let camera) = workers[1].role else {
            return #expect(Bool(false))
        }
        #expect(roles[0].feeds == program.cleanFeeds)
        #expect(roles[1].feeds == camera.feeds)
        #expect(workers[3].placeholders == ["preset": .text("superfast")])
    }

    @Test func recordsNothingOutsideOfSessionsOrWithoutAConfiguration() {
        #expect(!plan(Samples.configuration(), Intents(), paths).contains { $0.id.hasPrefix("recorder") })
        var configuration = Samples.configuration()
        configuration.recording = nil
        let workers = plan(configuration, Intents(), paths, recording: [Samples.target])
        #expect(!workers.contains { $0.id.hasPrefix("recorder") })
    }

    /// The end of a session's recording is in the way of no other session's beginning.
    @Test func sessionsThatFollowEachOtherHaveRecordersOfTheirOwn() throws {
        let targets = [
            RecordingTarget(session: "S2", directory: "/recordings", lane: 1),
            RecordingTarget(session: "S1", directory: "/recordings"),
        ]
        let recorders = plan(Samples.configuration(), Intents(), paths, recording: targets).compactMap { worker in
            if case .recorder(let role) = worker.role { "\(worker.id) \(role.session) \(role.folder)" } else { nil }
        }
        #expect(
            recorders == [
                "recorder-2 S2 master", "recorder-2/camera S2 iso-camera", "recorder S1 master",
                "recorder/camera S1 iso-camera",
            ])
        let status = Samples.status(Samples.recorder("recorder-2") { $0.frames = 7 }, recording: targets[0])
        #expect(status.recording.frames == 7 && status.recording.session == "S2")
        #expect(status.recording.inputs.first?.state == .failed, "the other one's does not count")
    }

    @Test func findsTheDirectoriesFromTheStateDirectory() throws {
        var recording = try #require(Samples.configuration().recording)
        recording.copyDirectory = "/mnt/second"
        let target = RecordingTarget(session: "S1", recording, stateDirectory: "/var/lib/venuecast")
        #expect(target.directory == "/var/lib/venuecast/recordings")
        #expect(target.copyDirectory == "/mnt/second")
        var configuration = Samples.configuration()
        configuration.recording = recording
        let roles = plan(configuration, Intents(), paths, recording: [target]).compactMap {
            if case .recorder(let role) = $0.role { role } else { nil }
        }
        #expect(roles.map(\.copyDirectory) == ["/mnt/second/S1", "/mnt/second/S1"])
    }

    @Test func keepsSocketsShort() {
        let longest = RunPaths(directory: "/" + String(repeating: "d", count: RunPaths.longestDirectory - 1))
        var configuration = Samples.configuration()
        let id = String(repeating: "i", count: 32)
        configuration.inputs[0].id = id
        configuration.recording?.inputs = [id]
        let target = RecordingTarget(session: "S2", directory: "/recordings", lane: 1)
        for worker in plan(configuration, Intents(), longest, recording: [target]) {
            #expect(longest.socket(worker.id).utf8.count + 9 <= 107)
        }
        let clean = InputFeeds(clean: longest)
        #expect(clean.picture.utf8.count + 9 <= 107)
    }

    // MARK: Status

    @Test func isOffOutsideOfSessions() {
        let status = Samples.status()
        #expect(status.recording.health == .off && status.recording.state == .idle)
        #expect(status.recording.session == nil && status.recording.frames == nil)
        #expect(status.health == .ok)
    }

    @Test func saysWhatWasSeenOnTheDisk() {
        let recording = Samples.status(recording: Samples.target).recording
        #expect(recording.health == .ok && recording.state == .recording && recording.session == "S1")
        #expect(recording.frames == 50 && recording.segments == 2)
        // Both recorders together write 10 MB/s into the 100 GB above the floor.
        #expect(recording.hoursLeft == 2.8)
        #expect(recording.inputs.map(\.id) == ["camera"] && recording.inputs[0].state == .recording)
    }

    @Test(arguments: [
        (RecorderReport.State.stalledDisk, RecordingStatus.State.stalledDisk, Health.degraded),
        (.full, .full, .failed), (.failed, .failed, .failed), (.idle, .idle, .failed),
    ])
    func isNotRecordingUnlessItIs(state: RecorderReport.State, shown: RecordingStatus.State, health: Health) {
        let status = Samples.status(
            Samples.recorder {
                $0.state = state
                $0.reasons = [reason]
            }, recording: Samples.target)
        #expect(status.recording.state == shown && status.recording.health == health)
        #expect(status.recording.reasons.map(\.code) == ["some"])
        #expect(status.health == health)
    }

    /// A session of which nothing is ever recorded is a matter for somebody at once, and not only impaired.
    @Test(
        arguments: [
            (1, 0, .degraded), (4.9, 0, .degraded), (5.1, 0, .failed), (-3600, 0, .failed), (1, 1, .failed),
            (nil, 0, .failed),
        ] as [(Double?, Int, Health)])
    func isGivenAMomentToBegin(age: Double?, restarts: Int, health: Health) {
        var recorder = Samples.recorder {
            $0.state = .idle
            $0.frames = 0
            $0.reasons = [reason]
        }
        recorder.startedAt = age.map { Date().timeIntervalSince1970 - $0 }
        recorder.restarts = restarts
        let recording = Samples.status(recorder, recording: Samples.target).recording
        #expect(recording.state == .idle && recording.health == health)
    }

    @Test func warnsLongBeforeTheDiskIsFull() {
        let recording = Samples.status(
            Samples.recorder { $0.freeBytes = 40_000_000_000 }, recording: Samples.target
        ).recording
        #expect(recording.hoursLeft == 0.6 && recording.health == .degraded)
        #expect(recording.reasons.map(\.code) == ["disk-low"])
        #expect(recording.reasons[0].text.contains("33 minutes"))
        // Not known yet: as configured, 50 Mbit/s and the sound, twice.
        let unknown = Samples.status(
            Samples.recorder { $0.bytesPerSecond = nil },
            Samples.recorder("recorder/camera") { $0.bytesPerSecond = nil },
            recording: Samples.target
        ).recording
        #expect(unknown.hoursLeft == 2.1)
    }

    /// Four hours of reports.
    private static let log = SessionLog([
        JournalEntry(
            sequence: 1, at: Moment(bootID: "", monotonic: 0, wall: 0), by: Person(name: "li"),
            event: .rundownLoaded(
                Rundown(sessions: [
                    PlannedSession(
                        id: "S1",
                        reports: (1...24).map { PlannedReport(number: $0, department: "A", limitSeconds: 600) })
                ]), encoding: "UTF-8", isNew: false))
    ])

    @Test func holdsTheDiskAgainstWhatTheRundownNeeds() {
        var report = Samples.report()
        report.sessions = Self.log
        // Both recorders, as configured, for three hours; and for five.
        for (hours, code) in [(3.0, ["disk-short"]), (5.0, []), (0.5, ["disk-short", "disk-low"])] {
            report.freeBytes = 20_000_000_000 + Int64(hours * 3600 * 2 * (50_000 * 125 + 288_000))
            let recording = report.status().recording
            #expect(recording.hoursNeeded == 4 && recording.hoursLeft == hours)
            #expect(recording.reasons.map(\.code) == code)
            #expect(recording.health == (code.isEmpty ? .off : .degraded) && recording.state == .idle)
        }
        report.freeBytes = nil
        #expect(report.status().recording.health == .off && report.status().recording.hoursLeft == nil)
        // While a session runs its recorder says it: 2.8 hours.
        report = Samples.report(Samples.recorder(), Samples.recorder("recorder/camera"))
        report.recording = Samples.target
        report.sessions = Self.log
        #expect(report.status().recording.reasons.map(\.code) == ["disk-short"])
    }

    @Test func failsWithoutARecorderAndIsDegradedWithoutAnInputsOne() {
        let without = Samples.status(without: "recorder", recording: Samples.target)
        #expect(without.recording.health == .failed && without.recording.state == .failed)
        #expect(!without.recording.reasons.isEmpty && without.health == .failed)
        let starting = Samples.status(
            Samples.worker("recorder", nil, phase: .starting), recording: Samples.target)
        #expect(starting.recording.health == .degraded && starting.recording.state == .idle)
        let input = Samples.status(without: "recorder/camera", recording: Samples.target)
        #expect(input.recording.health == .degraded && input.recording.state == .recording)
        #expect(input.recording.inputs[0].health == .failed)
    }
}
