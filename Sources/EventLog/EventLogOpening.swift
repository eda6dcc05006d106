import Foundation
import LinuxSystem
import VenuecastModel

/// What a log was left like: where its chain ends, and what is to be put on record about that.
struct EventLogOpening: Sendable {
    private(set) var lastId: UInt64 = 0
    private(set) var hash = EventLine.genesis
    private(set) var recent: [EventBuffer.Entry] = []
    /// The file to go on with; nil: a new one is begun.
    private(set) var resumed: (name: EventFileName, size: Int)?
    private(set) var notes: [EventDraft] = []

    /// More events than a file can have: what cannot be read had no higher number.
    private static let unread: UInt64 = 1_000_000

    init(_ files: EventFiles) {
        open(files)
    }

    private mutating func open(_ files: EventFiles) {
        let names: [EventFileName]
        do {
            names = try files.names()
        } catch {
            return note(EventKind.logDamaged, ["text": "\(error)"])
        }
        for name in names.reversed() {
            do {
                let bytes = try files.read(name)
                if !bytes.contains(UInt8(ascii: "\n")) {
                    // Begun, and nothing was in it: the one before counts.
                    try Files.remove(files.path(name))
                    continue
                }
                return read(bytes, name)
            } catch {
                (lastId, hash) = (name.firstId + Self.unread, EventLine.genesis)
                return note(EventKind.logDamaged, ["file": name.text, "text": "\(error)"])
            }
        }
    }

    private mutating func read(_ bytes: [UInt8], _ name: EventFileName) {
        var check = ChainCheck()
        let whole = check.read(bytes, file: name.text, isLast: true)
        let damage = check.findings.filter { $0.problem != .torn }
        if let hash = check.hash, let lastId = check.lastId {
            (self.lastId, self.hash) = (lastId, hash)
        } else {
            (lastId, hash) = (name.firstId + Self.unread, EventLine.genesis)
        }
        if damage.isEmpty { resumed = (name, whole) }
        if whole < bytes.count {
            note(
                EventKind.logTorn,
                [
                    "file": name.text, "bytes": "\(bytes.count - whole)",
                    "text": String(decoding: bytes[whole...].prefix(200), as: UTF8.self),
                ])
        }
        if let first = damage.first {
            note(
                EventKind.logDamaged,
                [
                    "file": name.text, "line": "\(first.line)", "text": first.text,
                    "findings": "\(damage.count)",
                ])
        }
        // Readers find them in memory; of a damaged file, on the disk.
        guard damage.isEmpty else { return }
        var previous = ""
        for line in EventFiles.lines(bytes) {
            if let event = line.event {
                recent.append(EventBuffer.Entry(event: event, line: line, previous: previous, since: .now))
            }
            previous = line.hash
        }
    }

    private mutating func note(_ kind: String, _ details: [String: String]) {
        notes.append(EventDraft(kind, "log", details: details))
    }
}
