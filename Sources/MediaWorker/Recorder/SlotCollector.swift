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

    /// How long after its time a slot waits for its media, nanoseconds; the programme sends it 0.2 s after.
    static var patience: UInt64 { 1_000_000_000 }
    /// A source that is silent altogether is stood in for this long.
    static var endurance: UInt64 { 5_000_000_000 }
    /// Of a clock that is not ours.
    private static var nonsense: UInt64 { 5_000_000_000 }

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
    private var pictureAt: UInt64?
    private var soundAt: UInt64?
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
        pictureAt = now
        beginIfDue(slot, now)
        guard let next, slot >= next else { return }
        // A source that began anew counts from here.
        pictures.removeAll { $0.slot >= slot }
        pictures.append((slot, picture))
    }

    /// - Parameter jumps: something before it was left out.
    mutating func insert(_ samples: UnsafeBufferPointer<Float>, time: UInt64, jumps: Bool = false, now: UInt64) {
        guard time < now + Self.nonsense else { return }
        soundAt = now
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
        guard let slot = next else { return .wait(until: .max) }
        let newest = max(pictureAt ?? 0, soundAt ?? 0)
        if now > newest + Self.endurance {
            end()
            return .ended
        }
        let deadline = clock.time(of: slot) + Self.patience
        guard now >= deadline || isThere(slot, now) else { return .wait(until: deadline) }
        return .slot(give(slot))
    }

    /// Both tracks have come this far. One that has been silent for as long as a slot may wait is not waited for.
    private func isThere(_ slot: UInt64, _ now: UInt64) -> Bool {
        func lives(_ at: UInt64?) -> Bool { at.map { now < $0 + Self.patience } ?? false }
        guard lives(pictureAt) || lives(soundAt) else { return false }
        let hasPicture = pictures.last.map { $0.slot >= slot } ?? false
        let hasSound = sounds.end.map { $0 >= clock.firstSample(of: slot + 1) } ?? false
        return (hasPicture || !lives(pictureAt)) && (hasSound || !lives(soundAt))
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
        let both = [pictureAt, soundAt].allSatisfy { $0.map { $0 >= since } ?? false }
        // A piece of sound may reach into the slot after its own.
        if both || now - since > Self.patience { begin(passedOver + 2) }
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
