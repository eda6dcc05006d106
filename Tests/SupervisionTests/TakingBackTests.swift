import Glibc
import LinuxSystem
import Supervision
import Testing
import WorkerProtocol

@Suite struct TakingBackTests {
    /// Starts a worker under one reconciler and lets go of it.
    private func leave(_ stage: Stage) async throws -> pid_t {
        let first = stage.reconciler()
        try await first.start()
        await first.setDesired([stage.worker()])
        let pid = try await first.running()
        await first.detachAll()
        #expect(ProcessFacts.isAlive(pid))
        return pid
    }

    @Test func takesBackWhatAnEarlierDaemonLeft() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            let second = stage.reconciler()
            try await second.start()
            await second.setDesired([stage.worker()])
            #expect(try await second.running() == pid)
            #expect(second.snapshot("link/a")?.restarts == 0)
            let began = try #require(second.snapshot("link/a")?.startedAt)
            #expect(abs(began - wallClockSeconds()) < 120)

            // It is watched like one of our own.
            kill(pid, SIGKILL)
            _ = try await second.running(not: pid)
            await second.stopAll()
        }
    }

    @Test func replacesOneThatRunsSomethingElse() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            let second = stage.reconciler()
            try await second.start()
            await second.setDesired([stage.worker(digest: "two")])
            _ = try await second.running(not: pid)
            #expect(!ProcessFacts.isAlive(pid))
            await second.stopAll()
        }
    }

    @Test func stopsOneThatIsNotWantedAnyMore() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            let second = stage.reconciler()
            try await second.start()
            await second.setDesired([])
            _ = try await eventually("it is gone") { ProcessFacts.isAlive(pid) ? nil : true }
            _ = try await eventually("it is not listed") { second.snapshot().isEmpty ? true : nil }
            await second.stopAll()
        }
    }

    @Test func killsOneThatDoesNotAnswer() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            kill(pid, SIGSTOP)
            let second = stage.reconciler()
            try await second.start()
            await second.setDesired([stage.worker()])
            _ = try await second.running(not: pid)
            #expect(!ProcessFacts.isAlive(pid))
            await second.stopAll()
        }
    }

    @Test func killsOneThatHoldsTheLockWithoutASocket() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            try Files.remove(stage.paths.socket("link/a"))
            let second = stage.reconciler()
            try await second.start()
            await second.setDesired([stage.worker()])
            _ = try await second.running(not: pid)
            #expect(!ProcessFacts.isAlive(pid))
            await second.stopAll()
        }
    }

    @Test func startsAnewWhereNothingIsLeft() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            kill(pid, SIGKILL)
            _ = try await eventually("it is gone") { ProcessFacts.isAlive(pid) ? nil : true }
            let second = stage.reconciler()
            try await second.start()
            #expect(second.snapshot().isEmpty)
            #expect(!Files.exists(stage.paths.identity("link/a")))
            await second.setDesired([stage.worker()])
            _ = try await second.running(not: pid)
            await second.stopAll()
        }
    }

    @Test func setsAsideAnIdentityThatCannotBeRead() async throws {
        try await Stage.run { stage in
            try Files.ensureDirectory(stage.paths.workers)
            try Files.writeAtomically(stage.paths.identity("link/a"), Array("{".utf8))
            let reconciler = stage.reconciler()
            try await reconciler.start()
            #expect(Files.exists(stage.paths.identity("link/a") + ".unreadable"))
            await reconciler.setDesired([stage.worker()])
            _ = try await reconciler.running()
            await reconciler.stopAll()
        }
    }
}
