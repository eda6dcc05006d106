import Foundation
import VenuecastModel

/// Follows the chain through file after file and names every place where it does not hold; pure.
struct ChainCheck: Sendable {
    private(set) var findings: [EventLogReport.Finding] = []
    private(set) var events = 0
    private(set) var firstId: UInt64?
    private(set) var lastId: UInt64?
    /// Of the last event; nil before anything is known.
    private(set) var hash: String?
    /// Hashes of last events that a removal was put on record for.
    private var pruned: Set<String> = []
    private var beginning: (file: String, previous: String)?

    /// - Parameter isLast: it may end in the middle of a line.
    /// - Returns: bytes up to the end of the last whole line.
    @discardableResult
    mutating func read(_ bytes: [UInt8], file: String, isLast: Bool) -> Int {
        var start = 0
        var number = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            number += 1
            let line = bytes[start..<end]
            if number == 1 { header(line, file) } else { event(line, file, number) }
            start = end + 1
        }
        if start < bytes.count {
            note(
                file, number + 1, .torn,
                isLast ? "the last line is torn: \(bytes.count - start) bytes" : "the file ends in the middle of a line"
            )
        } else if number == 0 {
            note(file, 1, .missing, "the file is empty")
        }
        return start
    }

    /// After the last file.
    mutating func finish() {
        guard let beginning, beginning.previous != EventLine.genesis, !pruned.contains(beginning.previous) else {
            return
        }
        findings.insert(
            .init(
                file: beginning.file, line: 1, problem: .missing,
                text: "earlier files are missing, and no removal of them is on record"), at: 0)
    }

    private mutating func header(_ line: ArraySlice<UInt8>, _ file: String) {
        guard let header = EventFileHeader(reading: line) else {
            return note(file, 1, .changed, "the file's first line is not what it has to be")
        }
        if let hash, let lastId {
            if header.firstId != lastId + 1 {
                note(
                    file, 1, header.firstId > lastId ? .missing : .reordered,
                    "the file begins with event \(header.firstId), and the one before ends with \(lastId)")
            } else if header.previous != hash {
                note(file, 1, .changed, "the file begins behind another event \(lastId) than the one before ends with")
            }
        } else {
            beginning = (file, header.previous)
        }
        hash = header.previous
        lastId = header.firstId == 0 ? 0 : header.firstId - 1
    }

    private mutating func event(_ bytes: ArraySlice<UInt8>, _ file: String, _ number: Int) {
        guard let line = EventLine(reading: bytes), let event = line.event else {
            return note(file, number, .changed, "the line is no event")
        }
        defer {
            events += 1
            firstId = firstId ?? event.id
            lastId = event.id
            hash = line.hash
            if event.kind == EventKind.logPruned, let last = event.details["lastHash"] { pruned.insert(last) }
        }
        guard let hash, !line.follows(hash) else { return }
        let expected = lastId.map { $0 + 1 }
        switch expected {
        case let expected? where event.id > expected:
            let last = event.id - 1
            note(
                file, number, .missing,
                expected == last ? "event \(expected) is missing" : "events \(expected) to \(last) are missing")
        case let expected? where event.id < expected:
            note(file, number, .reordered, "event \(event.id) stands behind event \(expected - 1)")
        default:
            note(file, number, .changed, "event \(event.id), or the one before, is not what was written")
        }
    }

    private mutating func note(_ file: String, _ line: Int, _ problem: EventLogReport.Problem, _ text: String) {
        findings.append(.init(file: file, line: line, problem: problem, text: text))
    }
}

/// What a check of the whole log found.
public struct EventLogReport: Codable, Sendable, Equatable {
    public enum Problem: String, Codable, Sendable {
        case changed, missing, reordered
        /// A crash in the middle of writing; the next daemon puts that on record.
        case torn
    }

    public struct Finding: Codable, Sendable, Equatable {
        public var file: String
        /// From 1.
        public var line: Int
        public var problem: Problem
        public var text: String
    }

    public var directory: String
    public var files: Int
    public var events: Int
    @Nullable public var firstId: UInt64?
    @Nullable public var lastId: UInt64?
    /// Of the last event. A chain does not notice that its end was cut off: compare this with one that was kept elsewhere.
    @Nullable public var headHash: String?
    /// Empty: every event is there, in order and unchanged.
    public var findings: [Finding]
}
