import GStreamer
import Synchronization
import TransportStream

/// Finds a sender's clock from its references (PCR) and when they came. Senders send in bursts, and `tsdemux` moves its
/// timeline with every one of them, which shifts sound against picture for as long as they are apart in the stream:
/// by 25 ms and more with ffmpeg. Given times that follow the references exactly it has nothing to move.
///
/// The offset from the references to our clock changes only slowly, towards the earliest arrivals of late; where
/// the sender's clock jumps, or everything comes too late, it is found anew.
struct StreamClock: Sendable {
    /// Nanoseconds.
    private static let window: Int64 = 1_000_000_000
    private static let windows = 5
    /// Nanoseconds a second: 1000 ppm.
    private static let slew: Int64 = 1_000_000
    /// When all of a window comes later than its time by this, the decoders' margin is gone.
    private static let latest: Int64 = 150_000_000
    private static let earliest: Int64 = -1_000_000_000
    /// A reference that is off by this is of another clock.
    private static let jump: Int64 = 1_000_000_000

    private var lastTicks: UInt64?
    /// Nanoseconds since the first reference, by the sender's clock.
    private var sent: Int64 = 0
    private var offset: Int64 = 0
    private var slewedAt: Int64 = 0
    private var minima: [Int64] = []
    private var windowStart: Int64 = 0
    private var windowMinimum = Int64.max

    /// - Parameters:
    ///   - ticks: the reference, of 27 MHz.
    ///   - arrival: nanoseconds of our clock.
    /// - Returns: the reference's time on our clock.
    mutating func time(of ticks: UInt64, arrival: UInt64) -> UInt64 {
        let arrival = Int64(arrival)
        guard let last = lastTicks else {
            begin(ticks, arrival)
            return UInt64(max(0, sent + offset))
        }
        let forward = (ticks + PacketView.pcrPeriod - last % PacketView.pcrPeriod) % PacketView.pcrPeriod
        // Backwards is a circle less a little.
        let step =
            forward < PacketView.pcrPeriod / 2
            ? Int64(forward) * 1000 / 27 : -Int64(PacketView.pcrPeriod - forward) * 1000 / 27
        lastTicks = ticks
        sent += step
        let raw = arrival - sent
        if step < 0 || abs(raw - offset) > Self.jump {
            begin(ticks, arrival)
        } else {
            observe(raw, at: arrival)
        }
        return UInt64(max(0, sent + offset))
    }

    private mutating func begin(_ ticks: UInt64, _ arrival: Int64) {
        lastTicks = ticks
        sent = 0
        offset = arrival
        slewedAt = arrival
        minima = []
        windowStart = arrival
        windowMinimum = .max
    }

    private mutating func observe(_ raw: Int64, at arrival: Int64) {
        windowMinimum = min(windowMinimum, raw)
        if arrival - windowStart >= Self.window {
            minima = (minima + [windowMinimum]).suffix(Self.windows)
            if windowMinimum - offset > Self.latest || windowMinimum - offset < Self.earliest {
                offset = windowMinimum
                minima = []
            }
            windowStart = arrival
            windowMinimum = .max
        }
        let room = max(0, arrival - slewedAt) * Self.slew / Self.window
        slewedAt = arrival
        guard let target = minima.min() else { return }
        offset += max(-room, min(room, target - offset))
    }
}

/// Gives the buffers of a live transport stream the times of its own clock.
final class StreamTiming: Sendable {
    fileprivate struct State {
        var clock = StreamClock()
        /// Whose references are followed.
        var pid: UInt16?
        var seenAt: UInt64 = 0
        var time: UInt64?
    }

    /// A clock that has not been heard of for so long has been given up by the sender; nanoseconds.
    fileprivate static let patience: UInt64 = 2_000_000_000
    private let state = Mutex(State())

    /// - Returns: nil until the first reference: nothing before it can be placed.
    func retimed(_ buffer: Buffer) -> Buffer? {
        let arrival = buffer.pts
        guard arrival != Buffer.noTime else { return buffer }
        let time = buffer.withBytes { bytes in state.withLock { $0.place(bytes, arrival) } }
        return time.map { buffer.retimed(pts: $0) }
    }
}

extension StreamTiming.State {
    fileprivate mutating func place(_ bytes: UnsafeRawBufferPointer, _ arrival: UInt64) -> UInt64? {
        for at in stride(from: 0, through: bytes.count - PacketView.size, by: PacketView.size) {
            let raw = UnsafeRawBufferPointer(rebasing: bytes[at..<(at + PacketView.size)])
            guard let packet = PacketView(raw), let ticks = packet.pcr else { continue }
            if let pid, pid != packet.pid, arrival < seenAt + StreamTiming.patience { continue }
            pid = packet.pid
            seenAt = arrival
            time = clock.time(of: ticks, arrival: arrival)
            // tsdemux takes the first one of a buffer.
            break
        }
        return time
    }
}
