import Foundation
import Glibc
import LinuxSystem
import Testing
import WorkerProtocol

@testable import Supervision

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
            #expect(second.snapshot("link/a")?.restarts == 1)
            await second.stopAll()
        }
    }

    @Test func replacesOneThatRunsSomethingElse() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            let second = stage.reconciler()
            try await second.start()
            await second.setDesired([stage.worker(latencyMs: 800)])
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
            // It might be just beginning, and has the time of a start.
            var timing = Stage.timing
            timing.start = .seconds(1)
            let second = stage.reconciler(timing)
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
            let snapshot = try #require(second.snapshot("link/a"))
            #expect(snapshot.restarts == 1)
            #expect(snapshot.endings.map(\.cause) == ["ended while no daemon ran"])
            await second.stopAll()
        }
    }

    @Test func waitsForOneThatHasOnlyBegun() async throws {
        try await Stage.run { stage in
            try stage.tell("late")
            let first = stage.reconciler()
            try await first.start()
            await first.setDesired([stage.worker()])
            let pid = try await eventually("it was spawned") { first.snapshot("link/a")?.pid }
            await first.detachAll()
            let second = stage.reconciler()
            try await second.start()
            await second.setDesired([stage.worker()])
            #expect(try await second.running() == pid)
            #expect(second.snapshot("link/a")?.restarts == 0)
            await second.stopAll()
        }
    }

    @Test func replacesOneWhoseIdentityIsLost() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            try Files.remove(stage.paths.identity("link/a"))
            let second = stage.reconciler()
            try await second.start()
            // What it says it runs is what is wanted: no reason to end it.
            await second.setDesired([stage.worker()])
            #expect(try await second.running() == pid)
            await second.setDesired([stage.worker(latencyMs: 800)])
            _ = try await second.running(not: pid)
            #expect(!ProcessFacts.isAlive(pid))
            await second.stopAll()
        }
    }

    /// Nothing but its own word says which process it is.
    @Test func speaksAgainWithOneWhoseIdentityIsLost() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            try Files.remove(stage.paths.identity("link/a"))
            var timing = Stage.timing
            timing.silence = .seconds(20)
            let second = stage.reconciler(timing)
            try await second.start()
            await second.setDesired([stage.worker()])
            #expect(try await second.running() == pid)
            try stage.tell("drop")
            // Until it was refused at least once: nobody is asked who is not connected.
            await #expect(throws: WorkerError.self) {
                while true {
                    _ = try await second.request("link/a", .requestKeyframe)
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            try stage.tell("")
            _ = try await eventually("it answers again") { try? await second.request("link/a", .requestKeyframe) }
            #expect(second.snapshot("link/a")?.pid == pid)
            #expect(second.snapshot("link/a")?.endings.isEmpty == true)
            await second.stopAll()
        }
    }

    @Test func replacesOneThatSpeaksAnotherVersion() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            try stage.tell("newer")
            let second = stage.reconciler()
            try await second.start()
            try stage.tell("")
            await second.setDesired([stage.worker()])
            _ = try await second.running(not: pid)
            #expect(!ProcessFacts.isAlive(pid))
            await second.stopAll()
        }
    }

    @Test func keepsOneOfTwoProcesses() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            // As a daemon leaves it that dies in the middle of a replacement: it never gets the lock.
            try stage.tell("late")
            let other = try ProcessHandle.spawn(
                SpawnRequest(
                    executable: Stage.executable, arguments: [stage.paths.identity("link/a")],
                    environment: ["PATH": "/usr/bin:/bin"]))
            let second = stage.reconciler()
            try await second.start()
            await second.setDesired([stage.worker()])
            #expect(try await second.running() == pid)
            _ = try await eventually("the second process is gone") { ProcessFacts.isAlive(other.pid) ? nil : true }
            await second.stopAll()
        }
    }

    @Test func leavesAStrangerOnTheSocketAlone() async throws {
        try await Stage.run { stage in
            try Files.ensureDirectory(stage.paths.workers)
            let stranger = try UnixListener.bind(path: stage.paths.socket("link/a"), temporarySuffix: ".x") {
                descriptor, _ in close(descriptor)
            }
            // A number that somebody else has by now.
            try Files.writeAtomically(stage.paths.lock("link/a"), Array("\(getpid())".utf8))
            let identity = WorkerIdentity(
                id: "link/a", instance: "gone", digest: "x", specification: stage.worker().specification)
            try Files.writeAtomically(stage.paths.identity("link/a"), Array(JSONEncoder().encode(identity)))
            let reconciler = stage.reconciler()
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            _ = try await reconciler.running()
            await reconciler.stopAll()
            stranger.close()
        }
    }

    /// A census is seconds old when somebody is killed by it.
    @Test func takesHoldOfNobodyWhoGotAnOldNumber() async throws {
        try await Stage.run { stage in
            try Files.ensureDirectory(stage.paths.workers)
            func start(_ id: String) throws -> ProcessHandle {
                try ProcessHandle.spawn(
                    SpawnRequest(
                        executable: "/bin/sh", arguments: ["-c", "sleep 60; exit 0", stage.paths.identity(id)]))
            }
            let (ours, other) = (try start("link/a"), try start("link/b"))
            #expect(WorkerCensus.open(ours.pid, of: "link/a", stage.paths)?.pid == ours.pid)
            #expect(WorkerCensus.open(other.pid, of: "link/a", stage.paths) == nil)
            #expect(WorkerCensus.open(getppid(), of: "link/a", stage.paths) == nil)
            kill(-ours.pid, SIGKILL)
            #expect(await ours.waitForExit(timeout: .seconds(20)) != nil)
            #expect(WorkerCensus.open(ours.pid, of: "link/a", stage.paths) == nil)
            kill(-other.pid, SIGKILL)
        }
    }

    @Test func clearsAwayWhatACrashLeft() async throws {
        try await Stage.run { stage in
            try Files.ensureDirectory(stage.paths.workers)
            try Files.ensureDirectory(stage.paths.feeds)
            let feed = stage.paths.feed("camera/picture")
            let dead = try UnixListener.bind(path: feed, temporarySuffix: ".x") { descriptor, _ in close(descriptor) }
            rename(feed, "\(feed).kept")
            dead.close()
            rename("\(feed).kept", feed)
            // It closes in its own time.
            _ = try await eventually("nobody listens there") { () -> Bool? in
                do {
                    close(try connectUnix(path: feed))
                    return nil
                } catch let error as SystemError where error.code == ECONNREFUSED {
                    return true
                }
            }
            try Files.ensureDirectory(stage.paths.thumbnails)
            // No process has a number so high.
            for path in [
                "\(stage.paths.workers)/link.a.json.99999999-4.tmp", "\(stage.paths.workers)/link.a.sock.12345678",
                "\(stage.paths.feeds)/camera.picture.sock.12345678", "\(stage.paths.thumbnails)/input.camera.jpg.tmp",
            ] { try Files.writeAtomically(path, []) }
            let reconciler = stage.reconciler()
            try await reconciler.start()
            #expect(try Files.list(stage.paths.workers).isEmpty)
            #expect(try Files.list(stage.paths.feeds).isEmpty)
            #expect(try Files.list(stage.paths.thumbnails).isEmpty)
            await reconciler.stopAll()
        }
    }

    @Test func leavesAloneWhatALivingWorkerIsMaking() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            let identity = try JSONDecoder().decode(
                WorkerIdentity.self, from: Data(Files.read(stage.paths.identity("link/a"))))
            try Files.ensureDirectory(stage.paths.thumbnails)
            let making = [
                "\(stage.paths.workers)/link.a.last.\(pid)-4.tmp",
                "\(stage.paths.feeds)/live.sock.\(identity.instance.prefix(8))",
                "\(stage.paths.thumbnails)/link.a.jpg.tmp",
            ]
            for path in making { try Files.writeAtomically(path, []) }
            let second = stage.reconciler()
            try await second.start()
            for path in making { #expect(Files.exists(path), "\(path)") }
            await second.setDesired([])
            await second.stopAll()
        }
    }

    @Test func leavesNoIdentityOfAProcessThatCouldNotBeStarted() async throws {
        try await Stage.run { stage in
            let reconciler = stage.reconciler(executable: "/nowhere/venuecast-worker")
            try await reconciler.start()
            await reconciler.setDesired([stage.worker()])
            _ = try await eventually("it cannot be started") {
                reconciler.snapshot("link/a")?.lastError?.contains("/nowhere/venuecast-worker") == true ? true : nil
            }
            #expect(!Files.exists(stage.paths.identity("link/a")))
            await reconciler.stopAll()
        }
    }

    @Test func callsOneOfAnotherBuildOutdatedAndLeavesItOn() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            let second = stage.reconciler()
            try await second.start()
            var worker = stage.worker()
            worker.build = "later"
            await second.setDesired([worker])
            #expect(try await second.running() == pid)
            #expect(second.snapshot("link/a")?.isOutdated == true)
            try await second.restart("link/a")
            _ = try await second.running(not: pid)
            #expect(second.snapshot("link/a")?.isOutdated == false)
            #expect(second.snapshot("link/a")?.restarts == 0, "it was asked for")
            await second.stopAll()
        }
    }

    /// A specification that another version of the program writes down otherwise is still the same.
    @Test func keepsOneWhoseDigestAloneDiffers() async throws {
        try await Stage.run { stage in
            let pid = try await leave(stage)
            let second = stage.reconciler()
            try await second.start()
            var worker = stage.worker(digest: "as another version writes it")
            #expect(worker.contents.isEmpty)
            await second.setDesired([worker])
            #expect(try await second.running() == pid)
            worker.contents = ["/keys/a": "other"]
            await second.setDesired([worker])
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
