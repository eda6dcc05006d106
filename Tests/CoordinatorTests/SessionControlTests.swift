import Foundation
import Glibc
import LinuxSystem
import Logging
import Sessions
import Supervision
import Testing
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

/// Sessions in a coordinator, with processes that speak the protocol and move no media.
@Suite struct SessionControlTests {
    private static let csv = """
        session,number,department,limitMinutes,venues
        S1,1,市财政局,10,
        S1,2,市教育局,10,
        S2,1,市监察局,10,jimo
        """
    private static let li = Person(name: "li", uid: 1001)
    private static let wang = Person(name: "wang", uid: 1002)
    private static let fakeWorker = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/fake-worker.py").path

    private func coordinator(_ directory: String, edit: (inout Configuration) -> Void) -> Coordinator {
        var configuration = Samples.configuration()
        configuration.recording?.minimumFreeBytes = 0
        edit(&configuration)
        var timing = SupervisionTiming()
        timing.poll = .milliseconds(100)
        return Coordinator(
            configuration: configuration, loader: ConfigurationLoader(shippedPipelines: nil),
            paths: RunPaths(directory: directory), stateDirectory: directory, workerExecutable: Self.fakeWorker,
            workerEnvironment: ["PATH": "/usr/bin:/bin"], timing: timing,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func run(
        in directory: String, edit: (inout Configuration) -> Void = { _ in }, detach: Bool = false,
        _ body: (Coordinator) async throws -> Void
    ) async throws {
        let coordinator = coordinator(directory, edit: edit)
        do {
            try await coordinator.start()
            try await body(coordinator)
        } catch {
            await coordinator.stop()
            throw error
        }
        if detach { await coordinator.detach() } else { await coordinator.stop() }
    }

    private func order(
        _ coordinator: Coordinator, _ order: SessionOrder, by person: Person = li, yes: Bool? = nil
    ) async throws(ControlError) {
        try await coordinator.order(
            order, by: person, terms: OrderTerms(yes: yes),
            pressedAt: UInt64(MonotonicInstant.now.nanoseconds))
    }

    private func refusal(_ body: () async throws -> Void) async -> ControlError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? ControlError
        }
    }

    private func asRun(_ directory: String) throws -> AsRun {
        let bytes = try Files.read("\(directory)/recordings/S1/asrun.json")
        return try VenuecastJSON.decode(AsRun.self, from: Data(bytes))
    }

    private func workerIDs(_ coordinator: Coordinator) async -> [String] { await coordinator.workers().map(\.id) }

    @Test func recordsWhileASessionRuns() async throws {
        try await withDirectory { directory in
            var recorder: pid_t?
            try await run(in: directory, detach: true) { coordinator in
                try await order(coordinator, .loadRundown(csv: Array(Self.csv.utf8), isNew: false))
                #expect(await coordinator.sessions().map(\.state) == [.planned, .planned])
                #expect(await !workerIDs(coordinator).contains("recorder"))
                try await order(coordinator, .startSession("S1"))
                try await order(coordinator, .nextReport)
                let status = await coordinator.status()
                #expect(status.session?.report?.number == 1 && status.session?.startedBy == "li")
                try await eventually("it is recorded") {
                    let recording = await coordinator.status().recording
                    return recording.state == .recording && recording.session == "S1"
                }
                try await eventually("the as-run log is there") {
                    (try? asRun(directory))?.reports.first?.department == "市财政局"
                }
                recorder = await coordinator.workers().first { $0.id == "recorder" }?.pid
                #expect(recorder != nil)
            }
            // Another daemon: the session goes on, and so does its recorder.
            try await run(in: directory) { coordinator in
                #expect(await coordinator.status().session?.report?.number == 1)
                try await eventually("the recorder was taken back") {
                    await coordinator.workers().first { $0.id == "recorder" && $0.state == "running" }?.pid == recorder
                }
                try await order(coordinator, .endSession("S1"))
                #expect(await coordinator.status().session == nil)
                try await eventually("no recorder is left") {
                    await !workerIDs(coordinator).contains { $0.hasPrefix("recorder") }
                }
                try await eventually("the as-run log ends") { try asRun(directory).endedAt != nil }
                let log = try asRun(directory)
                #expect(log.reports[0].out != nil && log.clocks.count == 1)
                #expect(Files.exists("\(directory)/recordings/S1/asrun.csv"))
            }
        }
    }

    /// Whoever ends one session and begins the next does not wait until the first one's recording has been read again.
    @Test func theNextSessionIsRecordedWhileTheLastOnesRecorderFinishes() async throws {
        try await withDirectory { directory in
            try await run(in: directory) { coordinator in
                try await order(coordinator, .loadRundown(csv: Array(Self.csv.utf8), isNew: false))
                try await order(coordinator, .startSession("S1"))
                func worker(_ id: String) async -> WorkerStatus? { await coordinator.workers().first { $0.id == id } }
                try await eventually("S1 is recorded") { await worker("recorder")?.state == "running" }
                let first = try #require(await worker("recorder")?.pid)
                let control = "\(directory)/control.recorder"
                try Files.writeAtomically(control, Array("finishing".utf8))
                try await order(coordinator, .endSession("S1"))
                try await order(coordinator, .startSession("S2"))
                try await eventually("S2 is recorded") {
                    let recording = await coordinator.status().recording
                    return recording.state == .recording && recording.session == "S2"
                }
                #expect(await worker("recorder")?.pid == first && kill(first, 0) == 0)
                #expect(await worker("recorder-2")?.state == "running")
                try await eventually("the last of S1 has been recorded") {
                    await worker("recorder")?.state == "stopping"
                }
                try Files.remove(control)
                try await eventually("S1's recorder has finished") { await worker("recorder") == nil }
                #expect(await coordinator.status().recording.session == "S2")
                #expect(await coordinator.status().recording.state == .recording)
            }
        }
    }

    @Test func tellsTheSecondOfTwoOperatorsByWhom() async throws {
        try await withDirectory { directory in
            try await run(in: directory) { coordinator in
                try await order(coordinator, .loadRundown(csv: Array(Self.csv.utf8), isNew: false))
                try await order(coordinator, .startSession("S1"))
                async let one = refusal { try await order(coordinator, .nextReport, by: Self.li) }
                async let two = refusal { try await order(coordinator, .nextReport, by: Self.wang) }
                let refusals = await [one, two]
                let loser = try #require(refusals.compactMap { $0 }.first)
                #expect(refusals.contains(nil) && loser.code == "somebody-was-faster")
                #expect(loser.detail.contains(refusals[0] == nil ? "li" : "wang"))
                #expect(await coordinator.status().session?.given == 1)
            }
        }
    }

    @Test func asksBeforeItEndangersASession() async throws {
        try await withDirectory { directory in
            try await run(in: directory) { coordinator in
                try await order(coordinator, .loadRundown(csv: Array(Self.csv.utf8), isNew: false))
                try await order(coordinator, .startSession("S1"))
                try await eventually("all run") {
                    await coordinator.workers().filter { $0.state == "running" }.count == 8
                }
                let stop = await refusal { try await coordinator.venue("jimo", .stop, terms: OrderTerms()) }
                #expect(stop?.code == "session-active" && stop?.detail.contains("即墨市分会场 (jimo) would lose") == true)
                #expect(stop?.nextStep?.contains("--yes") == true)
                #expect(await coordinator.status().venue("jimo").state != .off)
                for id in ["program", "recorder"] {
                    let replace = await refusal { try await coordinator.replaceWorker(id, terms: OrderTerms()) }
                    #expect(replace?.code == "session-active", "\(id)")
                }
                try await coordinator.replaceWorker("link/jimo", terms: OrderTerms())
                try await coordinator.venue("jimo", .stop, terms: OrderTerms(yes: true))
                #expect(await coordinator.status().venue("jimo").state == .off)
                try await order(coordinator, .endSession("S1"))
                try await coordinator.venue("laixi", .stop, terms: OrderTerms())
            }
        }
    }

    @Test func beginsNoSessionThatCannotBeRecorded() async throws {
        try await withDirectory { directory in
            let missing = "\(directory)/not-mounted"
            try await run(in: directory, edit: { $0.recording?.directory = missing }) { coordinator in
                try await order(coordinator, .loadRundown(csv: Array(Self.csv.utf8), isNew: false))
                let refused = await refusal { try await order(coordinator, .startSession("S1")) }
                #expect(refused?.code == "not-recordable" && refused?.detail.contains(missing) == true)
                #expect(await coordinator.status().session == nil)
                // What is wrong with the order itself is said first.
                #expect(await refusal { try await order(coordinator, .startSession("S9")) }?.code == "unknown-session")
                try await order(coordinator, .startSession("S1"), yes: true)
                #expect(await coordinator.status().session?.id == "S1")
            }
            try await run(in: directory, edit: { $0.recording?.minimumFreeBytes = .max / 2 }) { coordinator in
                try await order(coordinator, .endSession("S1"))
                let full = await refusal { try await order(coordinator, .startSession("S2")) }
                #expect(full?.detail.contains("MB are free") == true)
            }
            try Files.ensureDirectory("\(directory)/recordings/S2/master")
            try Files.writeAtomically("\(directory)/recordings/S2/master/S2_0001.mkv", [1])
            try await run(in: directory) { coordinator in
                let before = await refusal { try await order(coordinator, .startSession("S2")) }
                #expect(before?.code == "recorded-before")
            }
        }
    }
}
