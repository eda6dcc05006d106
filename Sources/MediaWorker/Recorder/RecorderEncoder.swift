import GStreamer
import Matroska
import Synchronization
import WorkerProtocol

/// Encodes slots for the master. What comes out is handed on in order, picture and sound of a slot together.
final class RecorderEncoder: Sendable {
    struct Facts: Sendable {
        /// Slots that came out.
        var slots: UInt64 = 0
        /// Slots that were left out because the encoder was too slow, or that it swallowed.
        var lost: UInt64 = 0
        var lastLossAt: UInt64?
    }

    /// Pictures that may wait for the encoder. With more it is given none until it has caught up: one gap and not many.
    private static let patience = 25
    private static let relief = 3

    private enum Track { case picture, sound }

    private struct State {
        var assembler: SlotAssembler
        var facts = Facts()
        var isBehind = false
        /// As last seen, so that they are read once.
        var caps: [Track: Caps] = [:]
        var ended: Set<Track> = []
    }

    private let pipeline: Pipeline
    private let picture: AppSource
    private let sound: AppSource
    private let house: HouseFormat
    private let clock: HouseClock
    private let dayClock: DayClock
    private let black: Buffer
    private let output: @Sendable (SlotAssembler.Item) -> Void
    private let onFailure: @Sendable (String) -> Void
    private let state: Mutex<State>

    /// - Parameter output: in order, on the encoder's threads; it returns at once and does not call back.
    init(
        file: PipelineFile, values: [String: PlaceholderValue], role: RecorderRole, dayClock: DayClock,
        output: @escaping @Sendable (SlotAssembler.Item) -> Void,
        onFailure: @escaping @Sendable (String) -> Void, onWarning: @escaping @Sendable (String) -> Void
    ) throws {
        self.dayClock = dayClock
        self.output = output
        self.onFailure = onFailure
        house = role.house
        clock = HouseClock(role.house)
        black = Buffer.black(role.house)
        state = Mutex(
            State(
                assembler: SlotAssembler(
                    format: MatroskaFormat(
                        width: role.house.width, height: role.house.height, codecPrivate: [],
                        frameMilliseconds: 1000 / role.house.frameRate))))
        let own: [String: PlaceholderValue] = ["videoBitrateKbps": .integer(Int64(role.videoBitrateKbps))]
        pipeline = try file.build(values.merging(own) { $1 }, role.house)
        picture = try AppSource(pipeline.required("picture", in: file.path))
        sound = try AppSource(pipeline.required("sound", in: file.path))
        pipeline.runOnMonotonicTime()
        try attach("picturesink", .picture, in: file.path)
        try attach("soundsink", .sound, in: file.path)
        pipeline.bus.onMessage { message in
            switch message.body {
            case .error(let problem): onFailure("the recorder's \(message.source): \(problem.text)")
            case .warning(let problem): onWarning("\(message.source): \(problem.text)")
            default: break
            }
        }
    }

    private func attach(_ name: String, _ track: Track, in path: String) throws {
        try AppSink(pipeline.required(name, in: path)).onSample(endOfStream: { [weak self] in
            self?.state.withLock { _ = $0.ended.insert(track) }
        }) { [weak self] sample in
            self?.came(sample, track)
        }
    }

    /// Blocks.
    func start() throws {
        try pipeline.setState(.playing)
    }

    /// Gets out what is inside, within so long. Blocks.
    func drain(milliseconds: Int) {
        picture.endOfStream()
        sound.endOfStream()
        let end = MonotonicClock.now() + UInt64(milliseconds) * 1_000_000
        while MonotonicClock.now() < end, state.withLock({ $0.ended.count < 2 }) { MediaThread.sleep(milliseconds: 5) }
    }

    /// Blocks.
    func stop() {
        _ = try? pipeline.setState(.null)
    }

    var facts: Facts {
        state.withLock { state in
            var facts = state.facts
            facts.lost += state.assembler.lost
            return facts
        }
    }

    func push(_ slot: CollectedSlot<Buffer>) {
        let waiting = Int(picture.waitingBytes) / black.size
        let isTaken = state.withLock { state in
            state.isBehind = waiting > (state.isBehind ? Self.relief : Self.patience)
            if state.isBehind {
                state.facts.lost += 1
                state.facts.lastLossAt = MonotonicClock.now()
                return false
            }
            state.assembler.expect(slot)
            return true
        }
        guard isTaken else { return }
        let time = clock.time(of: slot.slot)
        let code = dayClock.timecode(ofSlot: slot.slot, frameRate: house.frameRate)
        sound.push(Buffer.samples(slot.sound, pts: time, duration: clock.frameDuration))
        picture.push(
            (slot.picture ?? black).retimed(
                pts: time, duration: clock.frameDuration,
                timecode: (code.hours, code.minutes, code.seconds, code.frames), frameRate: house.frameRate))
    }

    /// What follows does not join on to what was pushed so far.
    func endRun() {
        state.withLock { state in
            for item in state.assembler.expectEnd() { output(item) }
        }
    }

    private func came(_ sample: Sample, _ track: Track) {
        guard let buffer = sample.buffers.first, let time = sample.runningTime, let caps = sample.caps else { return }
        let slot = clock.slot(nearest: time)
        let problem: String? = state.withLock { state in
            if state.caps[track] != caps {
                state.caps[track] = caps
                if let problem = apply(caps, track, &state.assembler) { return problem }
            }
            let items =
                switch track {
                case .picture: state.assembler.insert(picture: buffer, slot: slot)
                case .sound: state.assembler.insert(sound: buffer, slot: slot)
                }
            state.facts.slots += UInt64(items.count)
            // Under the lock: two threads come here, and the order is everything.
            for item in items { output(item) }
            return nil
        }
        if let problem { onFailure(problem) }
    }

    /// - Returns: why it cannot be put into a file, if so.
    private func apply(_ caps: Caps, _ track: Track, _ assembler: inout SlotAssembler) -> String? {
        let fields = caps.first
        switch track {
        case .picture:
            guard let text = fields?["codec_data"]?.stringValue, let bytes = [UInt8](hexadecimal: text) else {
                return "picturesink gets \(caps), and has to get H.264 with stream-format=avc"
            }
            assembler.format.codecPrivate = bytes
        case .sound:
            let depths = ["S16LE": 16, "S24LE": 24, "S32LE": 32]
            guard let name = fields?["format"]?.stringValue, let depth = depths[name],
                fields?["rate"]?.intValue == Int64(HouseClock.sampleRate), let channels = fields?["channels"]?.intValue
            else { return "soundsink gets \(caps), and has to get S16LE, S24LE or S32LE of 48 kHz" }
            assembler.format.bitDepth = depth
            assembler.format.channels = Int(channels)
        }
        return nil
    }
}

extension [UInt8] {
    fileprivate init?(hexadecimal text: String) {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2), !digits.isEmpty, !digits.contains(nil) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0]! << 4 | digits[$0 + 1]!) }
    }
}
