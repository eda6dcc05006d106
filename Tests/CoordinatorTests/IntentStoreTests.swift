import Foundation
import Glibc
import LinuxSystem
import Logging
import Testing
import VenuecastModel

@testable import Coordinator

@Suite struct IntentStoreTests {
    private func store(_ directory: String, deadline: Duration = .seconds(3)) -> IntentStore {
        let state = StateDirectory(path: directory, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return IntentStore(directory: state, deadline: deadline)
    }

    @Test func losesNoneOfManyChangesAtOnce() async throws {
        try await withDirectory { directory in
            let store = store(directory)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 { group.addTask { try await store.change { $0.setStopped("v\(number)", true) } } }
                try await group.waitForAll()
            }
            #expect(store.current.stoppedVenues.count == 20)
            let again = self.store(directory)
            again.load()
            #expect(again.current == store.current)
        }
    }

    /// The sockets listen before the daemon has read what was wanted.
    @Test func anOrderBeforeTheStartForgetsNothing() async throws {
        try await withDirectory { directory in
            try await store(directory).change { $0.setStopped("jimo", true) }
            let early = store(directory)
            try await early.change { $0.isMuted = true }
            early.load()
            #expect(early.current.stoppedVenues == ["jimo"] && early.current.isMuted)
            let again = store(directory)
            again.load()
            #expect(again.current == early.current)
        }
    }

    @Test func changesNothingWhereTheDiskTakesNothing() async throws {
        try await withDirectory { directory in
            let store = store("\(directory)/missing")
            await #expect(throws: (any Error).self) { try await store.change { $0.isMuted = true } }
            #expect(!store.current.isMuted)
        }
    }

    /// A disk that stands still: `fsfreeze` on a file system of its own.
    @Test(.enabled(if: getuid() == 0)) func acknowledgesNothingThatAFrozenDiskDidNotTake() async throws {
        try await withFileSystem { mount in
            let store = store(mount, deadline: .milliseconds(500))
            try await store.change { $0.setStopped("jimo", true) }
            let before = store.current
            try shell("fsfreeze --freeze '\(mount)'")
            var isFrozen = true
            defer { if isFrozen { try? shell("fsfreeze --unfreeze '\(mount)'") } }
            let error = await #expect(throws: (any Error).self) { try await store.change { $0.isMuted = true } }
            #expect("\(try #require(error))".contains("has not answered"))
            // Nor one that waits behind it.
            await #expect(throws: (any Error).self) { try await store.change { $0.setStopped("laixi", true) } }
            #expect(store.current == before)

            try shell("fsfreeze --unfreeze '\(mount)'")
            isFrozen = false
            // The next one is taken, and what was given up has left no trace.
            try await store.change { $0.setStopped("pingdu", true) }
            #expect(store.current.stoppedVenues == ["jimo", "pingdu"] && !store.current.isMuted)
            let again = self.store(mount)
            again.load()
            #expect(again.current == store.current)
        }
    }
}
