/// Whether media goes to the receiver: a decision without effects. A receiver begins with a key group, and so does
/// everything after a gap.
struct FeedGate: Sendable, Equatable {
    enum Verdict: Sendable, Equatable {
        case drop
        /// `splice`: this does not continue what was passed before.
        case pass(splice: Bool)
    }

    private(set) var hasReceiver = false
    private(set) var isOpen = false
    /// Media was left out since the last that passed.
    private var gap = false

    /// A receiver is there and nothing has been let through to it yet.
    var awaitsKey: Bool { hasReceiver && !isOpen }

    /// - Parameter isServing: another receiver takes what comes. It is not to lose a picture for the new one, who waits for
    ///   the keyframe by itself.
    mutating func receiverJoined(isServing: Bool = false) {
        if hasReceiver, isServing { return }
        hasReceiver = true
        close()
    }

    mutating func receiverLeft() {
        hasReceiver = false
        close()
    }

    /// The producer is another one, or has come back.
    mutating func feedRestarted() { close() }

    /// More waits than a receiver can use.
    mutating func overflowed() { close() }

    mutating func admit(isKey: Bool, discontinuity: Bool) -> Verdict {
        guard hasReceiver, isOpen || isKey else { return .drop }
        isOpen = true
        defer { gap = false }
        return .pass(splice: gap || discontinuity)
    }

    private mutating func close() {
        isOpen = false
        gap = true
    }
}
