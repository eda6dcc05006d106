/// What waits to be written to one reader: a decision without effects. A reader that is too slow loses the oldest
/// whole messages (raw media), or everything up to the next key group (a transport stream); it never makes anybody
/// wait.
struct FeedQueue<Message: Sendable>: Sendable {
    enum Policy: Sendable {
        /// Each message stands for itself.
        case dropOldest
        /// A message is of use only after a key message and everything since.
        case dropToKey
    }

    let policy: Policy
    /// Bytes that may wait beyond the message being written.
    let limitBytes: Int
    private(set) var waitingBytes = 0
    private(set) var droppedMessages: UInt64 = 0
    private var messages: [Entry] = []
    private var first = 0
    /// True until a key message may be queued.
    private var awaitsKey: Bool
    private var lost = false

    private struct Entry {
        var message: Message
        var size: Int
        var discontinuity: Bool
    }

    init(policy: Policy, limitBytes: Int) {
        self.policy = policy
        self.limitBytes = limitBytes
        awaitsKey = policy == .dropToKey
    }

    var isEmpty: Bool { first == messages.count }
    var count: Int { messages.count - first }

    /// `always`: the caps, which no reader can do without.
    mutating func enqueue(_ message: Message, size: Int, isKey: Bool, always: Bool = false) {
        if always {
            append(message, size: size, discontinuity: false)
            return
        }
        if awaitsKey {
            guard isKey else {
                droppedMessages += 1
                return
            }
            awaitsKey = false
        }
        if waitingBytes + size > limitBytes {
            switch policy {
            case .dropOldest:
                while !isEmpty, waitingBytes + size > limitBytes { dropFirst() }
            case .dropToKey:
                while !isEmpty { dropFirst() }
                if !isKey {
                    awaitsKey = true
                    lost = true
                    droppedMessages += 1
                    return
                }
            }
            lost = true
        }
        append(message, size: size, discontinuity: lost)
        lost = false
    }

    /// The next message to write, and whether something before it was left out.
    mutating func next() -> (message: Message, discontinuity: Bool)? {
        guard !isEmpty else { return nil }
        let entry = messages[first]
        removeFirst(entry)
        return (entry.message, entry.discontinuity)
    }

    private mutating func append(_ message: Message, size: Int, discontinuity: Bool) {
        messages.append(Entry(message: message, size: size, discontinuity: discontinuity))
        waitingBytes += size
    }

    private mutating func dropFirst() {
        let entry = messages[first]
        if entry.discontinuity { lost = true }
        removeFirst(entry)
        droppedMessages += 1
    }

    private mutating func removeFirst(_ entry: Entry) {
        waitingBytes -= entry.size
        first += 1
        if isEmpty {
            messages.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 64 {
            messages.removeFirst(first)
            first = 0
        }
    }
}
