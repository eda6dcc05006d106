import Foundation
import Glibc
import LinuxSystem
import Logging
import Sessions
import Testing
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

/// The trail on disk.
@Suite struct SessionStoreTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let clock = SessionClock(
        bootID: "boot", frameRate: 25, clock: DayClock(offset: 0, utcOffsetSeconds: 0))

    private func store(_ directory: String, deadline: Duration = .seconds(3)) -> SessionStore {
        let store = SessionStore(path: "\(directory)/sessions.jsonl", logger: Self.quiet, deadline: deadline)
        #expect(throws: Never.self) { try store.load() }
        return store
    }

    private func press(_ store: SessionStore, _ event: SessionEvent) async throws {
        _ = try await store.perform { log in
            JournalEntry(
                sequence: log.revision + 1, at: Self.clock.moment(monotonic: UInt64(log.revision) * 1_000_000_000),
                by: Person(name: "li"), event: event)
        }
    }

    private static let start = SessionEvent.sessionStarted(
        PlannedSession(id: "S1", reports: [PlannedReport(number: 1, department: "市财政局", limitSeconds: 60)]),
        clock: clock)

    @Test func remembersWhatWasAcknowledged() async throws {
        try await withDirectory { directory in
            let store = store(directory)
            try await press(store, Self.start)
            try await press(store, .reportStarted(1, wasNext: true))
            #expect(store.current.active?.runningReport != nil)
            #expect(self.store(directory).current == store.current)
        }
    }

    @Test func decidesOneAfterTheOther() async throws {
        try await withDirectory { directory in
            let store = store(directory)
            try await press(store, Self.start)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 { group.addTask { try await self.press(store, .marked("\(number)")) } }
                try await group.waitForAll()
            }
            #expect(store.current.entries.map(\.sequence) == Array(1...51))
            #expect(self.store(directory).current == store.current)
        }
    }

    /// A crash in the middle of a line, at every byte of it.
    @Test func goesOnBehindATornLine() async throws {
        try await withDirectory { directory in
            let first = store(directory)
            try await press(first, Self.start)
            let whole = try Files.read("\(directory)/sessions.jsonl")
            try await press(first, .reportStarted(1, wasNext: true))
            let both = try Files.read("\(directory)/sessions.jsonl")
            for length in stride(from: whole.count, to: both.count, by: 7) {
                try Files.writeAtomically("\(directory)/sessions.jsonl", Array(both[..<length]))
                let store = store(directory)
                #expect(store.current.revision == 1 && store.current.active?.id == "S1")
                try await press(store, .marked("afterwards"))
                #expect(self.store(directory).current.entries.map(\.sequence) == [1, 2])
                #expect(self.store(directory).current.active?.marks.map(\.text) == ["afterwards"])
            }
        }
    }

    @Test func setsDamageAsideAndKeepsTheRest() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/sessions.jsonl"
            let first = store(directory)
            try await press(first, Self.start)
            try await press(first, .marked("one"))
            try await press(first, .marked("two"))
            var lines = String(decoding: try Files.read(path), as: UTF8.self).split(separator: "\n").map(String.init)
            lines[1] = "{ rubbish"
            let damaged = Array((lines.joined(separator: "\n") + "\n").utf8)
            try Files.writeAtomically(path, damaged)
            #expect(store(directory).current.active?.marks.map(\.text) == ["two"])
            #expect(try Files.read("\(path).damaged") == damaged)
            #expect(store(directory).current.entries.count == 2)
        }
    }

    @Test func writesNothingBehindWhatItCannotRead() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/sessions.jsonl"
            let first = store(directory)
            try await press(first, Self.start)
            try shell("mv '\(path)' '\(path).away' && mkdir '\(path)'")
            let second = SessionStore(path: path, logger: Self.quiet)
            #expect(throws: (any Error).self) { try second.load() }
            await #expect(throws: (any Error).self) { try await self.press(second, .sessionEnded) }
            // Once it can be read it goes on.
            try shell("rmdir '\(path)' && mv '\(path).away' '\(path)'")
            try await press(second, .marked("afterwards"))
            #expect(second.current.active?.marks.count == 1 && second.current.revision == 2)
        }
    }

    @Test func changesNothingWhereTheDiskTakesNothing() async throws {
        try await withDirectory { directory in
            let store = store("\(directory)/missing")
            await #expect(throws: (any Error).self) { try await self.press(store, Self.start) }
            #expect(store.current == SessionLog())
        }
    }

    /// `fsfreeze` on a file system of its own.
    @Test(.enabled(if: getuid() == 0)) func acknowledgesNothingThatAFrozenDiskDidNotTake() async throws {
        try await withFileSystem { mount in
            let store = store(mount, deadline: .milliseconds(500))
            try await press(store, Self.start)
            try shell("fsfreeze --freeze '\(mount)'")
            var isFrozen = true
            defer { if isFrozen { try? shell("fsfreeze --unfreeze '\(mount)'") } }
            let error = await #expect(throws: (any Error).self) { try await self.press(store, .sessionEnded) }
            #expect("\(try #require(error))".contains("has not answered"))
            #expect(store.current.active?.id == "S1")
            try shell("fsfreeze --unfreeze '\(mount)'")
            isFrozen = false
            // What was given up has left no trace, and the next one is taken.
            try await press(store, .marked("afterwards"))
            #expect(store.current.active?.marks.count == 1)
            #expect(self.store(mount).current == store.current)
        }
    }
}
