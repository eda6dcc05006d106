import Foundation
import Glibc
import LinuxSystem
import Testing
import WorkerProtocol

@testable import MediaWorker

/// How a worker leaves that cannot even begin. No pipeline is made.
@Suite(.timeLimit(.minutes(1))) struct WorkerMainTests {
    let paths: RunPaths
    let id = "link/a"

    init() throws {
        var template = Array("/tmp/vcmain.XXXXXX".utf8CString)
        paths = RunPaths(directory: String(cString: mkdtemp(&template)))
        try Files.ensureDirectory(paths.workers)
        let identity = WorkerIdentity(
            id: id, instance: "0123456789", digest: "x",
            specification: WorkerSpecification(
                id: id, pipelineFile: "/nowhere",
                role: .link(
                    LinkRole(
                        url: "srt://127.0.0.1:1", latencyMs: 200, maximumKbps: 1000, liveFeed: paths.feed("live"),
                        programSocket: paths.socket("program")))))
        try Files.writeAtomically(paths.identity(id), Array(JSONEncoder().encode(identity)))
    }

    private func lastWords() throws -> String {
        String(decoding: try Files.read(paths.lastWords(id)), as: UTF8.self)
    }

    @Test func saysWhoDoesItsWork() async throws {
        defer { try? FileManager.default.removeItem(atPath: paths.directory) }
        let lock = try LockFile.acquire(paths.lock(id))
        #expect(await WorkerMain.work(paths.identity(id)) == 75)
        #expect(try lastWords().contains("Held by process \(getpid())"))
        withExtendedLifetime(lock) {}
    }

    @Test func saysThatItsLockCannotBeOpened() async throws {
        defer { try? FileManager.default.removeItem(atPath: paths.directory) }
        // Even root cannot open a directory for writing.
        try Files.ensureDirectory(paths.lock(id))
        #expect(await WorkerMain.work(paths.identity(id)) == 65)
        #expect(try lastWords().contains("\(paths.lock(id))"))
        #expect(try !lastWords().contains("another process"))
    }
}
