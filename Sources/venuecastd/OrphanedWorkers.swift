import Glibc
import LinuxSystem
import Logging
import Supervision
import WorkerProtocol

/// `--end-workers`: what a daemon left running is ended where no daemon will come to take it back.
struct OrphanedWorkers {
    let runDirectory: String
    let logger: Logger

    /// Returns when they have ended: at the latest after the time to take hold of them (7 s) and one stop ladder (6 s).
    func end() async throws {
        guard Files.exists(runDirectory) else { return }
        let runDirectory = try RunDirectory.find(runDirectory)
        let lock = try takeLock(runDirectory)
        defer { withExtendedLifetime(lock) {} }
        // It starts nothing: nothing is desired.
        let reconciler = Reconciler(
            paths: RunPaths(directory: runDirectory), workerExecutable: "", environment: [:], logger: logger)
        do {
            try await reconciler.start()
        } catch {
            throw StartFailure.cannotCreate("the workers cannot be looked for: \(error)")
        }
        await reconciler.stopAll()
        let left = reconciler.snapshot().filter { $0.phase == .abandoned }
        if !left.isEmpty {
            throw StartFailure(exitCode: 71, lines: left.map { "\($0.id): \($0.lastError ?? "does not end")" })
        }
    }

    private func takeLock(_ runDirectory: String) throws -> LockFile {
        do {
            return try LockFile.acquire("\(runDirectory)/venuecastd.lock")
        } catch let error as SystemError where error.code == EAGAIN {
            throw StartFailure.alreadyRunning("a venuecastd looks after these workers: \(error)")
        } catch {
            throw StartFailure.cannotCreate("\(error)")
        }
    }
}
