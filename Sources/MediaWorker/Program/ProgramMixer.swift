import GStreamer
import Glibc
import Synchronization
import WorkerProtocol

/// What goes out for one slot of the house's clock.
struct ProgramSlot: Sendable {
    var time: UInt64
    var slot: UInt64
    var picture: Buffer
    var sound: [Float]
    /// The picture is another source's than the one before.
    var isCut = false
}

/// Part of a slot's sound.
struct ProgramSound: Sendable {
    var time: UInt64
    var samples: [Float]
}

/// The programme's heart: once for each frame of the house's clock it decides who is on air and hands on exactly one
/// picture and the sound that belongs to it. It depends on no input: who has nothing to give is passed over.
final class ProgramMixer: Sendable {
    struct Snapshot: Sendable {
        var decision: Failover.Decision
        var taken: Failover.Source?
        var pictures: [Failover.Quality]
        var sounds: [Failover.Quality]
        var isMuted: Bool
        var peakDbfs: Double?
        var ticks: UInt64
        /// When decision or mute changed, CLOCK_MONOTONIC nanoseconds.
        var changedAt: UInt64
    }

    /// How long a slot waits for its media: what an input sends at its time has arrived by then.
    static let patience: UInt64 = 200_000_000
    /// Sound goes out in pieces of this length, nanoseconds; the last of a slot's goes with the picture. The muxer puts
    /// everything in order of time: a picture waits there for sound, and in whole slots that came in fits and starts.
    private static let piece: UInt64 = 10_000_000

    private struct State {
        var failover: Failover
        var fader: SoundFader
        var isMuted = false
        var peak = PeakHold()
        var ticks: UInt64 = 0
        /// CLOCK_MONOTONIC nanoseconds at which what is seen and heard was last changed.
        var changedAt: UInt64 = 0
        var lastSeen: (Failover.Decision, isMuted: Bool)?
        var isStopped = false
    }

    private let clock: HouseClock
    private let inputs: [ProgramInput]
    private let slates: [String: Buffer]
    private let plain: Buffer
    private let onSound: @Sendable (ProgramSound) -> Void
    private let onSlot: @Sendable (ProgramSlot) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - slates: by id; holds at least `Failover.faultSlate`.
    ///   - onSound: gets a slot's sound piece by piece.
    ///   - onSlot: gets the whole, when all its pieces are out.
    init(
        house: HouseFormat, inputs: [ProgramInput], slates: [String: Buffer], returnAfterSeconds: Double,
        onSound: @escaping @Sendable (ProgramSound) -> Void, onSlot: @escaping @Sendable (ProgramSlot) -> Void
    ) {
        clock = HouseClock(house)
        self.inputs = inputs
        self.slates = slates
        plain = slates[Failover.faultSlate]!
        self.onSound = onSound
        self.onSlot = onSlot
        state = Mutex(
            State(
                failover: Failover(inputs: inputs.count, returnAfter: UInt64(returnAfterSeconds * 1e9)),
                fader: SoundFader(sources: inputs.count)))
    }

    func start() {
        MediaThread.start("mixer") { [self] in
            var slot = clock.slot(at: MonotonicClock.now()) + 1
            while !state.withLock({ $0.isStopped }) {
                play(slot)
                slot += 1
                // A machine that stood still is not caught up with frame by frame for ever.
                let due = clock.slot(at: MonotonicClock.now() - Self.patience)
                if due > slot + 25 { slot = due }
            }
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
    }

    /// Nil is automatic.
    func take(_ source: Failover.Source?, force: Bool) {
        state.withLock { $0.failover.take(source, force: force) }
    }

    func isDead(_ input: Int) -> Bool {
        state.withLock { $0.failover.isDead(input) }
    }

    func mute(_ isMuted: Bool) {
        state.withLock { $0.isMuted = isMuted }
    }

    func snapshot() -> Snapshot {
        let now = MonotonicClock.now()
        return state.withLock { state in
            Snapshot(
                decision: state.failover.decision, taken: state.failover.taken, pictures: state.failover.pictures,
                sounds: state.failover.sounds, isMuted: state.isMuted, peakDbfs: state.peak.decibels(now: now),
                ticks: state.ticks, changedAt: state.changedAt)
        }
    }

    /// Takes as long as the slot does.
    private func play(_ slot: UInt64) {
        let time = clock.time(of: slot)
        let first = time + Self.patience - (clock.frameDuration - Self.piece)
        MediaThread.sleep(until: first)
        let (decision, isMuted, isCut) = decide()
        var sound: [Float] = []
        for offset in stride(from: 0, to: clock.frameDuration, by: Int(Self.piece)) {
            MediaThread.sleep(until: first + offset)
            let samples = mixSound(at: time + offset, heard: isMuted ? nil : decision.sound)
            onSound(ProgramSound(time: time + offset, samples: samples))
            sound += samples
        }
        // Each input's timeline moves on, on air or not.
        let frames = inputs.map { $0.frame(for: slot) }
        let picture: Buffer? =
            switch decision.picture {
            case .input(let index): frames[index]
            case .slate(let id): slates[id]
            }
        onSlot(ProgramSlot(time: time, slot: slot, picture: picture ?? plain, sound: sound, isCut: isCut))
    }

    private func decide() -> (Failover.Decision, isMuted: Bool, isCut: Bool) {
        let now = MonotonicClock.now()
        let facts = inputs.map { $0.facts(now: now) }
        return state.withLock { state in
            state.ticks += 1
            let decision = state.failover.update(facts, now: now)
            let isCut = state.lastSeen?.0.picture != decision.picture
            if state.lastSeen.map({ $0 != (decision, isMuted: state.isMuted) }) ?? true {
                state.lastSeen = (decision, state.isMuted)
                state.changedAt = now
            }
            return (decision, state.isMuted, isCut)
        }
    }

    private func mixSound(at time: UInt64, heard: Int?) -> [Float] {
        let place = HouseClock.sample(nearest: time)
        var mixed = [Float](repeating: 0, count: HouseClock.sampleRate / Int(1_000_000_000 / Self.piece) * 2)
        var source = mixed
        for (index, input) in inputs.enumerated() {
            source.withUnsafeMutableBufferPointer { input.readSound(at: place, into: $0) }
            state.withLock { state in
                mixed.withUnsafeMutableBufferPointer { target in
                    source.withUnsafeBufferPointer {
                        state.fader.mix(source: index, $0, gain: index == heard ? 1 : 0, into: target)
                    }
                }
            }
        }
        let peak = mixed.reduce(Float(0)) { max($0, abs($1)) }
        state.withLock { $0.peak.add(peak, now: MonotonicClock.now()) }
        return mixed
    }
}
