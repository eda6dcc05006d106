import CLinux
import GStreamer
import Glibc
import Synchronization
import WorkerProtocol

/// Reads the two feeds that are recorded and hands on what belongs to each slot. Neither the feeds nor whoever takes the
/// slots is ever waited for.
final class RecorderIntake: Sendable {
    struct Facts: Sendable {
        var pictureConnected = false
        var soundConnected = false
        /// The feed does not send the house format.
        var isForeign = false
        var repeatedFrames: UInt64 = 0
        /// Slots handed on.
        var slots: UInt64 = 0
        /// CLOCK_MONOTONIC nanoseconds; nil while nothing comes in.
        var runningSince: UInt64?
        var lastRepeatAt: UInt64?
    }

    private struct State {
        var collector: SlotCollector<Buffer>
        var facts = Facts()
        var isStopped = false
    }

    private let house: HouseFormat
    private let pictureReader: FeedReader
    private let soundReader: FeedReader
    private let onSlot: @Sendable (CollectedSlot<Buffer>) -> Void
    private let onEnd: @Sendable () -> Void
    private let state: Mutex<State>
    private let wake = clinux_eventfd()

    /// - Parameters:
    ///   - onSlot: on a thread of the intake's own; it should return soon.
    ///   - onEnd: nothing has come for a while; the next slot will not follow the last one.
    init(
        _ feeds: InputFeeds, house: HouseFormat, isOnGrid: Bool,
        onSlot: @escaping @Sendable (CollectedSlot<Buffer>) -> Void,
        onEnd: @escaping @Sendable () -> Void
    ) {
        self.house = house
        self.onSlot = onSlot
        self.onEnd = onEnd
        pictureReader = FeedReader(path: feeds.picture)
        soundReader = FeedReader(path: feeds.sound)
        state = Mutex(State(collector: SlotCollector(clock: HouseClock(house), isOnGrid: isOnGrid)))
    }

    deinit {
        close(wake)
    }

    func start() {
        pictureReader.start(PictureConsumer(self))
        soundReader.start(SoundConsumer(self))
        MediaThread.start("recorder-slots") { [self] in pump() }
    }

    /// Nothing is handed on any more within a moment of this.
    func stop() {
        pictureReader.stop()
        soundReader.stop()
        state.withLock { $0.isStopped = true }
        signal()
    }

    var facts: Facts { state.withLock { $0.facts } }

    private func pump() {
        while true {
            let now = MonotonicClock.now()
            let (outcome, isStopped) = state.withLock { state in
                let outcome = state.collector.take(now: now)
                note(outcome, &state.facts, now)
                return (outcome, state.isStopped)
            }
            if isStopped { return }
            switch outcome {
            case .slot(let slot): onSlot(slot)
            case .ended: onEnd()
            case .wait(let time): wait(until: time, now)
            }
        }
    }

    private func note(_ outcome: SlotCollector<Buffer>.Outcome, _ facts: inout Facts, _ now: UInt64) {
        switch outcome {
        case .slot(let slot):
            facts.slots += 1
            facts.runningSince = facts.runningSince ?? now
            if slot.isRepeated {
                facts.repeatedFrames += 1
                facts.lastRepeatAt = now
            }
        case .ended: facts.runningSince = nil
        case .wait: break
        }
    }

    /// Until something arrives, and no longer than it takes to notice that nothing does.
    private func wait(until time: UInt64, _ now: UInt64) {
        var waits = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        let milliseconds = time > now ? min((time - now) / 1_000_000 + 1, 500) : 0
        poll(&waits, 1, Int32(milliseconds))
        var count: UInt64 = 0
        _ = read(wake, &count, 8)
    }

    private func signal() {
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }
}

// MARK: - What the feeds bring

extension RecorderIntake {
    fileprivate func connected(picture caps: String) {
        let fits = house.fits(caps)
        state.withLock { state in
            state.facts.pictureConnected = fits
            state.facts.isForeign = !fits
        }
    }

    fileprivate func received(picture buffer: Buffer, _ header: FeedHeader) {
        let now = MonotonicClock.now()
        state.withLock { state in
            guard state.facts.pictureConnected else { return }
            state.collector.insert(buffer, time: header.pts, now: now)
        }
        signal()
    }

    fileprivate func received(sound buffer: Buffer, _ header: FeedHeader) {
        let now = MonotonicClock.now()
        buffer.withBytes { bytes in
            state.withLock {
                $0.collector.insert(
                    bytes.assumingMemoryBound(to: Float.self), time: header.pts,
                    jumps: header.flags.contains(.discontinuity), now: now)
            }
        }
        signal()
    }

    fileprivate func set(_ track: WritableKeyPath<Facts, Bool> & Sendable, _ value: Bool) {
        state.withLock { $0.facts[keyPath: track] = value }
    }
}

private final class PictureConsumer: FeedConsumer {
    let intake: RecorderIntake
    init(_ intake: RecorderIntake) { self.intake = intake }
    func feedConnected(caps: String) { intake.connected(picture: caps) }
    func feedReceived(_ header: FeedHeader, _ buffer: Buffer) { intake.received(picture: buffer, header) }
    func feedDisconnected() { intake.set(\.pictureConnected, false) }
}

private final class SoundConsumer: FeedConsumer {
    let intake: RecorderIntake
    init(_ intake: RecorderIntake) { self.intake = intake }
    func feedConnected(caps: String) { intake.set(\.soundConnected, true) }
    func feedReceived(_ header: FeedHeader, _ buffer: Buffer) { intake.received(sound: buffer, header) }
    func feedDisconnected() { intake.set(\.soundConnected, false) }
}
