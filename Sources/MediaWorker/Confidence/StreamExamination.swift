import GStreamer
import LinuxSystem
import Synchronization
import TransportStream
import WorkerProtocol

/// Looks at a transport stream as a receiver would, and listens to it: rates, times and errors from its packets, black,
/// frozen, silent and overdriven from its key pictures and its sound, and a small picture a second.
///
/// Wherever the bytes come from, it takes four steps:
///
///     let examination = try StreamExamination(
///         file: PipelineFile(path: "…/confidence.pipeline"), limits: ContentLimits()) { sentence in … }
///     try examination.start()                       // blocks for a moment: not on the cooperative pool
///     examination.take(bytes, at: MonotonicClock.now())   // pieces of any size, from one thread, as they arrive
///     examination.report(at: MonotonicClock.now())        // from any thread, at any time: waits for nothing
///     examination.stop()
///
/// `restart` is called when what follows does not continue what came before (another connection). The times given are all that
/// is measured against: nanoseconds that only grow. A file can be examined at any speed with times of its own, as long as
/// `report` is asked with one of them.
final class StreamExamination: Sendable {
    /// Between two key pictures, at most: what `keyframeSeconds` may be.
    private static let keySeconds = 10.0

    private let limits: ContentLimits
    private let thumbnailer: Thumbnailer?
    private let parsing = Mutex(StreamParsing())
    private let meter: ContentMeter
    private let decoded = Atomic<UInt64>(0)
    private let decoder: Mutex<ContentDecoder?>

    /// - Parameters:
    ///   - file: `confidence.pipeline`.
    ///   - thumbnails: nil for none.
    ///   - onFailure: called with a sentence from whichever thread when it decodes nothing any more.
    init(
        file: PipelineFile, values: [String: PlaceholderValue] = [:], limits: ContentLimits,
        thumbnails: Thumbnailer? = nil, onFailure: @escaping @Sendable (String) -> Void
    ) throws {
        self.limits = limits
        thumbnailer = thumbnails
        meter = ContentMeter(limits, thumbnails: thumbnails, pictureSeconds: Self.keySeconds)
        decoder = Mutex(nil)
        let decoder = try ContentDecoder(
            file: file, values: values, onPicture: { [weak self] in self?.see($0) },
            onSound: { [weak self] in self?.hear($0) }, onFailure: onFailure)
        self.decoder.withLock { $0 = decoder }
    }

    func start() throws {
        try decoder.withLock { $0 }?.start()
        try thumbnailer?.start()
    }

    /// As `ContentDecoder.isBehind`.
    var isBehind: Bool { decoder.withLock { $0 }?.isBehind ?? false }

    /// Nothing more comes: as `ContentDecoder.finish`.
    func finish(within seconds: Double) { decoder.withLock { $0 }?.finish(within: seconds) }

    /// May block.
    func stop() {
        decoder.withLock { decoder in
            defer { decoder = nil }
            return decoder
        }?.stop()
        thumbnailer?.stop()
    }

    /// What comes now does not continue what came before. Counts of errors and integrated loudness go on.
    /// - Parameter now: from here on it is missing if nothing comes; nil: from the first bytes on.
    func restart(at now: UInt64? = nil) {
        skip()
        parsing.withLock { $0.begunAt = now }
        meter.restart()
    }

    /// Something was left out on the way to us, which is no fault of the stream.
    func skip() {
        parsing.withLock { parsing in
            let (earlier, errorAt) = (parsing.errors, parsing.errorAt)
            parsing = StreamParsing()
            (parsing.earlier, parsing.errorAt) = (earlier, errorAt)
        }
    }

    // MARK: What comes in

    /// - Parameter now: when it arrived, nanoseconds.
    func take(_ bytes: UnsafeRawBufferPointer, at now: UInt64) {
        let (units, hasPicture, offset) = parsing.withLock { parsing in
            let (units, hasPicture) = parsing.take(bytes, at: now)
            return (units, hasPicture, parsing.offset)
        }
        if hasPicture { meter.timing(offset, at: now) }
        guard !units.isEmpty, let decoder = decoder.withLock({ $0 }) else { return }
        for unit in units { decoder.take(unit, at: now) }
    }

    private func see(_ sample: Sample) {
        guard let buffer = sample.buffers.first, let caps = sample.caps, buffer.pts != Buffer.noTime else { return }
        decoded.add(1, ordering: .relaxed)
        meter.see(buffer, caps, at: buffer.pts)
    }

    private func hear(_ sample: Sample) {
        for buffer in sample.buffers where buffer.pts != Buffer.noTime {
            decoded.add(1, ordering: .relaxed)
            meter.hear(buffer, at: buffer.pts)
        }
    }

    // MARK: What is known

    /// Pictures and pieces of sound that have come out of the decoders.
    var decodedCount: UInt64 { decoded.load(ordering: .relaxed) }
    var bytes: UInt64 { parsing.withLock { $0.inspector.bytes } }

    /// The newest JPEG; nil before the first, and where none are made.
    var thumbnail: [UInt8]? { thumbnailer?.thumbnail }

    /// - Parameter asSeen: as `ContentJudge.complete`.
    func report(at now: UInt64, asSeen: Bool = false) -> ContentReport {
        var report = ContentReport()
        let (begun, errorAge) = parsing.withLock { parsing in
            parsing.fill(&report, at: now)
            return (parsing.begunAt, parsing.errorAt.map { Double(now - min(now, $0)) / 1e9 })
        }
        if begun != nil { meter.complete(&report, at: now, begun: begun, asSeen: asSeen) }
        if let errorAge, errorAge < limits.errorSeconds {
            report.findings.append(Finding(reason: .transportErrors, seconds: errorAge, limitSeconds: 0))
        }
        for coding in [report.picture.coding, report.sound.coding].compactMap({ $0 })
        where !StreamInspector.decodable.contains(coding) {
            report.findings.append(Finding(reason: .unknownCoding(coding), seconds: 0, limitSeconds: 0))
        }
        return report
    }
}
