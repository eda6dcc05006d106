import Glibc
import LinuxSystem
import Rig
import Testing
import VenuecastModel

extension SystemTests {
    /// The units, installed and run by a real systemd.
    @Suite(
        .enabled(if: SystemdMachine.obstacle == nil, "systemd cannot be booted here: \(SystemdMachine.obstacle ?? "")"),
        .timeLimit(.minutes(2)))
    struct SystemdTests {
        @Test func nobodyLosesAPictureUntilTheServiceIsStopped() async throws {
            try await onMachine(dropIn: "WatchdogSec=3\n") { stage, machine in
                let rig = stage.rig
                try await machine.start()
                for receiver in rig.receivers.prefix(2) { try receiver.start() }
                for receiver in rig.receivers.prefix(2) { try await receiver.waitForMore(10) }
                try await machine.wait(
                    for: "StatusText", "on air: camera; 2 of 3 venues ok; sifang: nobody connected")
                let workers = try await machine.workers(stage)
                #expect(workers.count == 7)
                try expectRealTime(machine, "link.shinan")
                let group = try await machine.run("stat", "--format=%G", "/run/venuecast/monitor.sock")
                #expect(group.output == "venuecast-monitor\n")

                // A crash.
                var daemon = try await machine.property("MainPID")
                try await machine.systemctl("kill", "--kill-who=main", "--signal=KILL", "venuecastd")
                daemon = try await machine.another(than: daemon)
                try await expectSame(workers, machine, stage)

                // A hang.
                try await machine.systemctl("kill", "--kill-who=main", "--signal=STOP", "venuecastd")
                daemon = try await machine.another(than: daemon)
                #expect(await machine.journal().contains("Watchdog timeout"))
                try await expectSame(workers, machine, stage)

                // An upgrade.
                #expect(try await machine.systemctl("restart", "venuecastd").code == 0)
                _ = try await machine.another(than: daemon)
                try await expectSame(workers, machine, stage)

                try await expectReload(machine, stage)
                for receiver in rig.receivers.prefix(2) {
                    try await receiver.waitForMore(10)
                    receiver.expectOneStream()
                }
                #expect(try await machine.systemctl("stop", "venuecastd").code == 0)
                #expect(try machine.processes() == [])
                #expect(try await machine.property("Result") == "success")
                // At once: nothing of the stop is in the way.
                try await machine.start()
                #expect(try await machine.property("NRestarts") == "0")
            }
        }

        /// systemd runs nothing of a unit that only waits for its next start.
        @Test func aStopIsMeantAlsoWhileNoDaemonCanStart() async throws {
            try await onMachine { stage, machine in
                try await machine.start()
                let workers = try await machine.workers(stage)
                let configuration = machine.path("/etc/venuecast/venuecast.toml")
                try Files.writeAtomically(configuration, Array("[house]\nwidth = 7\n".utf8), mode: 0o644)
                // Nor is there one that was accepted before.
                try Files.remove(machine.path("/var/lib/venuecast/accepted.toml"))
                try await machine.systemctl("kill", "--kill-who=main", "--signal=KILL", "venuecastd")
                try await machine.wait(for: "ExecMainStatus", "78")
                try await machine.wait(for: "StatusText", containing: "venuecast.toml:2")
                #expect(try machine.processes().count >= workers.count)

                #expect(try await machine.systemctl("stop", "venuecastd").code == 0)
                try await waitFor("all have ended", seen: { await machine.journal() }) {
                    try machine.processes().isEmpty ? true : nil
                }
            }
        }

        @Test func aFrozenWorkerDoesNotOutliveAStop() async throws {
            try await onMachine(dropIn: "TimeoutStopSec=1\n") { stage, machine in
                try await machine.start()
                _ = try await machine.workers(stage)
                // The daemon itself is killed before it is done with them.
                try await machine.systemctl("kill", "--kill-who=all", "--signal=STOP", "venuecastd")
                #expect(try await machine.systemctl("stop", "venuecastd").code == 0)
                #expect(try await machine.property("Result") == "timeout")
                try await waitFor("all have ended", seen: { await machine.journal() }) {
                    try machine.processes().isEmpty ? true : nil
                }
            }
        }

        @Test(.enabled(if: Files.exists("/dev/loop-control"), "there are no loop devices here"))
        func aFrozenDiskIsNoReasonToKillTheDaemon() async throws {
            try await onMachine(dropIn: "WatchdogSec=3\n", stateDisk: true) { stage, machine in
                try await machine.start()
                let workers = try await machine.workers(stage)
                let daemon = try await machine.property("MainPID")
                let fed = try #require(Int(try await machine.property("WatchdogTimestampMonotonic")))
                try await machine.run("fsfreeze", "--freeze", "/var/lib/venuecast")
                do {
                    // Something that has to be written.
                    async let asked = try? stage.rig.client.post("/v1/venues/shinan/stop")
                    try await waitFor("the watchdog is fed for two of its intervals") {
                        let now = Int(try await machine.property("WatchdogTimestampMonotonic")) ?? 0
                        return now > fed + 6_000_000 ? true : nil
                    }
                    #expect(await asked == nil)
                } catch {
                    try await machine.run("fsfreeze", "--unfreeze", "/var/lib/venuecast")
                    throw error
                }
                try await machine.run("fsfreeze", "--unfreeze", "/var/lib/venuecast")
                #expect(try await machine.property("MainPID") == daemon)
                #expect(try await machine.workers(stage) == workers)
            }
        }

        // MARK: -

        private func onMachine(
            dropIn: String = "", stateDisk: Bool = false, _ body: (Stage, SystemdMachine) async throws -> Void
        ) async throws {
            let program = Stage.program() + "\n[control]\nmonitorGroup = \"venuecast-monitor\"\n"
            let stage = try Stage(venues: try Rig.Venue.reserve(3), program: program)
            try await stage.run {
                let machine = try await SystemdMachine.boot(
                    stage.workspace, configuration: stage.rig.configuration, dropIn: dropIn, stateDisk: stateDisk)
                do {
                    try await body(stage, machine)
                } catch {
                    let journal = await machine.journal()
                    try await machine.end()
                    throw RigError("\(error)\n\(journal)")
                }
                try await machine.end()
            }
        }

        /// A venue less; then a file with an error, which changes nothing.
        private func expectReload(_ machine: SystemdMachine, _ stage: Stage) async throws {
            let file = machine.path("/etc/venuecast/venuecast.toml")
            var text = try Workspace.text(of: file)
            text = String(text[..<(try #require(text.ranges(of: "[[venues]]").last)).lowerBound])
            try Files.writeAtomically(file, Array(text.utf8), mode: 0o644)
            #expect(try await machine.systemctl("reload", "venuecastd").code == 0)
            try await machine.wait(for: "StatusText", "on air: camera; 2 of 2 venues ok")

            try Files.writeAtomically(file, Array("[house]\nwidth = 7\n".utf8), mode: 0o644)
            #expect(try await machine.systemctl("reload", "venuecastd").code != 0)
            #expect(try await machine.property("ActiveState") == "active")
            #expect(try await stage.rig.client.status().venues.map(\.health) == [.ok, .ok])
            try Files.writeAtomically(file, Array(text.utf8), mode: 0o644)
        }

        private func expectSame(_ workers: [String: pid_t], _ machine: SystemdMachine, _ stage: Stage) async throws {
            #expect(try await machine.workers(stage) == workers)
            let restarts = try await stage.rig.client.workers().map(\.restarts)
            #expect(restarts.allSatisfy { $0 == 0 })
        }

        /// The unit's filters let a link have its priority.
        private func expectRealTime(_ machine: SystemdMachine, _ worker: String) throws {
            let pid = try #require(
                try machine.processes().first {
                    try Workspace.text(of: "/proc/\($0)/cmdline").contains("/workers/\(worker).json")
                })
            #expect(sched_getscheduler(pid) == SCHED_RR)
        }
    }
}

extension SystemdMachine {
    func wait(for name: String, _ value: String) async throws {
        try await waitFor("\(name) is \"\(value)\"", seen: { "\((try? await property(name)) ?? "")" }) {
            try await property(name) == value ? true : nil
        }
    }

    func wait(for name: String, containing part: String) async throws {
        try await waitFor("\(name) has \"\(part)\"", seen: { "\((try? await property(name)) ?? "")" }) {
            try await property(name).contains(part) ? true : nil
        }
    }

    /// The process id of the daemon that has come after this one, and is ready.
    func another(than daemon: String) async throws -> String {
        try await waitFor("another daemon is ready", seen: { await journal() }) {
            let now = try await property("MainPID")
            guard now != daemon, now != "0" else { return nil }
            return try await property("ActiveState") == "active" ? now : nil
        }
    }

    /// The process ids of all workers, on the machine, once all run.
    func workers(_ stage: Stage) async throws -> [String: pid_t] {
        try await waitFor("all workers run", seen: { await journal() }) {
            let workers = try await stage.rig.client.workers()
            guard !workers.isEmpty, workers.allSatisfy({ $0.state == "running" || $0.state == "starved" }) else {
                return nil
            }
            return Dictionary(uniqueKeysWithValues: workers.compactMap { worker in worker.pid.map { (worker.id, $0) } })
        }
    }
}
