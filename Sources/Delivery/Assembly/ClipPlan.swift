import LinuxSystem

/// A report as a file.
struct ClipPlan: Sendable {
    var report: DeliveryPlan.Report
    /// From the delivery's top, without its ending: `20121126_S1_03_市财政局`.
    var name: String
    var reel: String
    /// Of the file, handles included; within what was recorded.
    var fileRange: Range<Int>
    var movie: Movie
    /// What it is made from and how.
    var key: String

    var file: String { "clips/\(name).mov" }
    /// Of the report, as far as it is in the file.
    var range: Range<Int> { report.range.clamped(to: fileRange) }
    var bytes: Int { movie.header().total }
}

extension ClipPlan {
    /// - Returns: nil when nothing of the report was recorded.
    init?(
        _ report: DeliveryPlan.Report, index: Int, delivery: String, plan: DeliveryPlan, recording: Recording,
        options: DeliveryOptions, software: String
    ) {
        guard let format = recording.format else { return nil }
        let rate = recording.time.frameRate
        let handle = Int((options.handleSeconds * Double(rate)).rounded())
        let wanted = (report.start - handle)..<max(report.start - handle, report.end + handle)
        let range = wanted.clamped(to: recording.range)
        var configurations: [[UInt8]] = []
        var frames: [Movie.Frame] = []
        frames.reserveCapacity(range.count)
        var sources: [String] = []
        var at = range.lowerBound
        for segment in recording.segments where segment.owned.overlaps(range) {
            let part = segment.owned.clamped(to: range)
            frames += [Movie.Frame](repeating: .standIn, count: part.lowerBound - at)
            at = part.upperBound
            sources.append("\(segment.record.file) \(segment.bytes) \(segment.firstFrame)")
            guard let own = segment.format, own.width == format.width, own.height == format.height else {
                frames += [Movie.Frame](repeating: .standIn, count: part.count)
                continue
            }
            let configuration = min(255, configurations.firstIndex(of: own.codecPrivate) ?? configurations.count)
            if configuration == configurations.count { configurations.append(own.codecPrivate) }
            for frame in part {
                let place = segment[frame]
                frames.append(
                    place.isThere
                        ? .picture(bytes: place.pictureBytes, configuration: UInt8(configuration)) : .standIn)
            }
        }
        frames += [Movie.Frame](repeating: .standIn, count: range.upperBound - at)
        guard frames.contains(where: { $0 != .standIn }) else { return nil }
        self.report = report
        name = FileNames.clip(delivery: delivery, report, isASCII: options.usesASCIINames)
        reel = Reel.name(session: plan.session, index: index)
        fileRange = range
        let titles = [plan.activity, plan.title, report.planned.title].compactMap { $0 }.filter { !$0.isEmpty }
        movie = Movie(
            width: format.width, height: format.height, frameRate: rate, configurations: configurations,
            frames: frames, sound: options.sound == .mono ? .mono : .stereo, sampleRate: format.sampleRate,
            channels: format.channels, bitDepth: format.bitDepth,
            firstFrameOfDay: range.lowerBound.flooredQuotientAndRemainder(rate * 86_400).1, reel: reel,
            created: recording.time.unixSeconds(range.lowerBound),
            title: "\(report.planned.number.digits(2)) \(report.planned.department)",
            comment: titles.joined(separator: " · "), software: software)
        var hash = XXHash64()
        movie.header().bytes.withUnsafeBytes { hash.update($0) }
        key = "clip 1 \(hash.text) " + sources.joined(separator: " ")
    }
}
