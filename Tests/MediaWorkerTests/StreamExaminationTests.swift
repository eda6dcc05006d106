import Foundation
import GStreamer
import LinuxSystem
import Rig
import Testing
import WorkerProtocol

@testable import MediaWorker

/// Real streams with real faults, examined as the confidence monitor does it, at the pace of their own times.
struct StreamExaminationTests {
    private static let pipeline = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Pipelines/confidence.pipeline").path

    /// Writes a transport stream of so many seconds: 25 pictures and a key picture each second.
    private func stream(_ picture: String, _ sound: String?, seconds: Int = 10) async throws -> [UInt8] {
        let workspace = try Workspace()
        let path = workspace.file("stream.ts")
        var arguments = ["-v", "error", "-nostdin", "-f", "lavfi", "-i", "\(picture)size=320x180:rate=25"]
        if let sound { arguments += ["-f", "lavfi", "-i", sound] }
        arguments += [
            "-t", "\(seconds)", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25",
            "-pix_fmt", "yuv420p", "-x264-params", "aud=1:scenecut=0", "-c:a", "aac", "-b:a", "192k", "-f", "mpegts",
            path,
        ]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/ffmpeg")
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Feeds it in pieces of 40 ms; its bytes are taken to be spread evenly.
    private func examine(
        _ stream: [UInt8], seconds: Int = 10, _ change: (inout ContentLimits) -> Void = { _ in }
    ) async throws -> (report: ContentReport, thumbnail: [UInt8]?) {
        GStreamer.initialize()
        var limits = ContentLimits()
        (limits.blackSeconds, limits.frozenSeconds, limits.silentSeconds) = (4, 4, 4)
        change(&limits)
        let examination = try StreamExamination(
            file: PipelineFile(path: Self.pipeline), limits: limits,
            thumbnails: Thumbnailer(path: nil)
        ) { Issue.record("\($0)") }
        try examination.start()
        let steps = seconds * 25
        let start: UInt64 = 1_000_000_000
        for step in 0..<steps {
            let piece = stream[(stream.count * step / steps)..<(stream.count * (step + 1) / steps)]
            Array(piece).withUnsafeBytes { examination.take($0, at: start + UInt64(step) * 40_000_000) }
        }
        let end = start + UInt64(seconds) * 1_000_000_000
        // The decoders have threads of their own: all but the last second's key picture and sound is there when this is.
        let hasSound = examination.report(at: end).sound.coding != nil
        let least = UInt64(seconds - 1) + (hasSound ? UInt64(seconds) * 45 : 0)
        try await waitFor("everything decoded", seen: { "\(examination.decodedCount) of \(least)" }) {
            examination.decodedCount >= least ? true : nil
        }
        try await waitFor("a thumbnail") { examination.thumbnail }
        let report = examination.report(at: end)
        let thumbnail = examination.thumbnail
        examination.stop()
        return (report, thumbnail)
    }

    @Test func aGoodStreamHasNothingWrong() async throws {
        let (report, thumbnail) = try await examine(stream("testsrc2=", "sine=frequency=1000:sample_rate=48000"))
        #expect(report.findings == [])
        // Key pictures are larger, and the bytes are not spread quite so evenly.
        #expect(abs((report.picture.framesPerSecond ?? 0) - 25) < 4)
        #expect(report.picture.width == 320 && report.picture.height == 180)
        #expect(report.picture.coding == "H.264" && report.sound.coding == "AAC")
        #expect(report.picture.blackSeconds == nil && report.picture.stillSeconds == nil)
        #expect(report.sound.silentSeconds == nil)
        #expect(report.stream?.keyframeSeconds == 1)
        #expect(report.stream?.errors == [:])
        #expect(abs(report.stream?.soundAgainstPictureMs ?? 1000) < 300)
        #expect(report.stream?.bitrateKbps ?? 0 > 100)
        // ffmpeg's sine has a peak of 1/8, in one channel that goes to both.
        #expect(abs((report.sound.peakDbfs ?? 0) + 18) < 1)
        let loudness = try #require(report.sound.shortTermLufs)
        #expect(abs(loudness + 18.1) < 1)
        #expect(abs(try #require(report.sound.integratedLufs) - loudness) < 0.5)
        // JPEG.
        #expect(thumbnail?.starts(with: [0xFF, 0xD8, 0xFF]) == true)
        #expect((thumbnail?.count ?? 0) > 1000)
    }

    @Test func blackAndSilent() async throws {
        let (report, _) = try await examine(stream("color=black:", "anullsrc=sample_rate=48000"))
        #expect(report.findings.map(\.reason.code) == ["black", "silent-content"])
        #expect(report.picture.luma.map { abs($0 - 16) < 1 } == true)
        #expect(report.sound.shortTermLufs == nil)
    }

    @Test func frozenAndOverdriven() async throws {
        let (report, _) = try await examine(
            stream("smptehdbars=", "aevalsrc='clip(4*sin(880*PI*t),-1,1)|clip(4*sin(880*PI*t),-1,1)':sample_rate=48000")
        )
        #expect(report.findings.map(\.reason.code) == ["frozen", "clipping"])
        #expect(report.sound.clippedSamples ?? 0 > 1000)
    }

    @Test func withoutSound() async throws {
        let (report, _) = try await examine(stream("testsrc2=", nil))
        #expect(report.findings.map(\.reason.code) == ["missing-sound"])
        #expect(report.sound.peakDbfs == nil && report.sound.ageMs == nil)
    }

    @Test func damageOnTheWay() async throws {
        var bytes = try await stream("testsrc2=", "sine=frequency=1000:sample_rate=48000")
        let packets = bytes.count / 188
        bytes.removeSubrange((188 * (packets * 9 / 10))..<(188 * (packets * 9 / 10 + 1)))
        let (report, _) = try await examine(bytes)
        #expect(report.findings.map(\.reason.code) == ["transport-errors"])
        #expect(report.stream?.errors["Continuity_count_error"] == 1)
    }
}
