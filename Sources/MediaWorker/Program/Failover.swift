/// Who is on air: decided from facts and a clock that is handed in; nothing here waits, measures or switches.
///
/// The first input in order of priority whose picture is good is on air. When none has a picture, the fault slate
/// stands over the first good sound. An input that has failed comes back only after it has been good for
/// `returnAfter`. What an operator took holds until it dies; then the next good one follows, and the operator's
/// choice is taken up again once it has been good for as long.
struct Failover: Sendable {
    /// One track of one input, as seen by the programme.
    struct Track: Sendable, Equatable {
        /// The feed is there.
        var isConnected = false
        /// Nanoseconds since the last piece of media that came in time; nil when there has been none.
        var age: UInt64?
    }

    struct Facts: Sendable, Equatable {
        var picture = Track()
        var sound = Track()
    }

    enum Source: Sendable, Equatable {
        case input(Int)
        case slate(String)
    }

    struct Decision: Sendable, Equatable {
        var picture: Source
        /// Whose sound is heard; nil is silence.
        var sound: Int?
        /// The operator's choice is dead and something else is on air.
        var takenIsDead: Bool
    }

    /// What is known of one track over time.
    struct Quality: Sendable, Equatable {
        var isGood = false
        /// Good long enough to be chosen by itself.
        var isEligible = false
        fileprivate var goodSince: UInt64 = 0
        fileprivate var hasFailed = false
    }

    static let faultSlate = "fault"

    /// No media for so long is a freeze, in nanoseconds.
    let freezeAfter: UInt64
    /// Nanoseconds.
    let returnAfter: UInt64
    private(set) var pictures: [Quality]
    private(set) var sounds: [Quality]
    /// The operator's choice; nil is automatic.
    private(set) var taken: Source?
    /// The operator insisted on a dead input: it stays until it has lived and died.
    private var isForced = false
    private(set) var decision = Decision(picture: .slate(faultSlate), sound: nil, takenIsDead: false)

    init(inputs: Int, freezeAfter: UInt64 = 500_000_000, returnAfter: UInt64) {
        self.freezeAfter = freezeAfter
        self.returnAfter = returnAfter
        pictures = Array(repeating: Quality(), count: inputs)
        sounds = Array(repeating: Quality(), count: inputs)
    }

    /// Nil gives the choice back to the order of priority.
    mutating func take(_ source: Source?, force: Bool = false) {
        taken = source
        isForced = force
    }

    /// Whether a take of this input needs `force`.
    func isDead(_ input: Int) -> Bool { !pictures[input].isGood && !sounds[input].isGood }

    @discardableResult
    mutating func update(_ facts: [Facts], now: UInt64) -> Decision {
        for index in facts.indices {
            judge(&pictures[index], facts[index].picture, now)
            judge(&sounds[index], facts[index].sound, now)
        }
        decision = decide()
        return decision
    }

    private func judge(_ quality: inout Quality, _ track: Track, _ now: UInt64) {
        let isGood = track.isConnected && track.age.map { $0 < freezeAfter } ?? false
        if isGood, !quality.isGood { quality.goodSince = now }
        if !isGood, quality.isGood { quality.hasFailed = true }
        quality.isGood = isGood
        quality.isEligible = isGood && (!quality.hasFailed || now - quality.goodSince >= returnAfter)
    }

    private mutating func decide() -> Decision {
        switch taken {
        case .slate(let id):
            return Decision(picture: .slate(id), sound: nil, takenIsDead: false)
        case .input(let index):
            if isForced, !isDead(index) { isForced = false }
            if isForced || mayStay(index, decision.picture == .input(index)) {
                return Decision(picture: .input(index), sound: index, takenIsDead: false)
            }
            // Its sound alone is still the operator's choice, as long as no other picture is to be had.
            var next = automatic()
            next.takenIsDead = true
            if case .slate = next.picture, sounds[index].isGood { next.sound = index }
            return next
        case nil:
            return automatic()
        }
    }

    /// One that is on air stays while it is good; one that is not must have been good for long enough.
    private func mayStay(_ index: Int, _ isOnAir: Bool) -> Bool {
        pictures[index].isEligible || (isOnAir && pictures[index].isGood)
    }

    private func automatic() -> Decision {
        if let index = pictures.indices.first(where: { mayStay($0, decision.picture == .input($0)) }) {
            return Decision(picture: .input(index), sound: index, takenIsDead: false)
        }
        // The sound that was on air stays on air without its picture.
        let sound =
            decision.sound.flatMap { sounds[$0].isGood ? $0 : nil }
            ?? sounds.indices.first { sounds[$0].isEligible }
        return Decision(picture: .slate(Self.faultSlate), sound: sound, takenIsDead: false)
    }
}
