/// An input's frames by their place on the house's grid: what arrived, waiting for its slot.
struct PictureTimeline<Frame: Sendable>: Sendable {
    /// Frames that may wait; more of them are ahead of their time, and the oldest go.
    static var capacity: Int { 16 }

    private var waiting: [(slot: UInt64, frame: Frame)] = []
    private var shown: Frame?
    private var shownSlot: UInt64 = 0

    /// - Returns: false when its slot has passed or is taken: it comes too late to be of use.
    @discardableResult
    mutating func insert(_ frame: Frame, slot: UInt64) -> Bool {
        if let last = waiting.last, slot <= last.slot {
            // Time went back: a source that began anew.
            guard slot > shownSlot, slot + UInt64(Self.capacity) > last.slot else { return false }
            waiting.removeAll { $0.slot >= slot }
        }
        guard slot > shownSlot else { return false }
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
