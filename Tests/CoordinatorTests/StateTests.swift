import Glibc
import LinuxSystem
import Logging
import Testing
import WorkerProtocol

@testable import Coordinator

@Suite struct StateTests {
    private func state(_ directory: String) -> StateDirectory {
        StateDirectory(path: directory, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func keepsWhatOperatorsWant() async throws {
        try await withDirectory { directory in
            var intents = Intents()
            #expect(state(directory).loadIntents() == intents)
            intents.setStopped("jimo", true)
            intents.setStopped("chengyang", true)
            intents.take = Intents.Take(source: "slate:holding", force: false)
            intents.isMuted = true
            try state(directory).save(intents)
            #expect(state(directory).loadIntents() == intents)
            #expect(intents.stoppedVenues == ["chengyang", "jimo"])
        }
    }

    @Test func setsAsideWhatItCannotRead() async throws {
        try await withDirectory { directory in
            try Files.writeAtomically("\(directory)/intents.json", Array("[1, 2".utf8))
            #expect(state(directory).loadIntents() == Intents())
            #expect(try Files.read("\(directory)/intents.json.unreadable") == Array("[1, 2".utf8))
        }
    }

    @Test func makesItsKeyOnceAndForTheOwnerAlone() async throws {
        try await withDirectory { directory in
            let key = try state(directory).digestKey()
            #expect(key.count == 32)
            #expect(try state(directory).digestKey() == key)
            var status = stat()
            #expect(stat("\(directory)/digest.key", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
        try await withDirectory { directory in
            try Files.writeAtomically("\(directory)/digest.key", [1, 2, 3])
            #expect(try state(directory).digestKey().count == 32)
        }
    }
}
