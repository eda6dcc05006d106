import Foundation
import GStreamer
import LinuxSystem
import Logging
import Synchronization
import Testing
import TransportStream
import WorkerProtocol

@testable import MediaWorker

/// The delay that is measured from the time in the frames, against a clock that is painted into the pictures and read back
/// at the receiver.
@Suite(.timeLimit(.minutes(2))) struct PaintedClockTests {
    private struct Piece: Sendable {
        var bytes: [UInt8]
        var clocks: ClockReading
    }

    private final class Pieces: Sendable {
        private let stored = Mutex<[Piece]>([])

        var all: [Piece] { stored.withLock { $0 } }
        func add(_ piece: Piece) { stored.withLock { $0.append(piece) } }
    }

    @Test func whatIsMeasuredIsWhatThePaintedClockSaysWithinAFrame() async throws {
        try await LinkStage.run { stage in
            let house = HouseFormat(width: 320, height: 180, frameRate: 25)
            let feeds = InputFeeds(picture: "\(stage.directory)/p.sock", sound: "\(stage.directory)/s.sock")
            let source = try CountingSource(feeds, house: house)
            stage.atEnd { source.stop() }
            try await program(stage, house, feeds)
            let port = try stage.freePort()
            let job = try await stage.link("srt://127.0.0.1:\(port)?mode=listener", latencyMs: 120)
            let pieces = try receive("srt://127.0.0.1:\(port)?mode=caller&latency=120", stage)
            try await eventually("five seconds of it") { pieces.all.reduce(0) { $0 + $1.bytes.count } > 400_000 }
            let taken = pieces.all

            // As the probe has it.
            var meter = DelayMeter()
            var arrivals = ArrivalInspector()
            var seen: [ArrivalInspector.Arrival] = []
            for piece in taken {
                piece.bytes.withUnsafeBytes { bytes in
                    meter.take(bytes, at: piece.clocks)
                    seen += arrivals.feed(bytes, at: piece.clocks.monotonic)
                }
            }
            let path = "\(stage.directory)/taken.ts"
            try Files.writeAtomically(path, taken.flatMap(\.bytes))
            let painted = try await slots(path, stage)
            #expect(painted.count >= seen.count && seen.count > 60)

            let frame = Double(house.frameDuration) / 1e6
            let references = zip(painted, seen).map { painted, arrival in
                // Sixteen bits of the slot's number: the latest before it came.
                let now = UInt64(arrival.at) / house.frameDuration
                let slot = now - UInt64(UInt16(truncatingIfNeeded: now) &- painted)
                return Double(arrival.at - Int64(slot * house.frameDuration)) / 1e6
            }
            let measured = zip(seen, references).map { arrival, _ in
                let offset = taken[0].clocks.wall - taken[0].clocks.monotonic
                return Double(arrival.at + offset) / 1e6 - Double(arrival.stamp?.microseconds ?? 0) / 1e3
            }
            let differences = zip(measured, references).map { $0 - $1 }
            let worst = differences.map(abs).max() ?? .infinity
            #expect(worst < frame)
            var report = ProbeReport()
            meter.record.fill(&report, at: taken[taken.count - 1].clocks.monotonic)
            let reference = try #require(DelayFigures(milliseconds: references))
            let delay = try #require(report.wholeDelay)
            #expect(abs(delay.p50Ms - reference.p50Ms) < frame)
            #expect(abs(delay.p99Ms - reference.p99Ms) < frame)
            #expect(report.unstampedPictures == 0)
            // What the link says of itself adds up to no more than that.
            let delays = try #require(job.link.delays)
            let here = (delays.encode?.p50Ms ?? 0) + (delays.feed?.p50Ms ?? 0) + (delays.link?.p50Ms ?? 0)
            #expect(here > 0 && here + 120 < reference.p50Ms + frame)
            print(
                "painted clock: \(differences.count) frames, measured p50 \(delay.p50Ms), reference p50 \(reference.p50Ms), "
                    + "worst difference \(worst) ms; here \(here) ms")
        }
    }

    private func program(_ stage: LinkStage, _ house: HouseFormat, _ feeds: InputFeeds) async throws {
        let role = ProgramRole(
            house: house, inputs: [.init(id: "camera", feeds: feeds)], slates: [.init(id: "fault")],
            returnAfterSeconds: 0, videoBitrateKbps: 800, audioBitrateKbps: 128, keyframeSeconds: 1,
            liveFeed: stage.liveFeed)
        let pipelines = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Pipelines").path
        let specification = WorkerSpecification(
            id: "program", pipelineFile: "\(pipelines)/program.pipeline", role: .program(role))
        let context = JobContext(
            identity: WorkerIdentity(
                id: specification.id, instance: UUID().uuidString, digest: "", specification: specification),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            fail: { Issue.record("the programme gave up: \($0)") })
        let job = try ProgramJob(context: context, specification: specification, role: role)
        try await job.start()
        stage.atEnd { await job.stop() }
        try await eventually("the camera is on air") {
            guard case .program(let report) = job.report().detail else { return false }
            return report.onAir == "camera" && report.encodeDelay != nil
        }
    }

    /// As it comes out of SRT.
    private func receive(_ url: String, _ stage: LinkStage) throws -> Pieces {
        let box = Pieces()
        let pipeline = try Pipeline.parse("srtsrc name=source ! appsink name=bytes sync=false async=false")
        try pipeline.required("source", in: "").set("uri", .string(url))
        try pipeline.required("source", in: "").set("poll-timeout", .int(200))
        try AppSink(pipeline.required("bytes", in: "")).onSample { sample in
            let clocks = ClockReading.now()
            for buffer in sample.buffers {
                let bytes = buffer.withBytes { Array($0) }
                box.add(Piece(bytes: bytes, clocks: clocks))
            }
        }
        stage.atEnd { _ = try? pipeline.setState(.null) }
        try pipeline.setState(.playing)
        return box
    }

    /// Of every picture, as a decoder that is not ours sees it.
    private func slots(_ path: String, _ stage: LinkStage) async throws -> [UInt16] {
        let raw = "\(path).gray"
        let process = try stage.workspace.shell(
            "exec ffmpeg -v error -y -i '\(path)' -an -fps_mode passthrough -vf crop=320:2:0:90 -f rawvideo -pix_fmt gray '\(raw)'",
            log: "ffmpeg.log")
        #expect(await process.waitForExit(timeout: .seconds(60)) == .exited(code: 0))
        let bytes = try Files.read(raw, limit: 1 << 30)
        return stride(from: 0, to: bytes.count, by: 640).map { frame in
            (0..<16).reduce(UInt16(0)) { $0 << 1 | (bytes[frame + $1 * 20 + 10] > 128 ? 1 : 0) }
        }
    }
}
