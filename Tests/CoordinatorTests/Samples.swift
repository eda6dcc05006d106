import Foundation
import Glibc
import LinuxSystem
import Supervision
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

/// A configuration with two inputs and three venues, and what its workers would say.
enum Samples {
    static let now = MonotonicInstant(nanoseconds: 1_000_000_000)

    static func configuration() -> Configuration {
        func input(_ id: String) -> Configuration.Input {
            Configuration.Input(
                id: id, pipeline: "input-test", pipelineFile: "/pipelines/input-test.pipeline",
                placeholders: ["pattern": .text("smpte"), "latencyMs": .integer(120)], gainDb: -3, channels: "1+2",
                audioDelayMs: 40, loop: false, passphraseFile: nil)
        }
        func venue(_ number: Int, _ id: String, _ name: String) -> Configuration.Venue {
            Configuration.Venue(
                id: id, name: name,
                link: Configuration.Link(
                    url: "srt://0.0.0.0:\(7100 + number)?mode=listener", latencyMs: 200, passphraseFile: nil))
        }
        let socket = Configuration.Control.Socket(mode: 0o600, group: nil)
        return Configuration(
            path: "/etc/venuecast/venuecast.toml", activityName: "三民活动",
            house: Configuration.House(width: 1280, height: 720, frameRate: 25),
            inputs: [input("camera"), input("standby")],
            program: Configuration.Program(
                inputs: ["camera", "standby"],
                slates: [Configuration.Slate(id: "holding", image: nil, text: "14:00 开始")],
                returnAfterSeconds: 3, videoBitrateKbps: 6000, audioBitrateKbps: 192, keyframeSeconds: 1,
                uplinkMbps: nil, pipelineFile: "/pipelines/program.pipeline"),
            venues: [venue(1, "shinan", "市南区分会场"), venue(2, "jimo", "即墨市分会场"), venue(3, "laixi", "莱西市分会场")],
            control: Configuration.Control(operatorSocket: socket, monitorSocket: socket),
            recording: Configuration.Recording(
                directory: "recordings", inputs: ["camera"], pipelineFile: "/pipelines/recorder.pipeline",
                placeholders: ["preset": .text("superfast")]),
            linkPipelineFile: "/pipelines/link-srt.pipeline")
    }

    static let target = RecordingTarget(session: "S1", directory: "/recordings")

    static func worker(
        _ id: String, _ detail: WorkerReport.Detail?, phase: WorkerSnapshot.Phase = .running
    ) -> WorkerSnapshot {
        var snapshot = WorkerSnapshot(id: id, phase: phase)
        snapshot.report = detail.map {
            WorkerReport(state: .ready, progress: .init(input: 1, output: 1), detail: $0)
        }
        return snapshot
    }

    static func program(onAir: String = "camera", taken: String? = nil, edit: (inout ProgramReport) -> Void = { _ in })
        -> WorkerSnapshot
    {
        var report = ProgramReport(
            onAir: onAir, mode: taken == nil ? "auto" : "manual", taken: taken,
            inputs: ["camera", "standby"].map {
                ProgramReport.Input(id: $0, pictureGood: true, soundGood: true, eligible: true, reasons: [])
            })
        edit(&report)
        return worker("program", .program(report))
    }

    static func input(_ id: String, edit: (inout InputReport) -> Void = { _ in }) -> WorkerSnapshot {
        var report = InputReport(
            pictureFrames: 1, soundBuffers: 1, pictureAgeMs: 30, soundAgeMs: 20, sound: SoundReport(peakDbfs: -9))
        edit(&report)
        return worker("input/\(id)", .input(report))
    }

    static func link(
        _ venue: String, _ connection: LinkReport.Connection = .connected, edit: (inout LinkReport) -> Void = { _ in }
    ) -> WorkerSnapshot {
        var report = LinkReport(connection: connection)
        edit(&report)
        return worker("link/\(venue)", .link(report))
    }

    static func recorder(_ id: String = "recorder", edit: (inout RecorderReport) -> Void = { _ in }) -> WorkerSnapshot {
        var report = RecorderReport(state: .recording, session: "S1", bytesWritten: 1000, frames: 50, segments: 2)
        // 100 GB over the floor, at 10 MB/s.
        report.freeBytes = 120_000_000_000
        report.bytesPerSecond = 5_000_000
        edit(&report)
        return worker(id, .recorder(report))
    }

    /// All is well; `changed` takes the place of the worker with the same id.
    static func status(
        _ changed: WorkerSnapshot..., without: String? = nil, intents: Intents = Intents(),
        recording: RecordingTarget? = nil
    ) -> ActivityStatus {
        report(changed, without: without, intents: intents, recording: recording).status()
    }

    static func report(_ changed: WorkerSnapshot...) -> StatusReport { report(changed) }

    private static func report(
        _ changed: [WorkerSnapshot], without: String? = nil, intents: Intents = Intents(),
        recording: RecordingTarget? = nil
    ) -> StatusReport {
        var workers = [program(), input("camera"), input("standby"), link("shinan"), link("jimo"), link("laixi")]
        if recording != nil { workers += [recorder(), recorder("recorder/camera")] }
        workers.removeAll { worker in worker.id == without || changed.contains { $0.id == worker.id } }
        workers += changed
        return StatusReport(
            activity: Activity(configuration()), intents: intents,
            workers: Dictionary(uniqueKeysWithValues: workers.map { ($0.id, $0) }),
            now: now, time: Date(), startedAt: Date(), recording: recording)
    }
}

extension ActivityStatus {
    func venue(_ id: String) -> VenueStatus { venues.first { $0.id == id }! }
    func input(_ id: String) -> InputStatus { inputs.first { $0.id == id }! }
}

/// A directory of its own, removed afterwards.
func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    var template = Array("/tmp/vccXXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError(code: errno, operation: "make a directory") }
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    return try await body(directory)
}

private struct Timeout: Error, CustomStringConvertible { var description: String }

/// Waits for a fact.
func eventually(_ what: String, _ fact: () async throws -> Bool) async throws {
    let deadline = MonotonicInstant.now.advanced(by: .seconds(30))
    while MonotonicInstant.now < deadline {
        if try await fact() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw Timeout(description: "did not come true: \(what)")
}
