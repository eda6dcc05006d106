/// What was collected for one slot of the house's clock.
struct CollectedSlot<Picture: Sendable>: Sendable {
    var slot: UInt64
    /// Its own, or the latest before it; nil when there has never been one.
    var picture: Picture?
    var isRepeated: Bool
    /// Interleaved stereo; silence where nothing came.
    var sound: [Float]
    var missingSamples: Int
}

/// Puts what two feeds bring on the house's grid: exactly one picture and its samples for every slot, one slot after the
/// other, and what had to stand in for something missing is marked. A decision without effects; it is told the time.
struct SlotCollector<Picture: Sendable>: Sendable {
    enum Outcome: Sendable {
        case slot(CollectedSlot<Picture>)
        /// Nothing to be done before this time, unless something arrives.
        case wait(until: UInt64)
        /// Nothing has come for `endurance`: the run is over. Said once.
        case ended
    }

    /// How long after its time a slot waits for its media, nanoseconds; the programme sends it 0.2 s after. A busy machine
    /// lets a source stand for a second; with two, a recording that goes on would look as if it did not
    /// (`RecorderJudgement.freshness`).
    static var patience: UInt64 { 1_500_000_000 }
    /// A source that is silent altogether is stood in for this long.
    static var endurance: UInt64 { 5_000_000_000 }
    /// Of a clock that is not ours.
    private static var nonsense: UInt64 { 5_000_000_000 }
    /// `take` is asked twice a second at least. After longer than this we were not let run ourselves, and what came
    /// meanwhile has still to be read: nothing is given up before it has been.
    private static var inattention: UInt64 { 750_000_000 }
    private static var grace: UInt64 { 500_000_000 }

    /// When a track's media came.
    private struct Flow: Sendable {
        private static var pause: UInt64 { 250_000_000 }

        private(set) var at: UInt64?
        /// Since when it has been coming without a pause.
        private(set) var since: UInt64 = 0

        mutating func came(_ now: UInt64) {
            if at.map({ now > $0 + Self.pause }) ?? true { since = now }
            at = now
        }

        func isSilent(_ now: UInt64) -> Bool { at.map { now >= $0 + patience } ?? true }

        /// It is silent, and the other one has been coming for as long as a slot may wait. Where both were silent, their
        /// source was: the one that comes first after it is not alone.
        func isDead(beside other: Flow, _ now: UInt64) -> Bool {
            isSilent(now) && !other.isSilent(now) && now >= other.since + patience
        }
    }

    private let clock: HouseClock
    /// Sound is on the grid as well: what is not where the last one ended comes after a hole.
    private let isOnGrid: Bool
    /// The slot to be given next; nil between two runs.
    private(set) var next: UInt64?
    /// Waiting, by slot, ascending.
    private var pictures: [(slot: UInt64, picture: Picture)] = []
    private var shown: Picture?
    private var sounds = SoundTimeline()
    /// Stretches of sound that came, in samples, ascending.
    private var covered: [Range<Int64>] = []
    private var pictureFlow = Flow()
    private var soundFlow = Flow()
    private var lookedAt: UInt64?
    private var excusedUntil: UInt64 = 0
    /// Between two runs: when the first piece of either track came.
    private var waitingSince: UInt64?
    /// And the latest slot of which one was passed over.
    private var passedOver: UInt64 = 0

    /// - Parameter isOnGrid: of the programme. A source with a clock of its own is followed instead.
    init(clock: HouseClock, isOnGrid: Bool) {
        self.clock = clock
        self.isOnGrid = isOnGrid
    }

    mutating func insert(_ picture: Picture, time: UInt64, now: UInt64) {
        let slot = clock.slot(nearest: time)
        guard time < now + Self.nonsense else { return }
        pictureFlow.came(now)
        beginIfDue(slot, now)
        guard let next, slot >= next else { return }
        // A source that began anew counts from here.
        pictures.removeAll { $0.slot >= slot }
        pictures.append((slot, picture))
    }

    /// - Parameter jumps: something before it was left out.
    mutating func insert(_ samples: UnsafeBufferPointer<Float>, time: UInt64, jumps: Bool = false, now: UInt64) {
        guard time < now + Self.nonsense else { return }
        soundFlow.came(now)
        beginIfDue(clock.slot(at: time), now)
        guard next != nil else { return }
        let before = sounds.end
        let place = HouseClock.sample(nearest: time)
        guard sounds.write(samples, at: place, jumps: jumps || isOnGrid), let end = sounds.end else { return }
        let start = end - Int64(samples.count / 2)
        // Following a source's clock may take a sample more or less.
        if let before, let last = covered.last, last.upperBound == before, abs(start - before) <= 1 {
            covered[covered.count - 1] = last.lowerBound..<end
        } else {
            covered.append(start..<end)
        }
    }

    /// To be asked again until it says `wait`.
    mutating func take(now: UInt64) -> Outcome {
        if let lookedAt, now > lookedAt + Self.inattention { excusedUntil = now + Self.grace }
        lookedAt = now
        guard let slot = next else { return .wait(until: .max) }
        // Both tracks have come this far.
        let hasPicture = pictures.last.map { $0.slot >= slot } ?? false
        let hasSound = sounds.end.map { $0 >= clock.firstSample(of: slot + 1) } ?? false
        if hasPicture, hasSound { return .slot(give(slot)) }
        if now < excusedUntil { return .wait(until: excusedUntil) }
        if now > max(pictureFlow.at ?? 0, soundFlow.at ?? 0) + Self.endurance {
            end()
            return .ended
        }
        let deadline = clock.time(of: slot) + Self.patience
        let isAlone =
            (hasPicture || pictureFlow.isDead(beside: soundFlow, now))
            && (hasSound || soundFlow.isDead(beside: pictureFlow, now))
        guard now >= deadline || isAlone else { return .wait(until: deadline) }
        return .slot(give(slot))
    }

    private mutating func give(_ slot: UInt64) -> CollectedSlot<Picture> {
        var isRepeated = true
        while let first = pictures.first, first.slot <= slot {
            shown = first.picture
            isRepeated = first.slot != slot
            pictures.removeFirst()
        }
        let place = clock.firstSample(of: slot)
        let end = clock.firstSample(of: slot + 1)
        var sound = [Float](repeating: 0, count: clock.samplesPerFrame * 2)
        sound.withUnsafeMutableBufferPointer { sounds.read(at: place, into: $0) }
        let came = covered.reduce(Int64(0)) { $0 + max(0, min($1.upperBound, end) - max($1.lowerBound, place)) }
        covered.removeAll { $0.upperBound <= end }
        next = slot + 1
        return CollectedSlot(
            slot: slot, picture: shown, isRepeated: isRepeated, sound: sound,
            missingSamples: clock.samplesPerFrame - Int(came))
    }

    /// A run begins when both tracks have come, or when one of them has stayed alone for as long as a slot may wait.
    private mutating func beginIfDue(_ slot: UInt64, _ now: UInt64) {
        guard next == nil else { return }
        let since = waitingSince ?? now
        waitingSince = since
        passedOver = max(passedOver, slot)
        let both = [pictureFlow.at, soundFlow.at].allSatisfy { $0.map { $0 >= since } ?? false }
        // A piece of sound may reach into the slot after its own. Two threads bring the tracks: `since` may be the later time.
        if both || now > since + Self.patience { begin(passedOver + 2) }
    }

    private mutating func begin(_ slot: UInt64) {
        next = slot
        // Sound from here on is in time.
        sounds = SoundTimeline()
        var nothing = [Float](repeating: 0, count: 2)
        nothing.withUnsafeMutableBufferPointer { sounds.read(at: clock.firstSample(of: slot) - 1, into: $0) }
    }

    private mutating func end() {
        next = nil
        pictures.removeAll()
        covered.removeAll()
        shown = nil
        waitingSince = nil
        passedOver = 0
    }
}
