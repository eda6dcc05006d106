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
        var count: UInt64 = 0
        var lastAt: UInt64?
        var lastPTS: UInt64 = 0
        var peak = PeakHold()
    }

    private let server: FeedServer
    private let onError: @Sendable (String) -> Void
    private let state: Mutex<State>

    init(server: FeedServer, settings: Settings = Settings(), onError: @escaping @Sendable (String) -> Void) {
        self.server = server
        self.onError = onError
        state = Mutex(State(settings: settings))
    }

    /// From the next buffer on.
    func adjust(_ settings: Settings) {
        state.withLock { $0.settings = settings }
    }

    /// - Parameter shift: nanoseconds from the pipeline's running time to the feed's CLOCK_MONOTONIC.
    func take(_ sample: Sample, shift: UInt64) {
        guard let buffer = sample.buffers.first, let time = sample.runningTime, let caps = sample.caps else { return }
        let settings = state.withLock { $0.settings }
        let pts = UInt64(max(0, Int64(time + shift) + settings.delay))
        let now = MonotonicClock.now()
        var outgoing = buffer
        var outgoingCaps = caps.description
        var peak: Float?
        if let shaper = settings.shaper {
            let channels = Int(caps.first?["channels"]?.intValue ?? 2)
            guard channels > 0 else { return }
            var loudest: Float = 0
            outgoing = Buffer.allocate(size: buffer.size / channels * 2) { target in
                buffer.withBytes { loudest = shaper.shape($0, channels: channels, into: target) }
            }
            outgoingCaps = Self.soundCaps
            peak = loudest
        }
        let jumps = state.withLock { state in
            defer {
                state.count += 1
                state.lastAt = now
                state.lastPTS = pts
                if let peak { state.peak.add(peak, now: now) }
            }
            return state.count == 0 || pts < state.lastPTS
        }
        do {
            if !server.isOpen { try server.open(caps: outgoingCaps) }
        } catch {
            onError("\(error)")
            return
        }
        server.send(
            outgoing, flags: jumps ? [.key, .discontinuity] : .key, pts: pts, duration: buffer.duration, sentAt: now)
    }

    func close() {
        if server.isOpen { server.close() }
    }

    func facts(now: UInt64) -> Facts {
        state.withLock { Facts(count: $0.count, lastAt: $0.lastAt, peakDbfs: $0.peak.decibels(now: now)) }
    }

    static let soundCaps =
        "audio/x-raw,format=F32LE,rate=48000,channels=2,layout=interleaved,channel-mask=(bitmask)0x3"
}
