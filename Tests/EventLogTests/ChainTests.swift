import Foundation
import LinuxSystem
import func Rig.waitFor
import Testing
import VenuecastModel

@testable import EventLog

/// That nothing in the log can be changed without being noticed, and where.
@Suite struct ChainTests {
    private func edit(_ file: String, _ change: (inout [String]) throws -> Void) throws {
        var lines = String(decoding: try Files.read(file), as: UTF8.self).split(separator: "\n").map(String.init)
        try change(&lines)
        try Files.writeAtomically(file, Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    private func verify(_ directory: String) throws -> EventLogReport { try .verify(directory + "/events") }

    @Test func holdsAsItWasWritten() async throws {
        try await withDirectory { directory in
            _ = try await write(20, in: directory)
            let report = try verify(directory)
            #expect(report.findings.isEmpty)
            #expect(report.events == 20)
            #expect(report.lastId == 20)
            #expect(report.headHash == open(directory).head.hash)
        }
    }

    @Test func namesAChangedLine() async throws {
        try await withDirectory { directory in
            let file = try await write(20, in: directory)
            try edit(file) { $0[7] = $0[7].replacing("venue/v7", with: "venue/v8") }
            let findings = try verify(directory).findings
            #expect(findings.map(\.line) == [8])
            #expect(findings.map(\.problem) == [.changed])
        }
    }

    /// Whoever knows the algorithm can make one line right, and not the one behind it.
    @Test func namesALineThatWasMadeAnew() async throws {
        try await withDirectory { directory in
            let file = try await write(20, in: directory)
            try edit(file) { lines in
                let before = EventLine(reading: Array(lines[6].utf8))!
                var event = EventLine(reading: Array(lines[7].utf8))!.event!
                event.subject = "venue/other"
                lines[7] = String(decoding: try EventLine(event, after: before.hash).bytes, as: UTF8.self)
            }
            let findings = try verify(directory).findings
            #expect(findings.map(\.line) == [9])
        }
    }

    @Test func namesWhatIsMissing() async throws {
        try await withDirectory { directory in
            let file = try await write(20, in: directory)
            try edit(file) { $0.removeSubrange(5...6) }
            let findings = try verify(directory).findings
            #expect(findings.map(\.problem) == [.missing])
            #expect(findings.first?.line == 6)
            #expect(findings.first?.text == "events 5 to 6 are missing")
        }
    }

    @Test func namesWhatChangedPlaces() async throws {
        try await withDirectory { directory in
            let file = try await write(20, in: directory)
            try edit(file) { $0.swapAt(5, 6) }
            let findings = try verify(directory).findings
            #expect(findings.contains { $0.problem == .reordered })
            #expect(findings.first?.line == 6)
        }
    }

    @Test func missesFilesAtTheBeginning() async throws {
        try await withDirectory { directory in
            let file = try await write(5, in: directory)
            let log = open(directory)
            // A file that is gone is begun anew by the next event.
            try Files.remove(file)
            log.record(EventDraft("test", "a"))
            #expect(await log.flush(within: .seconds(20)))
            let findings = try verify(directory).findings
            #expect(findings.map(\.problem) == [.missing])
            #expect(findings.first?.text.contains("no removal of them is on record") == true)
        }
    }

    @Test func aTornLineIsCutOffAndPutOnRecord() async throws {
        try await withDirectory { directory in
            let file = try await write(5, in: directory)
            let bytes = try Files.read(file)
            try Files.writeAtomically(file, Array(bytes.dropLast(30)))
            #expect(try verify(directory).findings.map(\.problem) == [.torn])
            let log = open(directory)
            #expect(await log.flush(within: .seconds(20)))
            let events = try await log.events(EventQuery())
            #expect(events.map(\.id) == [1, 2, 3, 4, 5])
            #expect(events.last?.kind == EventKind.logTorn)
            #expect(events.last?.details["text"]?.contains("venue/v5") == true)
            #expect(try verify(directory).findings.isEmpty)
        }
    }

    @Test func aDamagedFileIsLeftAndPutOnRecord() async throws {
        try await withDirectory { directory in
            let file = try await write(5, in: directory)
            try edit(file) { $0[3] = $0[3].replacing("venue/v3", with: "venue/v9") }
            let log = open(directory)
            log.record(EventDraft("test", "afterwards"))
            #expect(await log.flush(within: .seconds(20)))
            let all = try await log.events(EventQuery())
            #expect(all.map(\.id) == [1, 2, 3, 4, 5, 6, 7])
            #expect(all[5].kind == EventKind.logDamaged)
            #expect(all[5].details["line"] == "4")
            // Nothing else than what was damaged is wrong.
            #expect(try verify(directory).findings.map(\.line) == [4])
        }
    }

    @Test func anAbsurdNumberEndsNothing() async throws {
        try await withDirectory { directory in
            let file = try await write(5, in: directory)
            try edit(file) { $0[5] = $0[5].replacing(#""id":5"#, with: #""id":18446744073709551615"#) }
            #expect(try verify(directory).findings.map(\.line) == [6])
            let log = open(directory)
            log.record(EventDraft("test", "afterwards"))
            #expect(await log.flush(within: .seconds(20)))
            let events = try await log.events(EventQuery(limit: 3))
            #expect(events.last?.subject == "afterwards")
            #expect(events.contains { $0.kind == EventKind.logDamaged })
        }
    }

    @Test func nonsenseIsNoEndOfTheLog() async throws {
        try await withDirectory { directory in
            let file = try await write(5, in: directory)
            try Files.writeAtomically(file, Array("nonsense\nand more\n".utf8))
            let log = open(directory)
            log.record(EventDraft("test", "afterwards"))
            #expect(await log.flush(within: .seconds(20)))
            let events = try await log.events(EventQuery(kind: "test"))
            #expect(events.count == 1)
            #expect((events.first?.id ?? 0) > 5)
        }
    }

    @Test func whatIsTooOldGoesAndThatIsOnRecord() async throws {
        try await withDirectory { directory in
            let file = try await write(5, in: directory)
            let old = EventFileName(firstId: 1, day: "2020-01-01")
            try FileManager.default.moveItem(atPath: file, toPath: "\(directory)/events/\(old.text)")
            let second = open(directory)
            // Another day: another file. The second is made to look old as well, so that the first may go.
            second.record(EventDraft("test", "b"))
            #expect(await second.flush(within: .seconds(20)))
            let names = try Files.list(directory + "/events")
            #expect(names.count == 2)
            let next = EventFileName(firstId: 6, day: "2020-01-02")
            try FileManager.default.moveItem(
                atPath: "\(directory)/events/\(names[1])", toPath: "\(directory)/events/\(next.text)")
            let third = open(directory)
            try await waitFor("the file goes") { Files.exists("\(directory)/events/\(old.text)") ? nil : true }
            #expect(await third.flush(within: .seconds(20)))
            let report = try verify(directory)
            #expect(report.findings.isEmpty)
            #expect(report.firstId == 6)
            let pruned = try await third.events(EventQuery(kind: EventKind.logPruned))
            #expect(pruned.map { $0.details["lastId"] } == ["5"])
        }
    }
}
