import Glibc
import LinuxSystem
import Rig
import Testing
import VenuecastModel

extension SystemTests {
    /// The daemon comes and goes, and nobody who watches notices.
    @Suite(.timeLimit(.minutes(3))) struct TakeoverTests {
        private func pids(_ rig: Rig) async throws -> [String: Int32] {
            let workers = try await rig.client.workers().filter { $0.state == "running" }
            return Dictionary(uniqueKeysWithValues: workers.compactMap { worker in worker.pid.map { (worker.id, $0) } })
        }

        private func all(_ rig: Rig) async throws -> [String: Int32] {
            // The programme, two inputs, and what looks at what goes out.
            let count = 4 + rig.venues.count
            return try await waitFor("all \(count) workers run", seen: { rig.log }) {
                let running = try await pids(rig)
                return running.count == count ? running : nil
            }
        }

        @Test(arguments: [SIGKILL, SIGUSR2])
        func noVenueNoticesThatTheDaemonIsAway(signal: Int32) async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(3))
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                try await stage.onAir("camera")
                let before = try await all(rig)
                #expect(try await stage.venuectl("venue", "stop", "sifang").code == 0)
                try await waitFor("sifang's link has ended") {
                    rig.workerPids().count == before.count - 1 ? true : nil
                }

                try await rig.endDaemonAlone(signal)
                #expect(rig.workerPids().count == before.count - 1)
                // Failover goes on without it.
                kill(before["input/camera"]!, SIGKILL)
                try await rig.receivers[0].waitForMore(50)
                try rig.startDaemon()
                try await stage.onAir("camera")
                let after = try await pids(rig)
                for (id, pid) in before where id != "input/camera" && id != "link/sifang" {
                    #expect(after[id] == pid, "\(id)")
                }
                #expect(after["link/sifang"] == nil)
                try await stage.venue("sifang", "is still off") { $0.state == .off }
                let workers = try await rig.client.workers()
                for worker in workers where worker.id != "input/camera" {
                    #expect(worker.restarts == 0, "\(worker.id)")
                }
                let camera = try #require(workers.first { $0.id == "input/camera" })
                #expect(camera.restarts == 1)
                #expect(camera.endings.map(\.cause) == ["ended while no daemon ran"])

                try await rig.receivers[0].waitForMore(25)
                for receiver in rig.receivers.prefix(2) { receiver.expectOneStream() }
            }
        }

        /// A machine that swaps, a frozen cgroup: nobody was asked, so nobody was silent.
        @Test func aDaemonThatStoodStillBlamesNobody() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                let before = try await all(rig)
                let daemon = try #require(rig.daemonPid)
                kill(daemon, SIGSTOP)
                // Longer than the silence that a worker is killed for; the time itself is what is tested.
                try await Task.sleep(for: .seconds(7))
                kill(daemon, SIGCONT)
                // It would kill them at once; afterwards it is as watchful as before.
                #expect(try await all(rig) == before)
                try await rig.receivers[0].waitForMore(75)
                #expect(try await all(rig) == before)
                #expect(try await rig.client.workers().allSatisfy { $0.restarts == 0 && $0.endings.isEmpty })
                kill(before["input/standby"]!, SIGSTOP)
                try await waitFor("a hung worker is replaced", seen: { rig.log }) {
                    try await pids(rig)["input/standby"].flatMap { $0 == before["input/standby"] ? nil : $0 }
                }
            }
        }

        @Test func anotherNameOfTheRunDirectoryHidesNoWorker() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                let before = try await all(rig)
                try await rig.endDaemonAlone(SIGUSR2)
                let name = stage.workspace.file("other-run")
                #expect(symlink(rig.runDirectory, name) == 0)
                try rig.startDaemon(runDirectory: "\(name)/.")
                #expect(try await all(rig) == before)
                #expect(Set(rig.workerPids()) == Set(before.values))
            }
        }

        /// It is refused before anything is read or made.
        @Test func aRunDirectoryThatIsTooLongIsRefusedByEitherName() async throws {
            let workspace = try Workspace()
            defer { workspace.cleanUp() }
            let long = workspace.file(String(repeating: "long", count: 10))
            try Files.ensureDirectory(long)
            let name = workspace.file("short")
            #expect(symlink(long, name) == 0)
            for path in [name, long] {
                let answer = try await workspace.run("venuecastd", ["--run-dir", path, "--state-dir", "/nowhere"])
                #expect(answer.code == 64)
                #expect(answer.complaint.contains(long) && answer.complaint.contains("40"), "\(answer.complaint)")
            }
        }

        /// Somebody saves half a configuration, and then the daemon crashes.
        @Test func aBrokenFileKeepsNoDaemonFromItsWorkers() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                try await stage.onAir("camera")
                let before = try await all(rig)
                try await rig.endDaemonAlone(SIGKILL)
                let whole = String(decoding: try Files.read(rig.configuration), as: UTF8.self)
                try rig.editConfiguration { $0.replacing("width = ", with: "width = 7 #") }

                try rig.startDaemon()
                let status = try await rig.status("the alarm") { status in
                    status.alarms.contains { $0.code == "configuration-refused" && $0.subject == "configuration" }
                }
                #expect(status.configurationRefused?.contains("venuecast.toml:") == true)
                #expect(try await all(rig) == before)
                // It is steered as ever.
                #expect(try await stage.venuectl("program", "take", "slate:holding").code == 0)
                let refused = try await stage.venuectl("config", "reload")
                #expect(refused.code == 1 && refused.complaint.contains("width"), "\(refused.complaint)")

                try rig.editConfiguration { _ in whole }
                #expect(try await stage.venuectl("config", "reload").code == 0)
                try await rig.status("the file itself is in force") {
                    $0.configurationRefused == nil && !$0.alarms.contains { $0.code == "configuration-refused" }
                }
                #expect(try await all(rig) == before)

                // Without workers it is no matter of taking anything back: the file is refused.
                #expect(try await rig.stopDaemon() == .exited(code: 0))
                try rig.editConfiguration { $0.replacing("width = ", with: "width = 7 #") }
                try rig.startDaemon()
                #expect(try await rig.daemonsEnd() == .exited(code: 78))
            }
        }

        @Test func whatOperatorsWereToldHoldsAcrossACrash() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                #expect(try await stage.venuectl("program", "take", "slate:holding").code == 0)
                #expect(try await stage.venuectl("program", "mute").code == 0)
                try await rig.endDaemonAlone(SIGKILL)
                // The programme dies as well: only what was written down knows.
                let program = try #require(
                    rig.workerPids().first { pid in
                        ProcessFacts.arguments(pid)?.last?.hasSuffix("/program.json") == true
                    })
                kill(program, SIGKILL)
                try rig.startDaemon()
                try await rig.status("the slate is on air again, muted") {
                    $0.program.onAir == "slate:holding" && $0.program.mode == "manual" && $0.program.audio.muted == true
                }
            }
        }

        @Test func aSecondDaemonTouchesNothing() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                let before = try await all(rig)
                let second = try stage.workspace.spawn(
                    "venuecastd",
                    [
                        "--config", rig.configuration, "--run-dir", rig.runDirectory, "--state-dir",
                        stage.workspace.file("other-state"),
                    ], log: "second.log")
                #expect(await second.waitForExit(timeout: .seconds(10)) == .exited(code: 75))
                #expect(try await pids(rig) == before)
                let said = String(decoding: try Files.read(stage.workspace.file("second.log")), as: UTF8.self)
                #expect(said.contains("another venuecastd uses this directory"))
            }
        }

        @Test func leavesNoOrphanWhateverItsWorkersDo() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(2))
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                let before = try await all(rig)
                kill(before["link/shinan"]!, SIGSTOP)
                // One that is just beginning.
                kill(before["input/standby"]!, SIGKILL)
                #expect(try await rig.stopDaemon() == .exited(code: 0))
                #expect(rig.workerPids().isEmpty)
                for name in ["workers", "feeds"] {
                    let left = try Files.list("\(rig.runDirectory)/\(name)").filter { $0.hasSuffix(".sock") }
                    #expect(left.isEmpty)
                }
            }
        }
    }
}
