import Foundation
import GStreamer
import Glibc
import LinuxSystem
import Logging
import Testing
import WorkerProtocol

@testable import MediaWorker

/// A recorder with a source and a disk of its own.
final class RecorderStage: MediaStage {
    static let house = HouseFormat(width: 320, height: 180, frameRate: 25)

    let ground: StageGround

    init(_ ground: StageGround) throws {
        self.ground = ground
        try Files.ensureDirectory(disk)
    }

    /// What is recorded to; a test may mount something there first.
    var disk: String { "\(directory)/disk" }
    var master: String { "\(disk)/S1/master" }
    var feeds: InputFeeds { InputFeeds(picture: "\(directory)/p.sock", sound: "\(directory)/s.sock") }

    func source() throws -> CountingSource {
        let source = try CountingSource(feeds, house: Self.house)
        atEnd { source.stop() }
        return source
    }

    func role(segmentSeconds: Int = 1, minimumFreeBytes: Int64 = 0, videoBitrateKbps: Int = 2000) -> RecorderRole {
        RecorderRole(
            house: Self.house, source: RecorderRole.program, feeds: feeds, session: "S1",
            sessionDirectory: "\(disk)/S1", folder: "master",
            segmentSeconds: segmentSeconds, videoBitrateKbps: videoBitrateKbps, minimumFreeBytes: minimumFreeBytes,
            queueBytes: 64 << 20)
    }

    func recorder(_ role: RecorderRole) async throws -> RecorderJob {
        let pipelineFile = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Pipelines/recorder.pipeline").path
        let specification = WorkerSpecification(id: "recorder", pipelineFile: pipelineFile, role: .recorder(role))
        let context = JobContext(
            identity: WorkerIdentity(
                id: specification.id, instance: UUID().uuidString, digest: "", specification: specification),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            fail: { Issue.record("the recorder gave up: \($0)") })
        let job = try RecorderJob(context: context, specification: specification, role: role)
        try await job.start()
        atEnd { await job.stop() }
        return job
    }

    /// What lies there, in order; with all of their records.
    func segments(_ directory: String? = nil) throws -> [RecordedSegment] {
        let directory = directory ?? master
        return try Files.list(directory).filter { $0.hasSuffix(".mkv") }.map { name in
            let path = "\(directory)/\(name)"
            let record = try JSONDecoder().decode(
                SegmentRecord.self, from: Data(Files.read(SegmentFolder.recordPath(path))))
            return RecordedSegment(path: path, record: record)
        }
    }

    /// Runs a program to its end.
    func run(_ line: String) async throws -> String {
        let output = "\(directory)/\(UUID().uuidString).out"
        let process = try ProcessHandle.spawn(
            SpawnRequest(executable: "/bin/sh", arguments: ["-c", line], output: .file(output)))
        let status = await process.waitForExit(timeout: .seconds(60))
        let text = String(decoding: (try? Files.read(output, limit: 64 << 20)) ?? [], as: UTF8.self)
        guard status == .exited(code: 0) else {
            throw SystemError(code: EIO, operation: "run", path: line, advice: text)
        }
        return text
    }
}

extension RecorderJob {
    var recorder: RecorderReport {
        guard case .recorder(let report) = report().detail else { fatalError("a recorder reports as a recorder") }
        return report
    }

    func has(_ code: String) -> Bool { recorder.reasons.contains { $0.code == code } }
}

/// A segment as a decoder that is not ours sees it.
struct RecordedSegment: Sendable {
    let path: String
    let record: SegmentRecord

    /// The numbers painted into its pictures: the slots' lowest sixteen bits.
    func paintedSlots(_ stage: RecorderStage) async throws -> [UInt16] {
        let raw = "\(stage.directory)/\(UUID().uuidString).gray"
        // A row from the middle is enough.
        _ = try await stage.run(
            "ffmpeg -v error -i \(path) -map 0:v -fps_mode passthrough -vf crop=320:2:0:90 -f rawvideo -pix_fmt gray \(raw)"
        )
        let bytes = try Files.read(raw, limit: 1 << 30)
        return stride(from: 0, to: bytes.count, by: 640).map { frame in
            (0..<16).reduce(UInt16(0)) { $0 << 1 | (bytes[frame + $1 * 20 + 10] > 128 ? 1 : 0) }
        }
    }

    /// The left channel, whole numbers of 24 bits.
    func samples(_ stage: RecorderStage) async throws -> [Int32] {
        let raw = "\(stage.directory)/\(UUID().uuidString).s24"
        _ = try await stage.run("ffmpeg -v error -i \(path) -map 0:a -f s24le \(raw)")
        let bytes = try Files.read(raw, limit: 1 << 30)
        return stride(from: 0, to: bytes.count, by: 6).map { at in
            Int32(bytes[at]) | Int32(bytes[at + 1]) << 8 | Int32(Int8(bitPattern: bytes[at + 2])) << 16
        }
    }

    /// That pictures and sound hold exactly the slots that the record names.
    func expectContent(_ stage: RecorderStage, location: SourceLocation = #_sourceLocation) async throws {
        let slots = try await paintedSlots(stage)
        let expected = (0..<record.frames).map { UInt16(truncatingIfNeeded: record.firstSlot + UInt64($0)) }
        let missing = Set(
            record.gaps.flatMap { gap in (0..<gap.count).map { gap.firstSlot + UInt64($0) } }.map {
                UInt16(truncatingIfNeeded: $0)
            })
        #expect(slots.count == record.frames, "\(path)", sourceLocation: location)
        let wrong = zip(slots, expected).filter { $0 != $1 && !missing.contains($1) }
        #expect(wrong.isEmpty, "\(path): \(wrong.prefix(5))", sourceLocation: location)

        let samples = try await samples(stage)
        #expect(samples.count == record.samples && samples.count == record.frames * 1920, sourceLocation: location)
        let first = Int64(record.firstSlot) * 1920
        let silent = Set(record.silences.flatMap { gap in (0..<gap.count).map { gap.firstSlot + UInt64($0) } })
        var differing = 0
        for (index, sample) in samples.enumerated() {
            let slot = record.firstSlot + UInt64(index / 1920)
            // Beside a silence there is a short ramp, and the very first slot begins with one.
            if silent.contains(slot) || silent.contains(slot + 1) || silent.contains(slot - 1) { continue }
            if sample != CountingSource.sample(first + Int64(index)) { differing += 1 }
        }
        #expect(differing <= SoundTimeline.ramp, "\(path): \(differing) samples differ", sourceLocation: location)
    }
}
