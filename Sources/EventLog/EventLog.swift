import Dispatch
import Foundation
import LinuxSystem
import Logging
import Synchronization
import VenuecastModel

/// Everything that is done and that happens, kept for months: lines of JSON, each chained to the one before.
///
/// Recording waits for nothing. A queue of its own writes what has gathered, as often as the disk takes it; while it does
/// not, events wait in memory, up to a limit, and `condition` says so. Readers are served from memory, and from the disk
/// for what is older.
public final class EventLog: Sendable {
    /// How the log itself is.
    public struct Condition: Sendable, Equatable {
        /// Recorded and not on the disk yet.
        public var waiting: Int
        /// Since when the oldest of them waits.
        public var waitingSince: MonotonicInstant?
        /// Events that found no room since the daemon started.
        public var lost: UInt64
        /// Why the disk refuses; nil while it does not, or only stands still.
        public var failure: String?
        public var lastId: UInt64
    }

    public let directory: String
    /// The last event before this daemon's first.
    private let openedAt: UInt64
    private let files: EventFiles
    private let keepDays: Int
    private let logger: Logger
    private let state: Mutex<State>
    private let writer: Mutex<EventFileWriter>
    private let queue = DispatchQueue(label: "venuecast.events")
    private let clock = DispatchQueue(label: "venuecast.events.deadline")
    private let reader: EventReader

    /// Between two tries of a disk that refuses.
    private static let pause = 1.0

    private struct State {
        var buffer: EventBuffer
        var isWriting = false
        var failure: String?
        /// Files whose removal is on record as that event, and is done when that is on the disk.
        var removal: (id: UInt64, names: [EventFileName])?
        var waiters: [UInt64: (id: UInt64, continuation: CheckedContinuation<Bool, Never>)] = [:]
        var listeners: [UInt64: @Sendable () -> Void] = [:]
        var nextToken: UInt64 = 0

        mutating func token() -> UInt64 {
            nextToken += 1
            return nextToken
        }
    }

    /// Opens the log, or begins one. May wait for the disk. What is wrong with it is put on record in it and keeps nobody
    /// from recording.
    /// - Parameters:
    ///   - directory: made where it is missing.
    ///   - keepDays: files of which every event is older are removed.
    public init(directory: String, keepDays: Int, limits: EventLimits = EventLimits(), logger: Logger) {
        self.directory = directory
        self.keepDays = keepDays
        self.logger = logger
        files = EventFiles(directory: directory)
        reader = EventReader(files: files, deadline: limits.reading)
        let opening = EventLogOpening(files)
        var file = EventFileWriter(files: files)
        var notes = opening.notes
        if let resumed = opening.resumed {
            do {
                try file.resume(resumed.name, at: resumed.size)
            } catch {
                notes.append(EventDraft(EventKind.logDamaged, "log", details: ["text": "\(error)"]))
            }
        }
        openedAt = opening.lastId
        writer = Mutex(file)
        state = Mutex(
            State(
                buffer: EventBuffer(lastId: opening.lastId, hash: opening.hash, known: opening.recent, limits: limits)))
        for note in notes {
            logger.warning("the event log was not left as it has to be", metadata: ["what": "\(note.details)"])
            record(note)
        }
        queue.async { self.prune() }
    }

    /// Waits for nothing.
    /// - Returns: nil when there was no room for it.
    @discardableResult
    public func record(_ draft: EventDraft) -> Event? {
        let (event, listeners) = state.withLock { state in
            let event = state.buffer.add(draft, at: Date())
            if event != nil, !state.isWriting {
                state.isWriting = true
                queue.async { self.write() }
            }
            return (event, Array(state.listeners.values))
        }
        for listener in listeners { listener() }
        return event
    }

    /// - Returns: whether it is on the disk; false at the deadline at the latest, and it may get there later.
    @discardableResult
    public func record(_ draft: EventDraft, within deadline: Duration) async -> Bool {
        guard let event = record(draft) else { return false }
        return await written(event.id, within: deadline)
    }

    /// Returns when everything so far is on the disk, or at the deadline.
    @discardableResult
    public func flush(within deadline: Duration) async -> Bool {
        await written(state.withLock { $0.buffer.lastId }, within: deadline)
    }

    public var condition: Condition {
        state.withLock { state in
            Condition(
                waiting: state.buffer.waiting, waitingSince: state.buffer.waitingSince, lost: state.buffer.lost,
                failure: state.failure, lastId: state.buffer.lastId)
        }
    }

    /// The last event's number and hash: what to keep elsewhere, since a chain does not notice that its end was cut off.
    public var head: (id: UInt64, hash: String) { state.withLock { ($0.buffer.lastId, $0.buffer.hash) } }

    // MARK: Reading

    /// What matches, as it stands in the files, the oldest first.
    /// - Throws: when the disk does not yield older events in time.
    public func lines(_ query: EventQuery) async throws -> [[UInt8]] {
        // Whatever somebody asks for, the next number is one.
        let query = query.bounded
        let (known, olderThan) = state.withLock { $0.buffer.lines(query) }
        guard let olderThan else { return known }
        if query.since != nil {
            let older = try await reader.lines(query, before: olderThan)
            return Array((older + known).prefix(query.limit))
        }
        var rest = query
        rest.limit -= known.count
        return try await reader.lines(rest, before: olderThan) + known
    }

    /// Where a reader goes on that had got this as its last id: `12-0a1b2c3d`, the number and the beginning of the hash.
    /// After a crash with a disk that stood still, an event may have been told and never written: its number is another
    /// event's now, or nobody's yet, and everything since this daemon's start is news.
    /// - Returns: nil where it is no such id.
    public func resumption(_ text: String) -> UInt64? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count <= 2, let id = parts.first.flatMap({ UInt64($0) }) else { return nil }
        let (lastId, hash) = state.withLock { ($0.buffer.lastId, $0.buffer.hash(of: id)) }
        let isSame = id <= lastId && (parts.count == 1 || hash.map { $0.hasPrefix(parts[1]) } ?? true)
        return isSame ? id : min(id - 1, openedAt)
    }

    /// What `resumption` takes.
    public static func resumable(_ event: Event) -> String { "\(event.id)-\((event.hash ?? "").prefix(8))" }

    /// Calls `listener` after each event, on whatever thread recorded it; it must not wait.
    func listen(_ listener: @escaping @Sendable () -> Void) -> UInt64 {
        state.withLock { state in
            let token = state.token()
            state.listeners[token] = listener
            return token
        }
    }

    func unlisten(_ token: UInt64) {
        state.withLock { _ = $0.listeners.removeValue(forKey: token) }
    }

    /// Readers that follow now.
    public var followers: Int { state.withLock { $0.listeners.count } }

    // MARK: Writing, on the queue

    private func written(_ id: UInt64, within deadline: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            let token: UInt64? = state.withLock { state in
                if state.buffer.writtenId >= id { return nil }
                let token = state.token()
                state.waiters[token] = (id, continuation)
                return token
            }
            guard let token else { return continuation.resume(returning: true) }
            clock.asyncAfter(deadline: .now() + deadline.inSeconds) {
                let waiter = self.state.withLock { $0.waiters.removeValue(forKey: token) }
                waiter?.continuation.resume(returning: false)
            }
        }
    }

    private func write() {
        while true {
            let batch: [EventBuffer.Entry] = state.withLock { state in
                let batch = state.buffer.nextBatch()
                if batch.isEmpty { state.isWriting = false }
                return batch
            }
            guard let last = batch.last else { return }
            do {
                try append(batch)
            } catch {
                let isNews = state.withLock { state in
                    defer { state.failure = "\(error)" }
                    return state.failure == nil
                }
                if isNews { logger.error("events cannot be written and wait", metadata: ["cause": "\(error)"]) }
                queue.asyncAfter(deadline: .now() + Self.pause) { self.write() }
                return
            }
            done(last.event.id)
        }
    }

    private func append(_ batch: [EventBuffer.Entry]) throws {
        try writer.withLock { file in
            // A day's events stand in files of that day.
            var rest = batch[...]
            while let first = rest.first {
                let day = EventFileName.day(of: first.event.time)
                if file.isDone(on: day) {
                    try file.begin(EventFileHeader(firstId: first.event.id, previous: first.previous), day: day)
                    queue.async { self.prune() }
                }
                let part = rest.prefix { EventFileName.day(of: $0.event.time) == day }
                try file.append(part.flatMap { $0.line.bytes + [UInt8(ascii: "\n")] })
                rest = rest.dropFirst(part.count)
            }
        }
    }

    private func done(_ id: UInt64) {
        let (waiters, removal, wasFailing) = state.withLock { state in
            state.buffer.noteWritten(id)
            let ready = state.waiters.filter { $0.value.id <= id }
            for token in ready.keys { state.waiters[token] = nil }
            var removal: [EventFileName] = []
            if let known = state.removal, known.id <= id {
                removal = known.names
                state.removal = nil
            }
            defer { state.failure = nil }
            return (Array(ready.values), removal, state.failure != nil)
        }
        for waiter in waiters { waiter.continuation.resume(returning: true) }
        for name in removal { try? Files.remove(files.path(name)) }
        if wasFailing { logger.notice("events are written again") }
        noteLoss()
    }

    /// That some found no room is an event as soon as there is room again.
    private func noteLoss() {
        guard let lost = state.withLock({ $0.buffer.takeUnreportedLoss() }) else { return }
        record(
            EventDraft(
                EventKind.logLost, "log",
                details: [
                    "count": "\(lost.count)", "from": VenuecastJSON.format(lost.from),
                    "to": VenuecastJSON.format(lost.to),
                ]))
    }

    /// Puts on record which files are too old. No more than two at a time: a clock that lies by a year for an hour does
    /// not cost a year's events.
    private func prune() {
        guard state.withLock({ $0.removal == nil }), let names = try? files.names(), names.count > 1 else { return }
        let oldest = EventFileName.day(of: Date(timeIntervalSinceNow: -Double(keepDays) * 86_400))
        let old = zip(names, names.dropFirst()).prefix { $1.day < oldest }.prefix(2)
        guard let last = old.last, let next = try? files.read(last.1),
            let header = next.split(separator: UInt8(ascii: "\n"), maxSplits: 1).first.flatMap({
                EventFileHeader(reading: $0)
            })
        else { return }
        let removed = old.map(\.0)
        let event = record(
            EventDraft(
                EventKind.logPruned, "log",
                details: [
                    "files": removed.map(\.text).joined(separator: ", "), "lastId": "\(header.firstId - 1)",
                    "lastHash": header.previous, "keepDays": "\(keepDays)",
                ]))
        if let event { state.withLock { $0.removal = (event.id, removed) } }
    }
}
