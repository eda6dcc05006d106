import GStreamer
import Synchronization
import TransportStream
import WorkerProtocol

/// Encodes slots into the transport stream that the links carry, and serves it as the live feed.
final class ProgramEncoder: Sendable {
    struct Facts: Sendable {
        /// Pictures that left the encoder's muxer.
        var frames: UInt64 = 0
        var bytes: UInt64 = 0
        var framesPerSecond: Double?
        var bitrateKbps: Double?
        /// From a picture's time to the muxer's output.
        var delay: DelayFigures?
    }

    /// The encoder's delay, 1024 samples of 48 kHz, which nothing else makes up for.
    private static let soundPriming: UInt64 = 1024 * 1_000_000_000 / 48_000
    /// Keyframes asked for are not nearer to each other than this, or a flapping receiver would eat the picture.
    private static let keyframeSpacing: UInt64 = 200_000_000

    private struct State {
        var facts = Facts()
        var rate = RateMeter()
        var delay = DelayWindow()
        var lastKeyframeAt: UInt64 = 0
        var keyframeWanted = false
    }

    private let pipeline: Pipeline
    private let picture: AppSource
    private let sound: AppSource
    private let encoderOutput: Pad
    private let server: FeedServer
    private let framesPerKey: UInt64
    private let state = Mutex(State())

    init(
        file: PipelineFile, values: [String: PlaceholderValue], role: ProgramRole, instance: String,
        onFailure: @escaping @Sendable (String) -> Void, onWarning: @escaping @Sendable (String) -> Void
    ) throws {
        let interval = role.keyframeSeconds * role.house.frameRate
        framesPerKey = UInt64(interval)
        let own: [String: PlaceholderValue] = [
            "videoBitrateKbps": .integer(Int64(role.videoBitrateKbps)),
            "audioBitrate": .integer(Int64(role.audioBitrateKbps) * 1000),
            "keyframeInterval": .integer(Int64(interval)),
        ]
        pipeline = try file.build(values.merging(own) { $1 }, role.house)
        picture = try AppSource(pipeline.required("picture", in: file.path))
        sound = try AppSource(pipeline.required("sound", in: file.path))
        encoderOutput = try pipeline.required("videoencoder", in: file.path).pad("src")
        // Four seconds for one reader.
        let limit = (role.videoBitrateKbps + role.audioBitrateKbps) * 1000 / 8 * 4
        server = FeedServer(
            path: role.liveFeed, instance: instance, policy: .dropToKey, limitBytes: limit, urgent: true)
        pipeline.runOnMonotonicTime()
        encoderOutput.onBuffer { [weak encoderOutput] accessUnit in
            guard let time = encoderOutput?.runningTime(of: accessUnit.pts) else { return .pass }
            return .replace(Self.stamped(accessUnit, time: time))
        }
        try AppSink(pipeline.required("feedsink", in: file.path)).onSample { [weak self] in self?.muxed($0, onFailure) }
        pipeline.bus.onMessage { message in
            switch message.body {
            case .error(let problem): onFailure("the programme's \(message.source): \(problem.text)")
            case .warning(let problem): onWarning("\(message.source): \(problem.text)")
            case .endOfStream: onFailure("the programme's pipeline has ended")
            default: break
            }
        }
    }

    /// Blocks.
    func start() throws {
        try pipeline.setState(.playing)
    }

    /// Blocks.
    func stop() {
        server.close()
        _ = try? pipeline.setState(.null)
    }

    /// Of a slot the picture; its sound is pushed before.
    func push(_ slot: ProgramSlot, frameDuration: UInt64) {
        let now = MonotonicClock.now()
        let needsKey = state.withLock { state in
            // Nothing of another picture is of use for the first one after a cut.
            if slot.isCut { state.keyframeWanted = true }
            let isDue = slot.slot % framesPerKey == 0
            let isWanted = state.keyframeWanted && now - state.lastKeyframeAt >= Self.keyframeSpacing
            guard isDue || isWanted else { return false }
            state.lastKeyframeAt = now
            state.keyframeWanted = false
            return true
        }
        // With all headers: then PAT, PMT and IDR leave the muxer together.
        if needsKey { encoderOutput.send(.forceKeyUnit(allHeaders: true)) }
        picture.push(slot.picture.retimed(pts: slot.time, duration: frameDuration))
    }

    func push(_ piece: ProgramSound) {
        let duration = UInt64(piece.samples.count / 2) * 1_000_000_000 / UInt64(HouseClock.sampleRate)
        sound.push(Buffer.samples(piece.samples, pts: piece.time - Self.soundPriming, duration: duration))
    }

    func requestKeyframe() {
        state.withLock { $0.keyframeWanted = true }
    }

    func facts(now: UInt64) -> Facts {
        state.withLock { state in
            var facts = state.facts
            facts.framesPerSecond = state.rate.perSecond(now: now)?.frames
            facts.bitrateKbps = (state.rate.perSecond(now: now)?.bytes).map { $0 * 8 / 1000 }
            facts.delay = state.delay.figures(now: now)
            return facts
        }
    }

    /// The frame's time of day, put before its first slice.
    /// - Parameter slotTime: its time in the programme, CLOCK_MONOTONIC nanoseconds.
    private static func stamped(_ accessUnit: Buffer, time slotTime: UInt64) -> Buffer {
        // Asked anew for each: a venue's clock is held against the one we have now.
        let time = DayClock.now().wallTime(at: slotTime) / 1000
        var offset: Int?
        accessUnit.withBytes { bytes in
            AnnexB.forEachUnit(in: bytes) { unit in
                if unit.kind.isPicture { offset = unit.startCodeOffset }
                return offset == nil
            }
        }
        guard let offset, time > 0 else { return accessUnit }
        // Not locked to a reference that we know of (MISB ST 0603, bit 7).
        let stamp = PrecisionTimeStamp(microseconds: UInt64(time), status: 0x9F)
        return accessUnit.inserting(stamp.annexB, at: offset)
    }

    /// One list is what the muxer made of one picture or one piece of sound.
    private func muxed(_ sample: Sample, _ onFailure: (String) -> Void) {
        let now = MonotonicClock.now()
        let buffer = Buffer.joining(sample.buffers)
        let kind = buffer.withBytes { GroupKind(of: $0) }
        do {
            if !server.isOpen { try server.open(caps: "video/mpegts,systemstream=(boolean)true,packetsize=(int)188") }
        } catch {
            onFailure("\(error)")
        }
        server.send(
            buffer, flags: kind.isKey ? .key : [], pts: sample.runningTime ?? Buffer.noTime,
            duration: Buffer.noTime, sentAt: now)
        state.withLock { state in
            if kind.hasPicture {
                state.facts.frames += 1
                if let time = sample.runningTime { state.delay.add(from: time, to: now) }
            }
            state.facts.bytes += UInt64(buffer.size)
            state.rate.add(frames: kind.hasPicture ? 1 : 0, bytes: UInt64(buffer.size), now: now)
        }
    }
}

/// What a group of packets holds.
private struct GroupKind {
    /// PAT, PMT and an IDR: a receiver may begin here.
    var isKey = false
    var hasPicture = false

    init(of bytes: UnsafeRawBufferPointer) {
        var beginsWithTable = false
        var at = 0
        while at + PacketView.size <= bytes.count {
            guard let packet = PacketView(UnsafeRawBufferPointer(rebasing: bytes[at..<(at + PacketView.size)])) else {
                return
            }
            if at == 0 { beginsWithTable = packet.pid == 0 }
            if packet.pid == 256, packet.payloadUnitStart {
                hasPicture = true
                isKey = beginsWithTable && packet.randomAccess
                return
            }
            at += PacketView.size
        }
    }
}
