import Glibc
import LinuxSystem
import Supervision
import Testing
import WorkerProtocol

/// With real processes.
@Suite struct LifeTests {
    @Test func startsWhatIsDesiredAndStopsWhatIsNot() async throws {
        try await Stage.run { stage in
            let reconciler = stage.reconciler()
            try await reconciler.start()
            await reconciler.setDesired([stage.worker("link/a"), stage.worker("link/b")])
            let first = try await reconciler.running("link/a")
            let second = try await reconciler.running("link/b")
            let sampled = try await eventually("a sample") {
                reconciler.snapshot("link/a").flatMap { $0.cpuPercent == nil ? nil : $0 }
            }
            #expect(sampled.memoryBytes ?? 0 > 1_000_000)
            #expect(sampled.restarts == 0)

            await reconciler.setDesired([stage.worker("link/b")])
            _ = try await eventually("it is gone") { reconciler.snapshot("link/a") == nil ? true : nil }
            #expect(!ProcessFacts.isAlive(first))
            #expect(!Files.exists(stage.paths.identity("link/a")))
            #expect(reconciler.snapshot("link/b")?.pid == second)
            await reconciler.stopAll()
            #expect(!ProcessFacts.isAlive(second))
            // An order that comes too late starts nothing.
            await reconciler.setDesired([stage.worker("link/a")])
            #expect(reconciler.snapshot().isEmpty)
        }
    }

    @Test func writesIdentitiesForTheOwnerAlone() async throws {
        try await Stage.run { stage in
            let reconciler = stage.reconciler()
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            _ = try await reconciler.running()
            var status = stat()
            #expect(stat(stage.paths.identity("link/a"), &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            await reconciler.stopAll()
        }
    }

    @Test func startsAKilledWorkerAgain() async throws {
        try await Stage.run { stage in
            let reconciler = stage.reconciler()
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            let pid = try await reconciler.running()
            kill(pid, SIGKILL)
            _ = try await reconciler.running(not: pid)
            #expect(reconciler.snapshot("link/a")?.restarts == 1)
            await reconciler.stopAll()
        }
    }

    @Test func killsAWorkerThatGivesNoAnswer() async throws {
        try await Stage.run { stage in
            let reconciler = stage.reconciler()
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            let pid = try await reconciler.running()
            kill(pid, SIGSTOP)
            _ = try await reconciler.running(not: pid)
            #expect(!ProcessFacts.isAlive(pid))
            await reconciler.stopAll()
        }
    }

    @Test func killsAWorkerWhoseOutputStandsStill() async throws {
        try await Stage.run { stage in
            let reconciler = stage.reconciler()
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            let pid = try await reconciler.running()
            try stage.tell("stuck")
            let error = try await eventually("it is killed") {
                reconciler.snapshot("link/a").flatMap { $0.pid == pid ? nil : $0.lastError }
            }
            #expect(error.contains("let nothing out"))
            try stage.tell("")
            _ = try await reconciler.running(not: pid)
            await reconciler.stopAll()
        }
    }

    @Test func leavesAStarvedWorkerAlone() async throws {
        try await Stage.run { stage in
            let reconciler = stage.reconciler()
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            let pid = try await reconciler.running()
            try stage.tell("starved")
            _ = try await eventually("it is starved") {
                reconciler.snapshot("link/a")?.phase == .starved ? true : nil
            }
            // Past the time after which it would be called stuck; what is waited for is that nothing happens.
            try await Task.sleep(for: .seconds(3))
            #expect(reconciler.snapshot("link/a")?.pid == pid)
            try stage.tell("")
            #expect(try await reconciler.running() == pid)
            await reconciler.stopAll()
        }
    }

    @Test func killsWhatIsNotReadyInTime() async throws {
        try await Stage.run { stage in
            var timing = Stage.timing
            timing.start = .seconds(1)
            let reconciler = stage.reconciler(timing)
            try stage.tell("unready")
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            let error = try await eventually("it is killed") { reconciler.snapshot("link/a")?.lastError }
            #expect(error.contains("was not ready after"))
            await reconciler.stopAll()
        }
    }

    @Test func climbsTheLadderToTheEnd() async throws {
        try await Stage.run { stage in
            var timing = Stage.timing
            timing.stopLadder = StopLadder([
                .init(.ask, patience: .milliseconds(300)), .init(.terminate, patience: .milliseconds(300)),
                .init(.kill, patience: .seconds(10)),
            ])
            let reconciler = stage.reconciler(timing)
            try stage.tell("deaf")
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            let pid = try await reconciler.running()
            await reconciler.stopAll()
            #expect(!ProcessFacts.isAlive(pid))
        }
    }

    @Test func abandonsWhatSurvivesAndStartsASuccessor() async throws {
        try await Stage.run { stage in
            var timing = Stage.timing
            // No rung that would end it stands for a process that SIGKILL does not end.
            timing.stopLadder = StopLadder([.init(.ask, patience: .milliseconds(300))])
            let reconciler = stage.reconciler(timing)
            try stage.tell("deaf")
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            let pid = try await reconciler.running()
            try await reconciler.restart("link/a")
            let successor = try await reconciler.running(not: pid)
            #expect(successor != pid && ProcessFacts.isAlive(pid))
            let beside = try #require(reconciler.snapshot("link/a"))
            #expect(beside.phase == .running && beside.abandoned == [pid])
            #expect(beside.endings.last?.cause.hasSuffix("survived SIGKILL; process \(pid) is abandoned") == true)
            #expect(beside.restarts == 0, "the start was asked for")
            kill(pid, SIGKILL)
            _ = try await eventually("it is gone after all") {
                reconciler.snapshot("link/a")?.abandoned.isEmpty == true ? true : nil
            }
            #expect(reconciler.snapshot("link/a")?.pid == successor)
            await reconciler.setDesired([])
            let last = try await eventually("it is given up") {
                reconciler.snapshot("link/a").flatMap { $0.phase == .abandoned ? $0 : nil }
            }
            #expect(last.pid == successor)
            #expect(last.lastError?.contains("abandoned") == true)
            await #expect(throws: WorkerError.abandoned(pid: successor)) { try await reconciler.restart("link/a") }
            kill(successor, SIGKILL)
            _ = try await eventually("nothing is left to tell of") { reconciler.snapshot("link/a") == nil ? true : nil }
            await reconciler.stopAll()
        }
    }

    @Test func aRestartAskedForDuringAnEndHitsNoSuccessor() async throws {
        try await Stage.run { stage in
            var timing = Stage.timing
            timing.stopLadder = StopLadder([.init(.ask, patience: .seconds(20)), .init(.kill, patience: .seconds(10))])
            let reconciler = stage.reconciler(timing)
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            let pid = try await reconciler.running()
            try stage.tell("finishing")
            try await reconciler.restart("link/a")
            _ = try await eventually("it is being ended") {
                reconciler.snapshot("link/a")?.phase == .stopping ? true : nil
            }
            try await reconciler.restart("link/a")
            try stage.tell("")
            _ = try await reconciler.running(not: pid)
            var events = reconciler.events.makeAsyncIterator()
            #expect(await events.next() == .ready(id: "link/a", isTakenBack: false))
            #expect(await events.next() == .stopped(id: "link/a", because: "a restart was asked for"))
            #expect(await events.next() == .ready(id: "link/a", isTakenBack: false), "it was not ended once more")
            await reconciler.stopAll()
        }
    }

    /// An upgrade in the middle of it waits for no recording to be read again, and hurries none.
    @Test(arguments: [true, false]) func letsGoOfOneThatIsBeingEnded(_ isHung: Bool) async throws {
        try await Stage.run { stage in
            var timing = Stage.timing
            timing.stopLadder = StopLadder([
                .init(isHung ? .terminate : .ask, patience: .seconds(60)), .init(.kill, patience: .seconds(60)),
            ])
            let reconciler = stage.reconciler(timing)
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            let pid = try await reconciler.running()
            try stage.tell("finishing")
            await reconciler.setDesired([])
            _ = try await eventually("it is being ended") {
                reconciler.snapshot("link/a")?.phase == .stopping ? true : nil
            }
            #expect(await answer(within: .seconds(20)) { await reconciler.detachAll() } != nil)
            #expect(ProcessFacts.isAlive(pid))
            #expect(Files.exists(stage.paths.identity("link/a")), "the next daemon has to find it")
        }
    }

    @Test func replacesAWorkerWithAnotherDigest() async throws {
        try await Stage.run { stage in
            let reconciler = stage.reconciler()
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            let pid = try await reconciler.running()
            await reconciler.setDesired([stage.worker(latencyMs: 800)])
            _ = try await reconciler.running(not: pid)
            #expect(!ProcessFacts.isAlive(pid))
            await reconciler.stopAll()
        }
    }

    @Test func doesNotHurryWithAnUnusableSpecificationAndSaysWhy() async throws {
        try await Stage.run { stage in
            let reconciler = stage.reconciler()
            try stage.tell("refuse")
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            let snapshot = try await eventually("it waits") {
                reconciler.snapshot("link/a").flatMap { $0.phase == .waiting && $0.nextStart != nil ? $0 : nil }
            }
            #expect(snapshot.lastError?.contains("the pipeline file does not parse") == true)
            #expect(snapshot.restarts == 0)
            // Mended, and asked for by hand: there is no waiting.
            try stage.tell("")
            try await reconciler.restart("link/a")
            _ = try await reconciler.running()
            await reconciler.stopAll()
        }
    }

    @Test func passesRequestsOnAndSaysWhenThereIsNobody() async throws {
        try await Stage.run { stage in
            let reconciler = stage.reconciler()
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            _ = try await reconciler.running()
            #expect(
                try await reconciler.request("link/a", .take(source: "camera", force: false))
                    == .refused(Refusal(code: "not-supported", message: "no programme")))
            await #expect(throws: WorkerError.unknown(id: "link/b")) {
                try await reconciler.request("link/b", .requestKeyframe)
            }
            await reconciler.stopAll()
        }
    }
}
