import Foundation
import Glibc
import LinuxSystem
import Testing
import WorkerProtocol

@testable import MediaWorker

/// Disks that are full, stall or fail; they are mounted for it, which takes root.
@Suite(.serialized, .enabled(if: getuid() == 0), .timeLimit(.minutes(2)))
struct RecorderDiskTests {
    @Test func closesItsSegmentBeforeTheDiskIsFullAndGoesOnWhenThereIsRoom() async throws {
        try await RecorderStage.run { stage in
            try await stage.mount("-t tmpfs -o size=40m tmpfs")
            _ = try stage.source()
            // Twenty seconds of recording are what it wants beyond the floor before it goes on: 11 MB.
            let job = try await stage.recorder(
                stage.role(segmentSeconds: 60, minimumFreeBytes: 20_000_000, videoBitrateKbps: 2000))
            try await eventually("recording") { job.recorder.state == .recording && job.recorder.frames > 25 }
            let ballast = "\(stage.disk)/ballast"
            _ = try await stage.run("fallocate -l 22M \(ballast)")
            try await eventually("full") { job.recorder.state == .full && job.recorder.segments == 1 }
            #expect(job.has("disk-full"))
            let frames = job.recorder.frames
            try await eventually("what comes in is lost, and counted") { job.recorder.lostFrames > 10 }
            #expect(job.recorder.frames == frames)

            unlink(ballast)
            try await eventually("recording again") { job.recorder.state == .recording }
            try await eventually("frames again") { job.recorder.frames > frames + 25 }
            await job.stop()
            let segments = try stage.segments()
            #expect(segments.count == 2 && segments.allSatisfy { $0.record.state == .checked })
            let (before, after) = (segments[0].record, segments[1].record)
            let gap = try #require(after.gapBefore)
            #expect(gap.firstSlot == before.endSlot && gap.count == Int(job.recorder.lostFrames))
            #expect(after.firstSlot == before.endSlot + UInt64(gap.count))
            for segment in segments { try await segment.expectContent(stage) }
        }
    }

    @Test func closesItsSegmentOnADiskThatIsFullAllTheSame() async throws {
        try await RecorderStage.run { stage in
            try await stage.mount("-t tmpfs -o size=4m tmpfs")
            _ = try stage.source()
            let job = try await stage.recorder(stage.role(segmentSeconds: 60, videoBitrateKbps: 8000))
            try await eventually("full") { job.recorder.state == .full }
            await job.stop()
            let segments = try stage.segments()
            #expect(segments.count == 1)
            #expect(segments[0].record.frames > 20)
            for segment in segments { try await segment.expectContent(stage) }
        }
    }

    @Test func losesNothingToADiskThatStalls() async throws {
        try await RecorderStage.run { stage in
            try await stage.mountImage()
            _ = try stage.source()
            let job = try await stage.recorder(stage.role())
            try await eventually("recording") { job.recorder.state == .recording && job.recorder.segments >= 1 }
            let before = job.recorder.frames
            _ = try await stage.run("fsfreeze -f \(stage.disk)")
            stage.atEnd { _ = try? await stage.run("fsfreeze -u \(stage.disk)") }
            try await eventually("it says so") { job.recorder.state == .stalledDisk && job.has("disk-stalled") }
            try await eventually("five seconds wait in memory") { job.report().progress.output > before + 150 }
            #expect(job.recorder.frames < before + 50)
            _ = try await stage.run("fsfreeze -u \(stage.disk)")
            try await eventually("recording again") { job.recorder.state == .recording && job.recorder.reasons.isEmpty }
            try await eventually("all is written") { job.recorder.waitingBytes == 0 }
            await job.stop()
            #expect(job.recorder.lostFrames == 0 && job.recorder.repeatedFrames == 0)
            let segments = try stage.segments()
            for (before, after) in zip(segments, segments.dropFirst()) {
                #expect(after.record.firstSlot == before.record.endSlot && after.record.gapBefore == nil)
            }
            #expect(segments.allSatisfy { $0.record.state == .checked && $0.record.gaps.isEmpty })
            for segment in segments { try await segment.expectContent(stage) }
        }
    }

    @Test func noticesADiskThatGoesAwayAndGoesOnWhenItIsBack() async throws {
        try await RecorderStage.run { stage in
            try await stage.mountImage()
            _ = try stage.source()
            let job = try await stage.recorder(stage.role(segmentSeconds: 60))
            try await eventually("recording") { job.recorder.state == .recording && job.recorder.frames > 25 }
            // Something else lies over it, in which nothing can be made.
            _ = try await stage.run("mount -t tmpfs -o ro tmpfs \(stage.disk)")
            try await eventually("failed", within: .seconds(4)) {
                job.recorder.state == .failed && job.has("disk-failed")
            }
            _ = try await stage.run("umount \(stage.disk)")
            try await eventually("recording again") { job.recorder.state == .recording }
            try await eventually("the first one is closed") { job.recorder.segments >= 1 }
            await job.stop()
            #expect(job.recorder.lostFrames == 0, "what came meanwhile was kept")
            let segments = try stage.segments()
            #expect(segments.count == 2)
            #expect(segments.map(\.record.isRecovered) == [true, false])
            #expect(segments[1].record.firstSlot == segments[0].record.endSlot, "not a frame is between them")
            for segment in segments { try await segment.expectContent(stage) }
        }
    }

    @Test func noticesADiskWithErrors() async throws {
        try await RecorderStage.run { stage in
            // The image pretends to be larger than what it lies on.
            _ = try await stage.run(
                "mkdir \(stage.directory)/small && mount -t tmpfs -o size=8m tmpfs \(stage.directory)/small")
            stage.atEnd { _ = try? await stage.run("umount -l \(stage.directory)/small") }
            try await stage.mountImage(in: "\(stage.directory)/small")
            _ = try stage.source()
            let job = try await stage.recorder(stage.role(segmentSeconds: 60, videoBitrateKbps: 20_000))
            try await eventually("failed") { job.recorder.state == .failed && job.has("disk-failed") }
        }
    }

    @Test func namesADirectoryThatIsMissing() async throws {
        try await RecorderStage.run { stage in
            _ = try stage.source()
            rmdir(stage.disk)
            let job = try await stage.recorder(stage.role())
            try await eventually("failed") { job.recorder.state == .failed }
            #expect(job.recorder.reasons.first?.text.contains("Mount the disk") == true)
            try Files.ensureDirectory(stage.disk)
            try await eventually("recording") { job.recorder.state == .recording }
        }
    }
}

extension RecorderStage {
    func mount(_ arguments: String) async throws {
        _ = try await run("mount \(arguments) \(disk)")
        atEnd { [self] in _ = try? await run("umount -l \(disk)") }
    }

    /// An ext4 file system of its own.
    func mountImage(in place: String? = nil) async throws {
        let image = "\(place ?? directory)/image"
        _ = try await run(
            "truncate -s 200M \(image) && mkfs.ext4 -q -E lazy_itable_init=0,nodiscard -O ^has_journal \(image)")
        _ = try await run("mount -o loop,errors=remount-ro \(image) \(disk)")
        atEnd { [self] in _ = try? await run("umount -l \(disk)") }
    }
}
