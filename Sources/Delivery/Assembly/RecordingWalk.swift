import Glibc
import LinuxSystem
import Loudness

/// Goes through a recording once, from its first segment to its last: copies each, cuts the clips, measures the sound.
final class RecordingWalk {
    private let blueprint: Blueprint
    private let staging: Staging
    private let job: DeliveryJob
    /// Master segments and clips that are in the folder.
    private(set) var files: [DeliveredFile] = []
    private(set) var loudnessMissing: String?
    private var waiting: [ClipPlan] = []
    private var open: [ClipWriter] = []
    /// What is being read.
    private var current: (segment: MasterSegment, source: SourceFile)?

    init(_ blueprint: Blueprint, _ staging: Staging, _ job: DeliveryJob) {
        self.blueprint = blueprint
        self.staging = staging
        self.job = job
    }

    func run() throws -> LoudnessReport? {
        for clip in blueprint.clips {
            if let file = staging.existing(clip.file, key: clip.key) {
                files.append(file)
                job.skip(file.bytes)
            } else {
                waiting.append(clip)
            }
        }
        waiting.sort { $0.fileRange.lowerBound < $1.fileRange.lowerBound }
        let meter = makeMeter()
        for segment in blueprint.recording.segments where segment.bytes > 0 {
            try job.step("segment")
            let source = try SourceFile(segment.path)
            guard source.size == segment.bytes else { throw changed(segment) }
            try copy(segment, source)
            current = (segment, source)
            try cut(segment, source, meter)
            guard !source.hasChanged else { throw changed(segment) }
            current = nil
            source.forget()
        }
        // What ends in a hole, or with the recording.
        try finishClips(before: .max)
        return meter.map(report)
    }

    private func makeMeter() -> LoudnessMeter? {
        guard let format = blueprint.recording.format else {
            loudnessMissing = "There is no sound that can be read."
            return nil
        }
        guard let library = LoudnessLibrary() else {
            loudnessMissing = "libebur128 is not installed (apt install libebur128-1)."
            job.warn("Loudness was not measured: libebur128 is not installed (apt install libebur128-1).")
            return nil
        }
        return LoudnessMeter(library, format: format, reports: blueprint.plan.reports.map(\.range))
    }

    private func copy(_ segment: MasterSegment, _ source: SourceFile) throws {
        guard blueprint.options.includesMaster else { return }
        let (path, key) = (Blueprint.masterPath(segment), blueprint.masterKey(segment))
        if let file = staging.existing(path, key: key) {
            files.append(file)
            job.skip(file.bytes)
            return
        }
        let output = try OutputFile(staging.part(path))
        let problem = try MasterCopy(
            segment: segment, source: source, addition: blueprint.chapters[segment.record.file],
            beforeRead: job.beforeRead
        ).run(into: output) {
            try job.advance($0, file: path)
        }
        guard !source.hasChanged else { throw changed(segment) }
        let (bytes, xxh64, md5) = try output.finish()
        if let problem, !staging.findings.contains(where: { $0.segment == segment.record.file && $0.missing.isEmpty }) {
            try staging.remember(Staging.Finding(segment: segment.record.file, missing: [], cause: problem))
        }
        try job.step("\(path) is written")
        let file = DeliveredFile(path: path, bytes: bytes, xxh64: xxh64, md5: md5)
        try staging.complete(file, key: key)
        files.append(file)
        // The lists of gaps have to know.
        if problem != nil { throw PlanChanged() }
    }

    private func cut(_ segment: MasterSegment, _ source: SourceFile, _ meter: LoudnessMeter?) throws {
        // With nothing to cut only the sound is wanted, a twentieth of all.
        if !waiting.contains(where: { $0.fileRange.overlaps(segment.owned) }), open.isEmpty {
            source.expect(.hereAndThere)
        }
        for frame in segment.owned {
            try finishClips(before: frame)
            while let clip = waiting.first, clip.fileRange.contains(frame) {
                waiting.removeFirst()
                open.append(try ClipWriter(clip, part: staging.part(clip.file)))
                try job.step("clip begun")
            }
            let place = segment[frame]
            guard place.isThere else { continue }
            let isCut = !open.isEmpty
            guard isCut || meter != nil else { continue }
            let start = isCut ? place.picture : place.sound
            let bytes = try read(segment, source, frame, start, place.end - start)
            let sound = (place.sound - start)..<bytes.count
            for writer in open { try writer.add(bytes, pictureBytes: Int(place.pictureBytes), sound: sound) }
            meter?.add(bytes[sound], frame: frame)
            if isCut {
                try job.advance(bytes.count * open.count, file: open[0].clip.file)
            } else if frame % 250 == 0 {
                try job.step("sound")
            }
        }
    }

    /// - Throws: `PlanChanged` when the disk does not give it back: it is a hole from now on.
    private func read(
        _ segment: MasterSegment, _ source: SourceFile, _ frame: Int, _ offset: Int, _ count: Int
    ) throws -> [UInt8] {
        do {
            try job.beforeRead(segment.record.file, offset)
            let bytes = try source.read(at: offset, count)
            guard bytes.count == count else { throw changed(segment) }
            return bytes
        } catch let error as SystemError where error.code == EIO {
            // What follows is likely to be lost as well: all of it at once.
            let lost = (frame..<segment.range.upperBound).prefix { next in
                let place = segment[next]
                guard place.isThere else { return next == frame }
                let count = place.end - place.picture
                do {
                    try job.beforeRead(segment.record.file, place.picture)
                    return try source.read(at: place.picture, count).count < count
                } catch {
                    return true
                }
            }
            let missing = lost.isEmpty ? [frame] : Array(lost)
            try staging.remember(
                Staging.Finding(
                    segment: segment.record.file, missing: missing,
                    cause: "The disk cannot read \(missing.count) of its frames."))
            throw PlanChanged()
        }
    }

    private func finishClips(before frame: Int) throws {
        while let index = open.firstIndex(where: { $0.clip.fileRange.upperBound <= frame }) {
            if let (segment, source) = current, source.hasChanged { throw changed(segment) }
            let writer = open.remove(at: index)
            let file = try writer.finish()
            try job.step("\(file.path) is written")
            try staging.complete(file, key: writer.clip.key)
            files.append(file)
            try job.step("\(file.path) is noted")
        }
    }

    private func changed(_ segment: MasterSegment) -> DeliveryError {
        DeliveryError(
            "\(segment.path) changed while it was read.", "\(segment.path) 在读取时发生了变化。",
            next: "See who writes to it, and run the same command again.", "请查明谁在改动它，然后重新执行同一命令。")
    }

    private func report(_ meter: LoudnessMeter) -> LoudnessReport {
        let target = LoudnessReport.Target()
        return LoudnessReport(
            target: target, whole: LoudnessReport.judge(meter.measure(nil), target),
            clips: zip(blueprint.plan.reports, blueprint.clipOfReport).map { report, clip in
                LoudnessReport.Clip(
                    number: report.planned.number, take: report.take, department: report.planned.department,
                    file: clip?.file, measured: LoudnessReport.judge(meter.measure(report.range), target))
            })
    }
}
