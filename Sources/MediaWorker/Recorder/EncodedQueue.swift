import CLinux
import GStreamer
import Glibc
import Synchronization

/// What is encoded and waits for the disk: bounded in bytes, so that a disk that stalls for a while costs nothing.
/// Whoever puts in never waits: when it is full, what comes is lost until it has emptied somewhat, which makes one gap
/// of it and not many.
final class EncodedQueue: Sendable {
    struct Facts: Sendable {
        var waitingBytes = 0
        /// CLOCK_MONOTONIC nanoseconds of what has waited longest.
        var oldestAt: UInt64?
        var lost: UInt64 = 0
        var lastLossAt: UInt64?
    }

    private struct State {
        /// What was taken is nil until its place goes.
        var items: [(item: SlotAssembler.Item?, size: Int, at: UInt64)] = []
        var first = 0
        var facts = Facts()
        var isFull = false
        var isClosed = false
    }

    private let limitBytes: Int
    private let state = Mutex(State())
    private let wake = clinux_eventfd()

    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    deinit {
        close(wake)
    }

    var facts: Facts { state.withLock { $0.facts } }

    func put(_ item: SlotAssembler.Item) {
        let now = MonotonicClock.now()
        var size = 0
        if case .slot(let slot) = item { size = slot.size }
        let isTaken = state.withLock { state in
            if state.isFull, state.facts.waitingBytes <= limitBytes / 8 * 7 { state.isFull = false }
            if size > 0, state.facts.waitingBytes + size > limitBytes { state.isFull = true }
            if size > 0, state.isFull {
                state.facts.lost += 1
                state.facts.lastLossAt = now
                return false
            }
            state.items.append((item, size, now))
            state.facts.waitingBytes += size
            state.facts.oldestAt = state.facts.oldestAt ?? now
            return true
        }
        if isTaken { signal() }
    }

    /// Nothing follows: `take` says so when it is empty.
    func end() {
        state.withLock { $0.isClosed = true }
        signal()
    }

    enum Taken: Sendable {
        case item(SlotAssembler.Item)
        /// Nothing came in time.
        case nothing
        case ended
    }

    /// Waits for up to so long. By one thread.
    func take(milliseconds: Int32) -> Taken {
        if let taken = takeNow() { return taken }
        var waits = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        poll(&waits, 1, milliseconds)
        var count: UInt64 = 0
        _ = read(wake, &count, 8)
        return takeNow() ?? .nothing
    }

    private func takeNow() -> Taken? {
        state.withLock { state in
            guard state.first < state.items.count else { return state.isClosed ? .ended : nil }
            let (item, size, _) = state.items[state.first]
            state.items[state.first].item = nil
            state.first += 1
            state.facts.waitingBytes -= size
            if state.first == state.items.count || state.first > 256 {
                state.items.removeFirst(state.first)
                state.first = 0
            }
            state.facts.oldestAt = state.first < state.items.count ? state.items[state.first].at : nil
            return item.map { .item($0) }
        }
    }

    private func signal() {
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }
}
