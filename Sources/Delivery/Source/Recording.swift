import FoundationEssentials
import LinuxSystem
import Matroska
import WorkerProtocol

/// All that was recorded of a session's programme, on one line of frame numbers.
struct Recording: Sendable {
    var session: String
    /// The session's directory.
    var directory: String
    var time: FrameTime
    /// In the order of their frames.
    var segments: [MasterSegment]
    /// What is not what happened, in order.
    var gaps: [Gap]
    /// Segments of which nobody knows when they were; at frame 0.
    var unplaced: [Gap] = []

    /// Nil when nothing of it can be used.
    var format: MatroskaFormat? { segments.lazy.compactMap(\.format).first }
    var range: Range<Int> {
        guard let first = segments.first else { return 0..<0 }
        return first.range.lowerBound..<(segments.map(\.range.upperBound).max() ?? 0)
    }

    /// What was found out while it was read.
    func applying(_ findings: [Staging.Finding]) -> Recording {
        var result = self
        for finding in findings {
            guard let index = segments.firstIndex(where: { $0.record.file == finding.segment }) else { continue }
            for frame in finding.missing where segments[index].range.contains(frame) {
                result.segments[index].places[frame - segments[index].firstFrame] = .missing
            }
            result.segments[index].problem = result.segments[index].problem ?? finding.cause
        }
        result.gaps = result.findGaps()
        return result
    }
}

extension Recording {
    static let folder = "master"

    /// Reads what a recorder left. Blocks.
    static func survey(session: String, directory: String) throws -> Recording {
        let master = "\(directory)/\(folder)"
        guard Files.exists(directory) else {
            throw DeliveryError(
                "There is no recording of \(session): \(directory) does not exist.",
                "\(directory) 不存在，没有场次 \(session) 的录制。",
                next: "Name the directory of the recordings with --recordings.", "请用 --recordings 指明录制目录。")
        }
        var segments: [MasterSegment] = []
        var unreadable: [Gap] = []
        let names = try Files.list(master)
        for name in names where name.hasSuffix(".mkv") {
            let record = "\(master)/\(name.dropLast(4)).json"
            do {
                let record = try JSONDecoder().decode(SegmentRecord.self, from: Data(Files.read(record)))
                segments.append(try MasterSegment.survey(record, path: "\(master)/\(name)"))
            } catch let still as StillRecording {
                throw DeliveryError(
                    "\(session) is still being recorded (\(still.file)).", "场次 \(session) 仍在录制（\(still.file)）。",
                    next: "End the session first; then deliver it.", "请先结束该场次，再制作交付包。")
            } catch {
                unreadable.append(
                    Gap(
                        kind: .damaged, start: 0, end: 0, segment: name,
                        cause: "What was written down of it cannot be read, so that nobody knows when it was: \(error)")
                )
            }
        }
        // Those of which only the record is left.
        for name in names where name.hasSuffix(".json") && !names.contains("\(name.dropLast(5)).mkv") {
            guard
                let record = try? JSONDecoder().decode(SegmentRecord.self, from: Data(Files.read("\(master)/\(name)")))
            else { continue }
            segments.append(try MasterSegment.survey(record, path: "\(master)/\(record.file)"))
        }
        guard let clock = segments.first?.record.clock else {
            throw DeliveryError(
                "There is no segment with its record in \(master).", "\(master) 中没有可用的录制分段。",
                next: "Look at what is there; a recorder leaves NAME.mkv and NAME.json.",
                "请检查该目录；录制会留下 NAME.mkv 和 NAME.json。")
        }
        segments.sort { ($0.firstFrame, $0.record.file) < ($1.firstFrame, $1.record.file) }
        var end = Int.min
        for index in segments.indices {
            let range = segments[index].range
            let start = min(max(range.lowerBound, end), range.upperBound)
            segments[index].owned = start..<range.upperBound
            end = max(end, range.upperBound)
        }
        var recording = Recording(
            session: session, directory: directory,
            time: FrameTime(frameRate: clock.frameRate, utcOffsetSeconds: clock.clock.utcOffsetSeconds),
            segments: segments, gaps: [], unplaced: unreadable)
        recording.gaps = recording.findGaps()
        return recording
    }

    private func findGaps() -> [Gap] {
        var gaps: [Gap] = []
        var end = range.lowerBound
        for segment in segments {
            if segment.firstFrame > end {
                gaps.append(
                    Gap(
                        kind: .missing, start: end, end: segment.firstFrame, segment: segment.record.file,
                        cause: "Nothing was recorded."))
            }
            end = max(end, segment.range.upperBound)
            gaps += stretches(
                segment.record.gaps, segment, .repeatedPicture, "No picture came: the one before stands still.")
            gaps += stretches(segment.record.silences, segment, .silence, "No sound came.")
            var missing: [SegmentRecord.Stretch] = []
            for (index, place) in segment.places.enumerated() where !place.isThere {
                missing.add(segment.record.firstSlot + UInt64(index))
            }
            let problem = segment.problem ?? segment.record.problem
            gaps += stretches(missing, segment, .damaged, problem ?? "Its frames are not in the file.")
            if missing.isEmpty, let problem {
                gaps.append(
                    Gap(
                        kind: .damaged, start: segment.range.lowerBound, end: segment.range.upperBound,
                        segment: segment.record.file, cause: "\(problem) All of its frames are there, as they are."))
            }
        }
        return gaps.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    }

    private func stretches(
        _ stretches: [SegmentRecord.Stretch], _ segment: MasterSegment, _ kind: Gap.Kind, _ cause: String
    ) -> [Gap] {
        stretches.map { stretch in
            let start = segment.firstFrame + Int(Int64(bitPattern: stretch.firstSlot &- segment.record.firstSlot))
            return Gap(
                kind: kind, start: start, end: start + stretch.count, segment: segment.record.file, cause: cause)
        }
    }
}
