import GStreamer
import Synchronization
import WorkerProtocol

/// One life of an input's pipeline, from building it to the end of its source. Blocks: to be used on a queue of its
/// own.
final class InputRun: Sendable {
    enum End: Sendable, Equatable {
        /// Every track has come to its end.
        case ended
        case failed(SourceFailure)
    }

    private struct State {
        /// Tracks that have been found, and those of them that have ended.
        var linked: Set<String> = []
        var ended: Set<String> = []
        var isOver = false
    }

    static let picture = "picture"
    static let sound = "sound"

    private let pipeline: Pipeline
    private let gridShift = Mutex<UInt64?>(nil)
    private let frameDuration: UInt64
    private let entered = Atomic<UInt64>(0)
    private let state = Mutex(State())
    private let latency: UInt64
    private let onEnd: @Sendable (End) -> Void
    private let onWarning: @Sendable (SourceFailure) -> Void

    /// - Parameters:
    ///   - latency: nanoseconds from the source's time to the feed's, the same for both tracks.
    ///   - onEnd: called once, from whichever thread.
    init(
        file: PipelineFile, values: [String: PlaceholderValue], passphrase: String?, latency: UInt64,
        frameDuration: UInt64,
        picture: InputTrack, sound: InputTrack, onWarning: @escaping @Sendable (SourceFailure) -> Void,
        onEnd: @escaping @Sendable (End) -> Void
    ) throws {
        pipeline = try file.build(values)
        self.latency = latency
        self.frameDuration = frameDuration
        self.onEnd = onEnd
        self.onWarning = onWarning
        if let passphrase {
            let source = try pipeline.required("source", in: file.path)
            try source.set("passphrase", .string(passphrase))
        }
        pipeline.useMonotonicClock()
        pipeline.setLatency(latency)
        try attach(Self.picture, to: picture, in: file.path)
        try attach(Self.sound, to: sound, in: file.path)
        if let demux = pipeline.element(named: "demux") {
            try linkTracks(of: demux, in: file.path)
        } else {
            state.withLock { $0.linked = [Self.picture, Self.sound] }
        }
        pipeline.bus.onMessage { [weak self] in self?.hear($0) }
    }

    func start() throws {
        try pipeline.setState(.playing)
    }

    func stop() {
        state.withLock { $0.isOver = true }
        _ = try? pipeline.setState(.null)
    }

    /// Buffers that came out of the source, of either track.
    var enteredBuffers: UInt64 { entered.load(ordering: .relaxed) }

    private func attach(_ name: String, to track: InputTrack, in path: String) throws {
        let element = try pipeline.required("feedsink\(name)", in: path)
        // No sink waits for the other track; each keeps the pipeline's time.
        try element.set("async", .bool(false))
        try element.set("sync", .bool(true))
        try AppSink(element).onSample(endOfStream: { [weak self] in
            track.close()
            self?.trackEnded(name)
        }) { [weak self] sample in
            guard let self else { return }
            track.take(sample, shift: self.shift(name: name, sample))
        }
    }

    /// Nanoseconds from running time to the feed's time, the same for both tracks. The first picture of a run is put
    /// on the house's grid (whole frames of CLOCK_MONOTONIC), and everything else moves with it: the programme takes
    /// frames by their place on that grid and sound by its time, and neither shifts against the other.
    private func shift(name: String, _ sample: Sample) -> UInt64 {
        // The base time is known before any buffer gets through a synchronised sink.
        let plain = pipeline.baseTime + latency
        guard let time = sample.runningTime else { return plain }
        return gridShift.withLock { shift in
            if let shift { return shift }
            guard name == Self.picture else { return plain }
            let aligned = (time + plain + frameDuration / 2) / frameDuration * frameDuration
            let value = aligned - time
            shift = value
            return value
        }
    }

    private func finish(_ end: End) {
        let isFirst = state.withLock { state in
            defer { state.isOver = true }
            return !state.isOver
        }
        if isFirst { onEnd(end) }
    }

    private func trackEnded(_ name: String) {
        let all = state.withLock { state in
            state.ended.insert(name)
            return state.ended.isSuperset(of: state.linked)
        }
        if all { finish(.ended) }
    }

    private func hear(_ message: Message) {
        switch message.body {
        case .error(let problem): finish(.failed(SourceFailure(problem)))
        case .warning(let problem) where problem.domain == "gst-resource-error-quark": onWarning(SourceFailure(problem))
        case .endOfStream: finish(.ended)
        default: break
        }
    }
}

// MARK: - Tracks that appear by and by

extension InputRun {
    private func linkTracks(of demux: Element, in path: String) throws {
        let entries = [
            Self.picture: try pipeline.required("picturein", in: path).pad("sink"),
            Self.sound: try pipeline.required("soundin", in: path).pad("sink"),
        ]
        for (_, entry) in entries {
            entry.onBuffer { [weak self] _ in
                self?.entered.add(1, ordering: .relaxed)
                return .pass
            }
        }
        try demux.connect("pad-added") { [weak self] arguments in
            guard let self, case .object(let object)? = arguments.first, let pad = object as? Pad,
                let name = Self.track(pad), let entry = entries[name], !entry.isLinked
            else { return nil }
            self.state.withLock { state in
                state.linked.insert(name)
                state.ended.remove(name)
            }
            pad.link(to: entry)
            return nil
        }
    }

    /// Which track a pad carries: raw or coded media, or RTP of it.
    private static func track(_ pad: Pad) -> String? {
        guard let structure = pad.currentOrPossibleCaps?.first else { return nil }
        let kind = structure["media"]?.stringValue ?? structure.name
        if kind.hasPrefix("video") || kind.hasPrefix("image") { return picture }
        return kind.hasPrefix("audio") ? sound : nil
    }
}
