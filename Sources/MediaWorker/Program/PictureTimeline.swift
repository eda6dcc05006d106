/// An input's frames by their place on the house's grid: what arrived, waiting for its slot.
struct PictureTimeline<Frame: Sendable>: Sendable {
    /// Frames that may wait; more of them are ahead of their time, and the oldest go.
    static var capacity: Int { 32 }

    private var waiting: [(slot: UInt64, frame: Frame)] = []
    private var shown: Frame?
    private var shownSlot: UInt64 = 0

    /// Later than this a frame is of no use any more, in slots.
    static var lateness: UInt64 { 12 }

    /// A frame whose slot has just passed is shown as soon as can be: late is better than frozen.
    /// - Returns: false when it comes too late to be of use.
    @discardableResult
    mutating func insert(_ frame: Frame, slot: UInt64) -> Bool {
        guard slot + Self.lateness > shownSlot else { return false }
        if slot <= shownSlot {
            if waiting.isEmpty { shown = frame }
            return true
        }
        // Time went back: a source that began anew.
        waiting.removeAll { $0.slot >= slot }
        waiting.append((slot, frame))
        if waiting.count > Self.capacity { waiting.removeFirst() }
        return true
    }

    /// The frame for a slot: its own, or the latest before it. Slots only go forward.
    mutating func frame(for slot: UInt64) -> Frame? {
        while let first = waiting.first, first.slot <= slot {
            shown = first.frame
            waiting.removeFirst()
        }
        shownSlot = slot
        return shown
    }

    /// Nothing of before is shown again.
    mutating func clear() {
        waiting.removeAll()
        shown = nil
    }
}
