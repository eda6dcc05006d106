import GStreamer
import Synchronization
import WorkerProtocol

/// What an input has two of, each for itself.
enum MediaKind: String, Sendable, CaseIterable {
    case picture, sound
}

/// One life of an input's pipeline, from building it to the end of its source. Blocks: to be used on a queue of its
/// own.
final class InputRun: Sendable {
    enum Event: Sendable, Equatable {
        /// A source that can wait has its first picture and sound at hand.
        case prerolled
        /// All there is has been read; what is on its way still comes.
        case ending
        /// One of several tracks has come to its end.
        case trackEnded(MediaKind)
        /// All of them have.
        case ended
        case failed(SourceFailure)
        /// Somebody calls, and has not been let in yet.
        case calling(String)
        case called(String)
        /// Somebody calls while another one is connected, and is turned away.
        case turnedAway(String)
    }

    /// What is known of the source's tracks.
    struct Tracks: Sendable, Equatable {
        var found: Set<MediaKind> = []
        /// There are no others.
        var isComplete = false
        /// Those that nothing here decodes, with the name of what would.
        var undecodable: [MediaKind: String] = [:]
    }

    private struct State {
        var tracks = Tracks()
        var atEntryEnd: Set<MediaKind> = []
        var ended: Set<MediaKind> = []
        /// Running time of the first sample, in nanoseconds.
        var first: [MediaKind: UInt64] = [:]
        var hasPut: Set<MediaKind> = []
        /// Nanoseconds from running time to the feed's time.
        var shift: UInt64?
        /// Of the first sample, in the feed's time.
        var begin: UInt64?
        /// The next sample does not follow the one before.
        var jumps: Set<MediaKind> = Set(MediaKind.allCases)
        /// When the first sound came, CLOCK_MONOTONIC nanoseconds.
        var soundSince: UInt64?
        var isPrerolled = false
        var isEnding = false
        var isOver = false
        var isCalled = false
    }

    /// Beyond this one track is taken to begin or end later on purpose.
    private static let sameTime: UInt64 = 100_000_000

    private static let pollMilliseconds: Int64 = 200
    /// Nanoseconds in which a decoder that has its sound has its picture too.
    private static let pictureNeeds: UInt64 = 500_000_000

    /// Nanoseconds by which a picture may be off the grid: rounding of timestamps.
    private static let gridTolerance: Int64 = 1_000_000
    /// Nanoseconds in which every reader finds a feed that has appeared.
    private static let readersNeed = UInt64(FeedReader.retryMilliseconds) * 2_000_000

    private let pipeline: Pipeline
    private let file: PipelineFile
    private let address: SourceAddress
    private let latency: UInt64
    private let frameDuration: UInt64
    private let outputs: [MediaKind: InputTrack]
    private let entered: SourceCounter
    private let state = Mutex(State())
    private let onEvent: @Sendable (Event) -> Void

    /// - Parameters:
    ///   - latency: nanoseconds from the source's time to the feed's, the same for both tracks.
    ///   - onEvent: called on whichever thread; not after `failed` or `ended`.
    init(
        file: PipelineFile, values: [String: PlaceholderValue], address: SourceAddress, passphrase: String?,
        latency: UInt64, house: HouseFormat, outputs: [MediaKind: InputTrack], entered: SourceCounter,
        onEvent: @escaping @Sendable (Event) -> Void
    ) throws {
        pipeline = try file.build(values, house)
        self.file = file
        self.address = address
        self.latency = latency
        frameDuration = house.frameDuration
        self.outputs = outputs
        self.entered = entered
        self.onEvent = onEvent
        pipeline.useMonotonicClock()
        pipeline.setLatency(latency)
        pipeline.bus.onMessage { [weak self] in self?.hear($0) }
        if case .srt = address { try attachSRT(passphrase) }
        for kind in MediaKind.allCases { try attachSink(kind) }
        if let demux = pipeline.element(named: "demux") {
            try linkTracks(of: demux)
        } else {
            state.withLock { $0.tracks = Tracks(found: Set(MediaKind.allCases), isComplete: true) }
        }
    }

    var tracks: Tracks { state.withLock { $0.tracks } }

    /// Buffers that came in on tracks which have put something out, over all lives: input without output is an illness
    /// only of a decoder that has worked before.
    final class SourceCounter: Sendable {
        private let count = Atomic<UInt64>(0)
        func add() { count.add(1, ordering: .relaxed) }
        var value: UInt64 { count.load(ordering: .relaxed) }
    }

    // MARK: Life

    /// Opens the source. One that is live is running then; any other waits for `start` with its first picture at hand
    /// (`prerolled`). What fails comes as an event.
    /// - Returns: whether it is live.
    func open() -> Bool {
        do {
            // All of a live source's times are on the house's grid already where it makes them itself.
            pipeline.setBaseTime(aligned(MonotonicClock.now() + latency, .down) - latency)
            guard try pipeline.setState(.paused) == .noPreroll else { return false }
            try pipeline.setState(.playing)
        } catch {
            // What the bus has said of it was better, and has come before this.
            finish(.failed(.other("\(error)")))
        }
        return true
    }

    /// Sets a source going that was waiting.
    /// - Parameter time: of the feed, CLOCK_MONOTONIC nanoseconds, for its first picture; nil for as soon as can be.
    func start(at time: UInt64?) {
        let now = MonotonicClock.now()
        // One that comes too late for its time would come too late for ever.
        let latest = time.flatMap { $0 + Self.sameTime < now ? nil : $0 }
        let begin = aligned(latest ?? now + Self.readersNeed, .up)
        let first = state.withLock { state in
            let first = beginning(state.first)
            if first == state.first[.picture] { state.shift = begin - first }
            return first
        }
        pipeline.setBaseTime(begin - first - latency)
        do {
            try pipeline.setState(.playing)
        } catch {
            finish(.failed(.other("\(error)")))
        }
    }

    func stop() {
        state.withLock { $0.isOver = true }
        _ = try? pipeline.setState(.null)
    }

    /// Nanoseconds; nil when the source does not know, or has no end. May block for a moment.
    var duration: UInt64? { address.isFile ? pipeline.duration() : nil }

    /// From where to where in the feed's time it has been; the next life may follow on there without a gap. Nil when
    /// nothing has come.
    var played: (begin: UInt64, end: UInt64)? {
        let (begin, put) = state.withLock { ($0.begin, $0.hasPut) }
        let picture = put.contains(.picture) ? outputs[.picture]?.end : nil
        let sound = put.contains(.sound) ? outputs[.sound]?.end : nil
        guard let begin, let end = picture ?? sound else { return nil }
        if let sound, sound > end + Self.sameTime { return (begin, sound) }
        return (begin, end)
    }

    /// Nobody has called yet.
    var awaitsCaller: Bool { address.isListener && state.withLock { !$0.isCalled } }

    /// The running time that belongs at the beginning: the first picture's, where no sound comes long before it.
    private func beginning(_ first: [MediaKind: UInt64]) -> UInt64 {
        guard let picture = first[.picture] else { return first[.sound] ?? 0 }
        guard let sound = first[.sound], sound + Self.sameTime < picture else { return picture }
        return sound
    }

    private enum Rounding { case down, nearest, up }

    private func aligned(_ time: UInt64, _ rounding: Rounding) -> UInt64 {
        let more =
            switch rounding {
            case .down: UInt64(0)
            case .nearest: frameDuration / 2
            case .up: frameDuration - 1
            }
        return (time + more) / frameDuration * frameDuration
    }

    private func finish(_ end: Event) {
        let isFirst = state.withLock { state in
            defer { state.isOver = true }
            return !state.isOver
        }
        if isFirst { onEvent(end) }
    }

    private func tell(_ event: Event) {
        if !state.withLock({ $0.isOver }) { onEvent(event) }
    }

    private func hear(_ message: Message) {
        switch message.body {
        case .error(let problem):
            if isOfOneTrack(problem, message) { return noteUndecodable() }
            finish(.failed(SourceFailure(problem, address)))
        case .element(let structure) where structure.name == "missing-plugin":
            var coding = structure["name"]?.stringValue ?? "?"
            if coding.hasSuffix(" decoder") { coding.removeLast(" decoder".count) }
            guard let kind = structure["detail"]?.stringValue.flatMap(Self.kind) else { return }
            state.withLock { [coding] in $0.tracks.undecodable[kind] = coding }
        case .endOfStream: finish(.ended)
        default: break
        }
    }

    /// A track behind the demultiplexer that nothing decodes: the other one goes on.
    private func isOfOneTrack(_ problem: Message.Problem, _ message: Message) -> Bool {
        // GST_STREAM_ERROR_CODEC_NOT_FOUND
        problem.domain == "gst-stream-error-quark" && problem.code == 6 && !message.sourcePath.contains("demux")
    }

    private func noteUndecodable() {
        let coding = state.withLock { state -> String? in
            let lost = state.tracks.undecodable
            return MediaKind.allCases.allSatisfy { lost[$0] != nil } ? lost[.picture] : nil
        }
        if let coding { finish(.failed(.undecodable(coding))) }
    }
}

// MARK: - What comes out

extension InputRun {
    private func attachSink(_ kind: MediaKind) throws {
        let element = try pipeline.required("feedsink\(kind)", in: file.path)
        // No sink waits for the other track; each keeps the pipeline's time.
        try element.set("async", .bool(false))
        try element.set("sync", .bool(true))
        try AppSink(element).onSample(
            preroll: { [weak self] in self?.prerolled(kind, $0) },
            endOfStream: { [weak self] in self?.trackEnded(kind) }
        ) { [weak self] in
            self?.put(kind, $0)
        }
    }

    private func prerolled(_ kind: MediaKind, _ sample: Sample) {
        guard let time = sample.runningTime else { return }
        // Readers are there before the first picture goes out.
        outputs[kind]?.open(sample)
        let isAll = state.withLock { state in
            if state.first[kind] == nil { state.first[kind] = time }
            return becomesPrerolled(&state)
        }
        if isAll { tell(.prerolled) }
    }

    /// True once: when every track there is has its first sample.
    private func becomesPrerolled(_ state: inout State) -> Bool {
        guard !state.isPrerolled, state.tracks.isComplete, !state.tracks.found.isEmpty,
            state.tracks.found.allSatisfy({ state.first[$0] != nil || state.ended.contains($0) })
        else { return false }
        state.isPrerolled = true
        return true
    }

    private func put(_ kind: MediaKind, _ sample: Sample) {
        guard let time = sample.runningTime, let output = outputs[kind] else { return }
        // The base time is known before any buffer gets through a synchronised sink.
        let plain = pipeline.baseTime + latency
        let place = state.withLock { state -> (shift: UInt64, jumps: Bool)? in
            guard !state.isOver else { return nil }
            // Sound that is decoded before the first picture would have to be moved with it.
            if kind == .sound, awaitsPicture(&state) { return nil }
            var shift = state.shift ?? plain
            if kind == .picture {
                // The first picture is put on the house's grid (whole frames of CLOCK_MONOTONIC), and everything else
                // moves with it: the programme takes frames by their place on that grid and sound by its time, and
                // neither shifts against the other. A source that jumps is put there again.
                let error = Int64(aligned(time + shift, .nearest)) - Int64(time + shift)
                if abs(error) > Self.gridTolerance || state.shift == nil {
                    shift = UInt64(Int64(shift) + error)
                    state.shift = shift
                    if error != 0 { state.jumps.insert(.sound) }
                }
            }
            state.hasPut.insert(kind)
            if state.begin == nil { state.begin = time + shift }
            return (shift, state.jumps.remove(kind) != nil)
        }
        if let place { output.take(sample, at: time + place.shift, jumps: place.jumps) }
    }

    /// For a moment, where a picture is to come.
    private func awaitsPicture(_ state: inout State) -> Bool {
        guard state.shift == nil, state.tracks.found.contains(.picture), !state.hasPut.contains(.picture) else {
            return false
        }
        let now = MonotonicClock.now()
        let since = state.soundSince ?? now
        state.soundSince = since
        return now < since + Self.pictureNeeds
    }

    private func trackEnded(_ kind: MediaKind) {
        let (isAll, isPrerolled) = state.withLock { state -> (Bool, Bool) in
            state.ended.insert(kind)
            return (state.ended.isSuperset(of: state.tracks.found), becomesPrerolled(&state))
        }
        if isAll { return finish(.ended) }
        tell(.trackEnded(kind))
        if isPrerolled { tell(.prerolled) }
    }
}

// MARK: - What comes in

extension InputRun {
    private func linkTracks(of demux: Element) throws {
        var entries: [MediaKind: Pad] = [:]
        for kind in MediaKind.allCases {
            let entry = try pipeline.required("\(kind)in", in: file.path).pad("sink")
            entries[kind] = entry
            entry.onBuffer { [weak self] _ in
                self?.cameIn(kind)
                return .pass
            }
            entry.onEvent { [weak self] event in
                if event.kind == "eos" { self?.readToEnd(kind) }
                return .pass
            }
        }
        let tracks = entries
        try demux.connect("pad-added") { [weak self] arguments in
            guard let self, case .object(let object)? = arguments.first, let pad = object as? Pad,
                let kind = Self.kind(of: pad), let entry = tracks[kind], !entry.isLinked
            else { return nil }
            self.state.withLock { state in
                state.tracks.found.insert(kind)
                state.ended.remove(kind)
            }
            pad.link(to: entry)
            return nil
        }
        try demux.connect("no-more-pads") { [weak self] _ in
            self?.foundAll()
            return nil
        }
        // A source that ends before it has shown a track would end unnoticed.
        if let source = pipeline.element(named: "source"), let pad = try? source.pad("src") {
            pad.onEvent { [weak self] event in
                if event.kind == "eos" { self?.sourceEnded() }
                return .pass
            }
        }
    }

    private func foundAll() {
        let isPrerolled = state.withLock { state in
            state.tracks.isComplete = true
            return becomesPrerolled(&state)
        }
        if isPrerolled { tell(.prerolled) }
    }

    private func cameIn(_ kind: MediaKind) {
        if state.withLock({ $0.hasPut.contains(kind) }) { entered.add() }
    }

    private func readToEnd(_ kind: MediaKind) {
        let isAll = state.withLock { state in
            state.atEntryEnd.insert(kind)
            guard !state.isEnding, state.atEntryEnd.isSuperset(of: state.tracks.found) else { return false }
            state.isEnding = true
            return true
        }
        if isAll { tell(.ending) }
    }

    private func sourceEnded() {
        if state.withLock({ $0.tracks.found.isEmpty }) { finish(.ended) }
    }

    /// Which track a pad carries: raw or coded media, or RTP of it.
    private static func kind(of pad: Pad) -> MediaKind? {
        guard let structure = pad.currentOrPossibleCaps?.first else { return nil }
        return kind(structure["media"]?.stringValue ?? structure.name)
    }

    private static func kind(_ mediaType: String) -> MediaKind? {
        if mediaType.hasPrefix("video") || mediaType.hasPrefix("image") { return .picture }
        return mediaType.hasPrefix("audio") ? .sound : nil
    }

    private func attachSRT(_ passphrase: String?) throws {
        let source = try pipeline.required("source", in: file.path)
        if let passphrase {
            try source.set("passphrase", .string(passphrase))
            if case .srt(let address) = address, address.value(of: "pbkeylen") == nil {
                try source.set("pbkeylen", .string("16"))
            }
        }
        // Without it srtsrc waits for its caller's next packet for ever, and cannot be stopped meanwhile. (The uri, which
        // is set after the pipeline's text has been read, resets what stands there.)
        try source.set("poll-timeout", .int(Self.pollMilliseconds))
        let timing = StreamTiming()
        try source.pad("src").onBuffer { buffer in
            timing.retimed(buffer).map { .replace($0) } ?? .drop
        }
        // Trying again is our business, and more patient.
        try source.set("auto-reconnect", .bool(false))
        guard address.isListener else { return }
        try source.set("authentication", .bool(true))
        // srtsrc reads from one caller; a second one would be let in and wait for ever.
        try source.connect("caller-connecting") { [weak self] arguments in
            guard let self else { return .bool(false) }
            let caller = arguments.first?.stringValue ?? "?"
            let isFree = self.state.withLock { !$0.isCalled }
            self.tell(isFree ? .calling(caller) : .turnedAway(caller))
            return .bool(isFree)
        }
        try source.connect("caller-added") { [weak self] arguments in
            self?.state.withLock { $0.isCalled = true }
            self?.tell(.called(arguments.last?.stringValue ?? "?"))
            return nil
        }
    }
}
