import LinuxSystem
import Matroska

/// What a delivery will hold, decided before anything is written.
struct Blueprint {
    let name: String
    let plan: DeliveryPlan
    let recording: Recording
    let options: DeliveryOptions
    let software: (name: String, version: String)
    /// In the order of the plan's reports; nil: nothing of it was recorded.
    let clipOfReport: [ClipPlan?]
    let gaps: [Gap]
    /// By segment.
    let chapters: [String: MatroskaAddition]

    init(_ plan: DeliveryPlan, _ recording: Recording, name: String, _ request: DeliveryRequest) {
        self.name = name
        self.plan = plan
        self.recording = recording
        options = request.options
        software = request.software
        let software = "\(request.software.name) \(request.software.version)"
        clipOfReport = plan.reports.enumerated().map { index, report in
            ClipPlan(
                report, index: index, delivery: name, plan: plan, recording: recording, options: request.options,
                software: software)
        }
        chapters = options.includesMaster ? Self.chapters(plan, recording) : [:]
        gaps = recording.unplaced + Self.gaps(plan, recording)
    }

    var clips: [ClipPlan] { clipOfReport.compactMap { $0 } }
    var withoutClip: [Int] {
        zip(plan.reports, clipOfReport).compactMap { $1 == nil ? $0.planned.number : nil }
    }

    /// Also what of a report lies before or after everything that was recorded.
    private static func gaps(_ plan: DeliveryPlan, _ recording: Recording) -> [Gap] {
        let outside = plan.reports.flatMap { report -> [Gap] in
            let before = report.start..<max(report.start, min(report.end, recording.range.lowerBound))
            let after = min(report.end, max(report.start, recording.range.upperBound))..<report.end
            return [before, after].filter { !$0.isEmpty }.map {
                Gap(
                    kind: .missing, start: $0.lowerBound, end: $0.upperBound,
                    cause: "Nothing was recorded of report \(report.planned.number).")
            }
        }
        return (recording.gaps + outside).sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    }

    func masterKey(_ segment: MasterSegment) -> String {
        var hash = XXHash64()
        let addition = chapters[segment.record.file]
        for bytes in (addition?.patches.map(\.bytes) ?? []) + [addition?.tail ?? []] {
            bytes.withUnsafeBytes { hash.update($0) }
        }
        return "master 2 \(segment.record.file) \(segment.bytes) "
            + "\(segment.record.pictureXXH64 ?? segment.record.sha256 ?? "") \(hash.text)"
    }

    func masterBytes(_ segment: MasterSegment) -> Int {
        segment.bytes + (chapters[segment.record.file]?.tail.count ?? 0)
    }

    /// Of each segment that has room for them: what makes a file with chapters of it.
    private static func chapters(_ plan: DeliveryPlan, _ recording: Recording) -> [String: MatroskaAddition] {
        var result: [String: MatroskaAddition] = [:]
        let rate = recording.time.frameRate
        for segment in recording.segments {
            guard let (layout, index) = segment.structure else { continue }
            func milliseconds(_ frame: Int) -> Int { (frame - segment.firstFrame) * 1000 / rate }
            let reports = plan.reports.compactMap { report -> MatroskaChapter? in
                let part = report.range.clamped(to: segment.range)
                return part.isEmpty
                    ? nil
                    : MatroskaChapter(
                        milliseconds: milliseconds(part.lowerBound), endMilliseconds: milliseconds(part.upperBound),
                        title: title(report))
            }
            let marks = plan.marks.filter { segment.range.contains($0.frame) }.map {
                MatroskaChapter(milliseconds: milliseconds($0.frame), title: $0.text)
            }
            let all = (reports + marks).sorted { $0.milliseconds < $1.milliseconds }
            if all.isEmpty { continue }
            result[segment.record.file] = MatroskaWriter.adding(all, to: layout, index: index, size: segment.bytes)
        }
        return result
    }

    static func masterPath(_ segment: MasterSegment) -> String { "master/\(segment.record.file)" }

    /// What is copied and cut, with its size.
    /// - Parameter there: what an earlier run has made.
    func files(besides there: [String: Int]) -> [(path: String, bytes: Int)] {
        var files: [(path: String, bytes: Int)] = []
        if options.includesMaster {
            files += recording.segments.filter { $0.bytes > 0 }.map { (Self.masterPath($0), masterBytes($0)) }
        }
        files += clips.map { ($0.file, $0.bytes) }
        return files.filter { there[$0.path] != $0.bytes }
    }

    /// About what encoding will need, generously.
    var encodedBytes: Int {
        let seconds = clips.reduce(0) { $0 + $1.fileRange.count } / recording.time.frameRate
        return seconds * ((options.includesProxies ? 400_000 : 0) + (options.includesMXF ? 7_500_000 : 0))
    }

    /// As editing systems are told.
    var cutList: CutList {
        let format = recording.format
        let bounds = recording.range
        let reports = zip(plan.reports, clipOfReport).map { report, clip in
            CutList.Marker(
                kind: .report, frame: report.start, length: max(1, report.range.count),
                name: Self.title(report), note: report.planned.speaker)
        }
        let marks = plan.marks.map { CutList.Marker(kind: .mark, frame: $0.frame, name: $0.text, note: $0.by) }
        let holes = recording.gaps.map {
            CutList.Marker(
                kind: .gap, frame: $0.start, length: max(1, $0.range.count), name: Self.title($0.kind), note: $0.cause)
        }
        return CutList(
            name: name, time: recording.time, range: bounds, width: format?.width ?? 0, height: format?.height ?? 0,
            channels: format?.channels ?? 2,
            clips: Self.side(
                bySide: clips.filter { !$0.range.isEmpty }.map { clip in
                    CutList.Clip(
                        name: Self.title(clip.report), reel: clip.reel, file: clip.file, range: clip.range,
                        fileRange: clip.fileRange, note: clip.report.planned.title)
                }),
            markers: (reports + marks + holes).filter { bounds.contains($0.frame) }.sorted {
                ($0.frame, $0.length) < ($1.frame, $1.length)
            })
    }

    /// In order; where one begins the one before has ended: a timeline cannot show two at once.
    static func side(bySide clips: [CutList.Clip]) -> [CutList.Clip] {
        let sorted = clips.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        return sorted.enumerated().compactMap { index, clip in
            var clip = clip
            let next = index + 1 < sorted.count ? sorted[index + 1].range.lowerBound : clip.range.upperBound
            clip.range = clip.range.lowerBound..<min(clip.range.upperBound, next)
            return clip.range.isEmpty ? nil : clip
        }
    }

    private static func title(_ report: DeliveryPlan.Report) -> String {
        "\(report.planned.number.digits(2)) \(report.planned.department)" + (report.take > 1 ? " (\(report.take))" : "")
    }

    private static func title(_ kind: Gap.Kind) -> String {
        switch kind {
        case .missing: "缺失 nothing recorded"
        case .repeatedPicture: "画面停顿 picture stands still"
        case .silence: "无声 no sound"
        case .damaged: "损坏 damaged"
        }
    }
}
