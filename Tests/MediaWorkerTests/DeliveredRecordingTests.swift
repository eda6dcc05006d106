import Delivery
import GStreamer
import LinuxSystem
import Testing
import WorkerProtocol

@testable import MediaWorker

extension RecorderTests {
    /// What a real recorder left, over two of its processes, cut by what happened: the number in the picture tells.
    @Test func whatWasRecordedIsDeliveredToTheFrame() async throws {
        try await RecorderStage.run { stage in
            let source = try stage.source()
            let first = try await stage.recorder(stage.role())
            try await eventually("two joints") { first.recorder.segments >= 2 }
            await first.stop()
            let second = try await stage.recorder(stage.role())
            try await eventually("another joint") { second.recorder.segments > first.recorder.segments + 1 }
            await second.stop()
            source.stop()

            let segments = try stage.segments()
            let records = segments.map(\.record)
            let hole = try #require(records.compactMap(\.gapBefore).first)
            // From within the first segment to within the last, over the hole between the two recorders.
            let slots = (records[0].firstSlot + 7)..<(records[records.count - 1].endSlot - 3)
            let clock = records[0].clock
            func frame(_ slot: UInt64) -> Int { clock.clock.frameNumber(ofSlot: slot, frameRate: 25) }
            let plan = DeliveryPlan(
                session: "S1", frameRate: 25, utcOffsetSeconds: clock.clock.utcOffsetSeconds,
                reports: [
                    .init(
                        planned: .init(number: 1, department: "市财政局"), start: frame(slots.lowerBound),
                        end: frame(slots.upperBound))
                ])
            try Files.ensureDirectory("\(stage.directory)/target")
            var options = DeliveryOptions()
            options.handleSeconds = 0
            let report = try DeliveryJob(
                DeliveryRequest(
                    session: "S1", recordings: stage.disk, target: "\(stage.directory)/target", options: options,
                    software: ("Venuecast", "test")), plan: plan
            ).run()
            #expect(report.clips == 1 && report.gaps.contains { $0.kind == .missing && $0.range.count == hole.count })
            let clip = try #require(try Files.list("\(report.folder)/clips").first)
            let painted = try await RecordedSegment(path: "\(report.folder)/clips/\(clip)", record: records[0])
                .paintedSlots(stage)
            #expect(painted.count == slots.count)
            let lost = hole.firstSlot..<(hole.firstSlot + UInt64(hole.count))
            let expected = slots.map { UInt16(truncatingIfNeeded: lost.contains($0) ? lost.lowerBound - 1 : $0) }
            #expect(painted == expected)
            // The time of day in the file is that of its first frame.
            let code = try await stage.run(
                "ffprobe -v error -select_streams v -show_entries stream_tags=timecode -of csv=p=0 \(report.folder)/clips/\(clip)"
            )
            #expect(code.hasPrefix(clock.clock.timecode(ofSlot: slots.lowerBound, frameRate: 25).description))
            #expect(try DeliveryVerification(report.folder).run().isGood)
        }
    }
}
