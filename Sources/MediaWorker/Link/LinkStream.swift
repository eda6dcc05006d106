import GStreamer
import Synchronization
import TransportStream
import WorkerProtocol

/// The way of the media through a link: from the feed through gate and splicer into the pipeline. Never waits: what a
/// sender cannot take is left out up to the next key group.
final class LinkStream: Sendable {
    /// Nanoseconds of the stream that may wait for the sender.
    static let longestWait: UInt64 = 500_000_000
    /// A feed that is connected and gives nothing for this long is as good as gone, nanoseconds.
    static let silence: UInt64 = 1_000_000_000

    private struct State {
        var gate = FeedGate()
        var splicer = TransportStreamSplicer()
        var source: AppSource?
        var isConnected = false
        var lastReceived: UInt64 = 0
        /// When the key group that opened the gate had left the muxer.
        var openedAt: UInt64 = 0
        /// Bytes while a receiver was there.
        var received: UInt64 = 0
        var overflows: UInt64 = 0
        var joins: UInt64 = 0
        /// The receiver that is there takes what comes, as far as is known.
        var isServing = false
        /// Which reader is listened to.
        var epoch: UInt64 = 0
    }

    private struct Meter {
        var sent: UInt64 = 0
        /// When the message that reached the sender last had left the muxer.
        var newestSentAt: UInt64 = 0
        var window = DelayWindow()
        var trail = FrameTrail()
        var pacer: Pacer
    }

    private let state = Mutex(State())
    private let meter: Mutex<Meter>
    private let onKeyNeeded: @Sendable () -> Void

    /// - Parameters:
    ///   - maximumKbps: the pace; 0 is none.
    ///   - onKeyNeeded: called from whichever thread when a key group is waited for.
    init(maximumKbps: Int, onKeyNeeded: @escaping @Sendable () -> Void) {
        meter = Mutex(Meter(pacer: Pacer(kilobitsPerSecond: maximumKbps)))
        self.onKeyNeeded = onKeyNeeded
    }

    // MARK: The pipeline's side

    func attach(_ source: AppSource) {
        state.withLock { $0.source = source }
    }

    /// A piece is about to enter the sender. Called on the pipeline's own thread, which waits here for its turn; what
    /// comes on top of that wait is our own queueing.
    func entered(_ buffer: Buffer) {
        let due = meter.withLock { $0.pacer.due(readyAt: buffer.pts) }
        MediaThread.sleep(until: due)
        let now = MonotonicClock.now()
        meter.withLock { meter in
            meter.sent += UInt64(buffer.size)
            meter.newestSentAt = buffer.pts
            meter.window.add(from: due, to: now)
            meter.trail.left(sentAt: buffer.pts, at: now)
            meter.pacer.sent(bytes: buffer.size, due: due, now: now)
        }
    }

    func receiverJoined() {
        state.withLock { state in
            state.gate.receiverJoined(isServing: state.isServing)
            state.joins += 1
        }
        onKeyNeeded()
    }

    /// - Parameter joins: how many had joined when it was seen that nobody was there: a newer one stays.
    func receiverLeft(joins: UInt64) {
        state.withLock { state in
            if state.joins == joins { state.gate.receiverLeft() }
        }
    }

    /// Whether the receiver that is there takes what comes.
    func note(isServing: Bool) {
        state.withLock { $0.isServing = isServing }
    }

    var joins: UInt64 { state.withLock { $0.joins } }
    var hasReceiver: Bool { state.withLock { $0.gate.hasReceiver } }
    /// A receiver and a programme are there, and no key group has come yet.
    var awaitsKey: Bool { state.withLock { $0.gate.awaitsKey && $0.isConnected } }

    /// The keyframe that was asked for has not come.
    func askAgain() { onKeyNeeded() }

    // MARK: What is known

    struct Counters: Sendable {
        /// Bytes of the feed while a receiver was there.
        var received: UInt64
        /// Bytes given to the sender.
        var sent: UInt64
        /// How often media was left out because the sender did not take it.
        var overflows: UInt64
        /// No programme comes in.
        var isStarved: Bool
        var queueingP99Ms: Double?
        /// Of the pictures of the last seconds.
        var delays: FrameDelays
    }

    func counters() -> Counters {
        let now = MonotonicClock.now()
        let (sent, window, trail) = meter.withLock { ($0.sent, $0.window, $0.trail) }
        return state.withLock { state in
            Counters(
                received: state.received, sent: sent, overflows: state.overflows,
                isStarved: !state.isConnected || now > state.lastReceived + Self.silence,
                queueingP99Ms: window.p99Ms(now: now), delays: trail.delays(now: now))
        }
    }

    // MARK: The feed's side

    /// From now on another reader is listened to, and no other any more.
    func beginEpoch() -> UInt64 {
        state.withLock { state in
            state.epoch += 1
            state.isConnected = false
            state.gate.feedRestarted()
            return state.epoch
        }
    }

    func feedConnected(_ epoch: UInt64) {
        let wanted = state.withLock { state in
            guard epoch == state.epoch else { return false }
            state.isConnected = true
            state.lastReceived = MonotonicClock.now()
            state.gate.feedRestarted()
            return state.gate.hasReceiver
        }
        if wanted { onKeyNeeded() }
    }

    func feedDisconnected(_ epoch: UInt64) {
        state.withLock { state in
            if epoch == state.epoch { state.isConnected = false }
        }
    }

    func feedReceived(_ header: FeedHeader, _ buffer: Buffer, _ epoch: UInt64) {
        let now = MonotonicClock.now()
        let newestSentAt = meter.withLock { $0.newestSentAt }
        let overflowed = state.withLock { state -> Bool in
            guard epoch == state.epoch else { return false }
            state.lastReceived = now
            guard state.gate.hasReceiver, let source = state.source else { return false }
            state.received += UInt64(buffer.size)
            let waitsSince = max(newestSentAt, state.openedAt)
            let overflows =
                state.gate.isOpen && header.sentAt > waitsSince + Self.longestWait && source.waitingBytes > 0
            if overflows {
                state.gate.overflowed()
                state.overflows += 1
            }
            let isKey = header.flags.contains(.key)
            let discontinuity = header.flags.contains(.discontinuity)
            let wasOpen = state.gate.isOpen
            guard !overflows,
                case .pass(let splice) = state.gate.admit(isKey: isKey, discontinuity: discontinuity)
            else { return overflows }
            if !wasOpen { state.openedAt = header.sentAt }
            if splice { state.splicer.splice() }
            // Before the sender can have it.
            follow(header, buffer, receivedAt: now)
            // The feed's buffer stays as it is: the counters are rewritten in copies.
            buffer.withBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: Pacer.piece) {
                    let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + Pacer.piece, bytes.count)])
                    source.push(
                        Buffer.allocate(size: piece.count, pts: header.sentAt) {
                            $0.copyMemory(from: piece)
                            state.splicer.process($0)
                        })
                }
            }
            return false
        }
        if overflowed { onKeyNeeded() }
    }

    private func follow(_ header: FeedHeader, _ buffer: Buffer, receivedAt now: UInt64) {
        guard let stamp = buffer.withBytes({ PrecisionTimeStamp(group: $0) }) else { return }
        // Asked anew for each: the wall clock may have been set.
        let stamped = Int64(clamping: stamp.microseconds).multipliedReportingOverflow(by: 1000).partialValue
        let monotonic = stamped.subtractingReportingOverflow(DayClock.now().offset).partialValue
        meter.withLock {
            $0.trail.received(
                capturedAt: header.pts == FeedHeader.unknownTime ? nil : header.pts,
                stampedAt: UInt64(exactly: monotonic), sentAt: header.sentAt, receivedAt: now)
        }
    }
}
