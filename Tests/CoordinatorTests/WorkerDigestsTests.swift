import LinuxSystem
import Testing
import WorkerProtocol

@testable import Coordinator

@Suite struct WorkerDigestsTests {
    private func digests(_ key: UInt8 = 7, program: String = "one", shipped: String? = nil) -> WorkerDigests {
        WorkerDigests(key: Array(repeating: key, count: 32), program: program, shippedPipelines: shipped)
    }

    private func link(latencyMs: Int = 1, pipeline: String = "/nowhere/p.pipeline", key: String)
        -> WorkerSpecification
    {
        WorkerSpecification(
            id: "link/a", pipelineFile: pipeline, placeholders: ["b": .integer(1), "a": .text("x")],
            role: .link(
                LinkRole(
                    url: "srt://0.0.0.0:1", latencyMs: latencyMs, passphraseFile: key, maximumKbps: 1,
                    liveFeed: "/l", programSocket: "/p")))
    }

    @Test func noticesANewPassphraseUnderTheOldPath() async throws {
        try await withDirectory { directory in
            let file = "\(directory)/key"
            let missing = digests().desired(link(key: file)).digest
            try Files.writeAtomically(file, Array("correct horse".utf8))
            let first = digests().desired(link(key: file))
            #expect(first == digests().desired(link(key: file)))
            #expect(first.digest.count == 64)
            #expect(first.contents.keys.contains(file))
            try Files.writeAtomically(file, Array("battery staple".utf8))
            let second = digests().desired(link(key: file)).digest
            #expect(
                Set([missing, first.digest, second, digests().desired(link(latencyMs: 2, key: file)).digest]).count == 4
            )
            #expect(digests(8).desired(link(key: file)).digest != second, "keyed")
        }
    }

    @Test func countsAShippedPipelineFileAsPartOfTheProgram() async throws {
        try await withDirectory { directory in
            let file = "\(directory)/link-srt.pipeline"
            try Files.writeAtomically(file, Array("a".utf8))
            let worker = link(pipeline: file, key: "/none")
            let shipped = digests(shipped: directory).desired(worker)
            let own = digests(shipped: "/elsewhere").desired(worker)
            try Files.writeAtomically(file, Array("b".utf8))
            let shippedLater = digests(shipped: directory).desired(worker)
            #expect(shippedLater.digest == shipped.digest && shippedLater.build != shipped.build)
            let ownLater = digests(shipped: "/elsewhere").desired(worker)
            #expect(ownLater.digest != own.digest && ownLater.build == own.build)
        }
    }

    @Test func knowsAProgramByItsContent() async throws {
        try await withDirectory { directory in
            let file = "\(directory)/worker"
            try Files.writeAtomically(file, [1, 2, 3])
            let build = WorkerDigests.programBuild(file)
            #expect(build.count == 16)
            try Files.writeAtomically(file, [1, 2, 3])
            #expect(WorkerDigests.programBuild(file) == build)
            try Files.writeAtomically(file, [1, 2, 4])
            #expect(WorkerDigests.programBuild(file) != build)
        }
    }
}
