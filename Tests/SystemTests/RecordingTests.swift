import Foundation
import Glibc
import LinuxSystem
import Logging
import Rig
import Supervision
import Testing
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

extension SystemTests {
    /// The programme, an input and their recorders as processes, while one after the other fails.
    @Suite(.timeLimit(.minutes(2))) struct RecordingTests {
        @Test func aRecordingOutlivesItsRecorderAndTheProgramme() async throws {
            let stage = try await RecordingStage()
            try await stage.run {
                try await stage.recording("both record") { $0.health == .ok && ($0.segments ?? 0) >= 1 }

                // The recorder is killed: what it had is kept, and another one goes on.
                let recorder = try await stage.pid("recorder")
                kill(recorder, SIGKILL)
                let killed = MonotonicInstant.now
                let frames =
                    try await stage.recording("recording again") {
                        stage.snapshot("recorder")?.pid != recorder && $0.state == .recording
                    }.frames ?? 0
                try await stage.recording("more frames") { ($0.frames ?? 0) > frames + 25 }
                let recovered = try #require(try stage.records("master").first { $0.isRecovered })
                // What the programme had sent by then; it sends a frame 200 ms after its time.
                let sent = UInt64(killed.nanoseconds - 200_000_000) / 40_000_000
                #expect(recovered.endSlot + 5 > sent, "at most 0.2 s are lost")

                // The recorder freezes: nobody waits for it.
                let frozen = try await stage.pid("recorder")
                let before = stage.programFrames
                kill(frozen, SIGSTOP)
                try await waitFor("the programme goes on") { stage.programFrames > before + 75 ? true : nil }
                kill(frozen, SIGCONT)
                try await stage.recording("recording again") { $0.state == .recording }

                // The programme is killed: the input's own recording has no hole.
                kill(try await stage.pid("program"), SIGKILL)
                try await stage.recording("it says so") { $0.reasons.contains { $0.code == "frames-missing" } }
                let total = try await stage.recording("recording again") { $0.state == .recording }.frames ?? 0
                try await stage.recording("frames again") { ($0.frames ?? 0) > total + 50 }
            }
            try await stage.expectWholeRecordings()
        }
    }
}

/// Workers as the plan has them, without a daemon.
private final class RecordingStage: Sendable {
    let workspace: Workspace
    let configuration: Configuration
    let target: RecordingTarget
    let reconciler: Reconciler
    private let paths: RunPaths

    init() async throws {
        workspace = try Workspace()
        let file = try workspace.write(
            "venuecast.toml",
            """
            [activity]
            name = "试验"
            [house]
            width = 640
            height = 360
            [[inputs]]
            id = "camera"
            pipeline = "input-test"
            [program]
            inputs = ["camera"]
            [recording]
            directory = "recordings"
            inputs = ["camera"]
            segmentSeconds = 5
            videoBitrateKbps = 4000
            minimumFreeBytes = 1000
            """)
        configuration = try await ConfigurationLoader().load(path: file)
        paths = RunPaths(directory: workspace.file("run"))
        target = RecordingTarget(session: "S1", configuration.recording!, stateDirectory: workspace.path)
        try Files.ensureDirectory(target.directory)
        reconciler = Reconciler(
            paths: paths, workerExecutable: try Executables.find("venuecast-worker"),
            environment: currentEnvironment(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func run(_ body: () async throws -> Void) async throws {
        do {
            try await reconciler.start()
            await reconciler.setDesired(
                plan(configuration, Intents(), paths, recording: [target]).map {
                    DesiredWorker(specification: $0, digest: "1")
                })
            try await body()
            await reconciler.stopAll()
        } catch {
            await reconciler.stopAll()
            throw error
        }
    }

    func snapshot(_ id: String) -> WorkerSnapshot? { reconciler.snapshot(id) }

    var programFrames: UInt64 {
        guard case .program(let report) = snapshot("program")?.report?.detail else { return 0 }
        return report.frames
    }

    func pid(_ id: String) async throws -> pid_t {
        try await waitFor("the process of \(id)") { [self] in
            snapshot(id).flatMap { $0.phase == .running ? $0.pid : nil }
        }
    }

    private var status: RecordingStatus {
        StatusReport(
            activity: Activity(configuration), intents: Intents(),
            workers: Dictionary(uniqueKeysWithValues: reconciler.snapshot().map { ($0.id, $0) }), now: .now,
            time: Date(), startedAt: Date(), recording: target
        ).status().recording
    }

    @discardableResult
    func recording(
        _ what: String, where predicate: @Sendable (RecordingStatus) -> Bool
    ) async throws -> RecordingStatus {
        try await waitFor(
            what, seen: { [self] in String(decoding: (try? VenuecastJSON.encode(status)) ?? Data(), as: UTF8.self) }
        ) { [self] in
            let status = status
            return predicate(status) ? status : nil
        }
    }

    func records(_ folder: String) throws -> [SegmentRecord] {
        let directory = "\(target.directory)/S1/\(folder)"
        return try Files.list(directory).filter { $0.hasSuffix(".json") }.map {
            try JSONDecoder().decode(SegmentRecord.self, from: Data(Files.read("\(directory)/\($0)")))
        }
    }

    /// What is on the disk in the end, by another program's count.
    func expectWholeRecordings() async throws {
        let (master, camera) = (try records("master"), try records("iso-camera"))
        #expect(master.filter(\.isRecovered).count == 1)
        #expect(camera.allSatisfy { $0.gapBefore == nil && !$0.isRecovered })
        #expect(camera.count > 2)
        #expect((master + camera).allSatisfy { $0.clock == camera[0].clock && $0.problem == nil })
        for records in [master, camera] {
            for (before, after) in zip(records, records.dropFirst()) {
                #expect(after.firstSlot == before.endSlot + UInt64(after.gapBefore?.count ?? 0))
            }
        }
        // The camera itself was never gone.
        let missing = camera.flatMap(\.gaps).reduce(0) { $0 + $1.count }
        #expect(missing <= 2, "\(camera.flatMap(\.gaps))")
        #expect(master.flatMap(\.gaps).reduce(0) { $0 + $1.count } > 0, "the programme was")
        for (folder, records) in [("master", master), ("iso-camera", camera)] {
            for record in records {
                let path = "\(target.directory)/S1/\(folder)/\(record.file)"
                let (code, output, complaint) = try await workspace.run(
                    "ffprobe",
                    [
                        "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
                        "stream=nb_read_frames",
                        "-of", "csv=p=0", path,
                    ])
                #expect(code == 0 && complaint.isEmpty, "\(path): \(complaint)")
                #expect(output.trimmingCharacters(in: .whitespacesAndNewlines) == "\(record.frames)", "\(path)")
            }
        }
    }
}
