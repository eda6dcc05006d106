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

    @Test func noticesANewPassphraseUnderTheOldPath() async throws {
        try await withDirectory { directory in
            let file = "\(directory)/key"
            func specification(latencyMs: Int) -> WorkerSpecification {
                WorkerSpecification(
                    id: "link/a", pipelineFile: "/p", placeholders: ["b": .integer(1), "a": .text("x")],
                    role: .link(
                        LinkRole(
                            url: "srt://0.0.0.0:1", latencyMs: latencyMs, passphraseFile: file, maximumKbps: 1,
                            liveFeed: "/l", programSocket: "/p")))
            }
            let digest = SpecificationDigest(key: Array(repeating: 7, count: 32))
            let missing = digest.of(specification(latencyMs: 1))
            try Files.writeAtomically(file, Array("correct horse".utf8))
            let first = digest.of(specification(latencyMs: 1))
            #expect(first == digest.of(specification(latencyMs: 1)))
            #expect(first.count == 64)
            try Files.writeAtomically(file, Array("battery staple".utf8))
            let second = digest.of(specification(latencyMs: 1))
            #expect(Set([missing, first, second, digest.of(specification(latencyMs: 2))]).count == 4)
            let otherKey = SpecificationDigest(key: Array(repeating: 8, count: 32))
            #expect(otherKey.of(specification(latencyMs: 1)) != second)
        }
    }
}
