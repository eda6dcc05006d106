import Foundation
import LinuxSystem
import VenuecastModel

/// What a log may take of memory.
public struct EventLimits: Sendable, Equatable {
    /// Events that may wait for the disk.
    public var waiting = 8192
    /// Their bytes.
    public var waitingBytes = 8 << 20
    /// Written ones that are kept for readers.
    public var kept = 2000
    /// Of a text among the details, in characters; the rest is cut off.
    public var text = 1000
    /// For how long a question may wait for the disk.
    public var reading = Duration.seconds(3)

    public init() {}
}

/// The end of the chain, with what has not been written yet; pure.
struct EventBuffer: Sendable {
    struct Entry: Sendable {
        let event: Event
        let line: EventLine
        /// The hash of the event before.
        let previous: String
        let since: MonotonicInstant
    }

    private(set) var lastId: UInt64
    private(set) var hash: String
    private(set) var writtenId: UInt64
    private(set) var lost: UInt64 = 0
    /// Ids ascend by one.
    private var entries: [Entry]
    private var waitingBytes = 0
    private var unreported: (count: UInt64, from: Date, to: Date)?
    private let limits: EventLimits

    init(lastId: UInt64, hash: String, known: [Entry], limits: EventLimits) {
        self.lastId = lastId
        self.hash = hash
        self.limits = limits
        writtenId = lastId
        entries = known.suffix(limits.kept)
    }

    var waiting: Int { Int(lastId - writtenId) }
    var waitingSince: MonotonicInstant? { entries.suffix(waiting).first?.since }

    /// - Returns: nil when there is no room for it.
    mutating func add(_ draft: EventDraft, at time: Date) -> Event? {
        var event = Event(
            id: lastId + 1, time: time, kind: draft.kind, subject: draft.subject, who: draft.who,
            outcome: draft.outcome, details: draft.details.mapValues(shortened))
        guard waiting < limits.waiting, waitingBytes < limits.waitingBytes,
            let line = try? EventLine(event, after: hash)
        else {
            lost += 1
            unreported = (1 + (unreported?.count ?? 0), unreported?.from ?? time, time)
            return nil
        }
        event.hash = line.hash
        entries.append(Entry(event: event, line: line, previous: hash, since: .now))
        waitingBytes += line.bytes.count
        lastId = event.id
        hash = line.hash
        return event
    }

    /// What is to be written next; empty when everything is.
    func nextBatch() -> [Entry] { Array(entries.suffix(waiting).prefix(512)) }

    mutating func noteWritten(_ id: UInt64) {
        writtenId = id
        waitingBytes = entries.suffix(waiting).reduce(0) { $0 + $1.line.bytes.count }
        // Not for each one: moving the rest costs.
        if entries.count - waiting > limits.kept * 2 { entries.removeFirst(entries.count - waiting - limits.kept) }
    }

    /// Once there is room to say it.
    mutating func takeUnreportedLoss() -> (count: UInt64, from: Date, to: Date)? {
        defer { unreported = nil }
        return unreported
    }

    func hash(of id: UInt64) -> String? {
        guard let first = entries.first?.event.id, id >= first, id <= lastId else { return nil }
        return entries[Int(id - first)].line.hash
    }

    /// - Returns: what matches of the events in memory, the oldest first, and where those begin: what is older is on the
    ///   disk; nil where that need not be looked at.
    func lines(_ query: EventQuery) -> ([[UInt8]], olderThan: UInt64?) {
        let first = entries.first?.event.id ?? lastId + 1
        if let since = query.since {
            let skipped = since + 1 > first ? Int(min(since + 1 - first, UInt64(entries.count))) : 0
            let later = entries.dropFirst(skipped).lazy.filter { query.matches($0.event) }
            return (later.prefix(query.limit).map(\.line.bytes), since + 1 >= first ? nil : first)
        }
        let latest = entries.reversed().lazy.filter { query.matches($0.event) }.prefix(query.limit).map(\.line.bytes)
        return (latest.reversed(), latest.count == query.limit || first <= 1 ? nil : first)
    }

    private func shortened(_ text: String) -> String {
        text.count > limits.text ? text.prefix(limits.text) + "…" : text
    }
}
