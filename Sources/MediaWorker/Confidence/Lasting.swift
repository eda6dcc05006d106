/// Since when something has been so. Times are nanoseconds that only grow.
struct Lasting: Sendable, Equatable {
    /// So long it must be gone to be over.
    let hold: UInt64
    private(set) var since: UInt64?
    private var lastSeen: UInt64 = 0

    init(hold: UInt64 = 0) {
        self.hold = hold
    }

    /// - Parameter since: when it began, where that is known better than by its having been seen now.
    mutating func note(_ isSo: Bool, at now: UInt64, since beginning: UInt64? = nil) {
        if isSo {
            since = since ?? min(now, beginning ?? now)
            lastSeen = now
        } else if now >= lastSeen + hold {
            since = nil
        }
    }

    mutating func reset() { since = nil }

    /// Seconds from when it began until it was last seen; nil while it is not so.
    var seenSeconds: Double? { since.map { Double(lastSeen - min(lastSeen, $0)) / 1e9 } }

    /// Seconds; nil while it is not so.
    func seconds(_ now: UInt64) -> Double? {
        since.map { Double(now - min(now, $0)) / 1e9 }
    }
}
