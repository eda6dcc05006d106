import GStreamer
import Synchronization

/// One of an input's two tracks: from the pipeline's sink to its feed, with what status wants to know.
final class InputTrack: Sendable {
    struct Facts: Sendable {
        /// Since the worker began.
        var count: UInt64 = 0
        /// CLOCK_MONOTONIC nanoseconds of the last one; nil before the first.
        var lastAt: UInt64?
        var peakDbfs: Double?
    }

    /// What can be changed on air.
    struct Settings: Sendable {
        /// Nil for the picture.
        var shaper: SoundShaper?
        /// Nanoseconds by which this track is later than the source says.
        var delay: Int64 = 0
    }

    private struct State {
        var settings: Settings
        /// The delay has been changed.
        var jumps = false
        var count: UInt64 = 0
        var lastAt: UInt64?
        var end: UInt64?
        var peak = PeakHold()
    }

    private let server: FeedServer
    private let isSound: Bool
    private let onError: @Sendable (String) -> Void
    /// Sees each one after it has gone out.
    private let onSent: @Sendable (Buffer, Caps) -> Void
    private let state: Mutex<State>

    init(
        server: FeedServer, settings: Settings = Settings(), onError: @escaping @Sendable (String) -> Void,
        onSent: @escaping @Sendable (Buffer, Caps) -> Void = { _, _ in }
    ) {
        self.server = server
        self.onSent = onSent
        self.onError = onError
        isSound = settings.shaper != nil
        state = Mutex(State(settings: settings))
    }

    /// From the next buffer on.
    func adjust(_ settings: Settings) {
        state.withLock { state in
            state.jumps = state.jumps || settings.delay != state.settings.delay
            state.settings = settings
        }
    }

    /// Makes the feed appear, before there is anything in it.
    func open(_ sample: Sample) {
        guard let caps = sample.caps, !server.isOpen else { return }
        do {
            try server.open(caps: isSound ? Self.soundCaps : caps.description)
        } catch {
            onError("\(error)")
        }
    }

    /// - Parameters:
    ///   - time: its place in the feed's time, CLOCK_MONOTONIC nanoseconds, without the delay.
    ///   - jumps: it does not follow what came before.
    func take(_ sample: Sample, at time: UInt64, jumps: Bool) {
        guard let buffer = sample.buffers.first, let caps = sample.caps else { return }
        let now = MonotonicClock.now()
        let (settings, isMoved) = state.withLock { state in
            defer { state.jumps = false }
            return (state.settings, state.jumps)
        }
        var outgoing = buffer
        var duration = buffer.duration
        var peak: Float?
        if let shaper = settings.shaper {
            let channels = Int(caps.first?["channels"]?.intValue ?? 2)
            guard channels > 0 else { return }
            var loudest: Float = 0
            outgoing = Buffer.allocate(size: buffer.size / channels * 2) { target in
                buffer.withBytes { loudest = shaper.shape($0, channels: channels, into: target) }
            }
            // 8 bytes a frame of two samples.
            duration = UInt64(outgoing.size / 8) * 1_000_000_000 / UInt64(HouseClock.sampleRate)
            peak = loudest
        }
        state.withLock { state in
            state.count += 1
            state.lastAt = now
            state.end = duration == Buffer.noTime ? nil : time + duration
            if let peak { state.peak.add(peak, now: now) }
        }
        open(sample)
        server.send(
            outgoing, flags: jumps || isMoved ? [.key, .discontinuity] : .key,
            pts: UInt64(max(0, Int64(time) + settings.delay)), duration: duration, sentAt: now)
        onSent(outgoing, caps)
    }

    func close() {
        if server.isOpen { server.close() }
    }

    /// Where the last one ends in the feed's time, without the delay; nil before the first.
    var end: UInt64? { state.withLock { $0.end } }

    func facts(now: UInt64) -> Facts {
        state.withLock { Facts(count: $0.count, lastAt: $0.lastAt, peakDbfs: $0.peak.decibels(now: now)) }
    }

    static let soundCaps =
        "audio/x-raw,format=F32LE,rate=48000,channels=2,layout=interleaved,channel-mask=(bitmask)0x3"
}
