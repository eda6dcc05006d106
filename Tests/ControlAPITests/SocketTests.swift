import ControlAPI
import ControlClient
import Foundation
import LinuxSystem
import Testing
import VenuecastModel

/// The sockets as files, the record of who asked, and what the client makes of silence.
@Suite struct SocketTests {
    private func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    @Test func givesEachSocketItsModeAndGroup() async throws {
        // Root may give a file to any group, others to their own.
        let group = geteuid() == 0 ? "65534" : "\(getegid())"
        try await Stage.run(group: group) { stage in
            let control = try #require(status(stage.control))
            #expect(control.st_mode & 0o7777 == 0o660)
            #expect(control.st_mode & S_IFMT == S_IFSOCK)
            #expect("\(control.st_gid)" == group)
            #expect(status(stage.monitor).map { $0.st_mode & 0o7777 } == 0o666)
            // Nothing of the private places is left.
            #expect(try Files.list(stage.directory) == ["archive.sock", "control.sock", "monitor.sock"])
        }
    }

    @Test func takesItsSocketsAway() async throws {
        try await Stage.inDirectory { directory in
            let path = directory + "/control.sock"
            let (ready, signal) = AsyncStream.makeStream(of: Void.self)
            let server = ControlAPIServer(
                service: FakeControl(), events: Stage.events(directory), monitor: FakeMonitor(),
                sockets: [SocketConfiguration(path: path, role: .operator, mode: 0o600)],
                logger: CapturedLog().logger(), onReady: { signal.finish() })
            let running = Task { try await server.run() }
            for await _ in ready {}
            #expect(Files.exists(path))
            running.cancel()
            _ = await running.result
            let left = try Files.list(directory)
            #expect(left.isEmpty)
        }
    }

    @Test func leavesASuccessorsSocketAlone() async throws {
        try await Stage.inDirectory { directory in
            let path = directory + "/control.sock"
            let (ready, signal) = AsyncStream.makeStream(of: Void.self)
            let server = ControlAPIServer(
                service: FakeControl(), events: Stage.events(directory), monitor: FakeMonitor(),
                sockets: [SocketConfiguration(path: path, role: .operator, mode: 0o600)],
                logger: CapturedLog().logger(), onReady: { signal.finish() })
            let running = Task { try await server.run() }
            for await _ in ready {}
            try Files.remove(path)
            try Files.writeAtomically(path, [])
            running.cancel()
            _ = await running.result
            let left = try Files.list(directory)
            #expect(left == ["control.sock"])
        }
    }

    @Test(arguments: [
        ("control.sock", "no-such-group", "groupadd"),
        (String(repeating: "x", count: 120), nil, "choose a shorter run directory"),
        ("missing/control.sock", nil, "The run directory must exist"),
    ])
    func saysWhyASocketCannotBe(name: String, group: String?, expected: String) async throws {
        try await Stage.inDirectory { directory in
            let socket = SocketConfiguration(
                path: "\(directory)/\(name)", role: .operator, mode: 0o600, group: group)
            let server = ControlAPIServer(
                service: FakeControl(), events: Stage.events(directory), monitor: FakeMonitor(),
                sockets: [socket],
                logger: CapturedLog().logger())
            let error = await #expect(throws: SystemError.self) { try await server.run() }
            #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
            let left = try Files.list(directory)
            #expect(left.isEmpty)
        }
    }

    @Test func putsChangesOnRecord() async throws {
        try await Stage.run { stage in
            _ = try await stage.client.status()
            try await stage.client.post("/v1/program/take", body: TakeRequest(input: "standby", force: true))
            _ = try await stage.curl(
                "--unix-socket", stage.monitor, "-X", "POST", "http://localhost/v1/program/mute")
            let entries = stage.log.entries.filter { $0.metadata["method"] != nil }
            #expect(entries.map { $0.metadata["status"] } == ["200", "403"])
            let done = try #require(entries.first).metadata
            #expect(done["uid"] == "\(getuid())")
            #expect(done["pid"] == "\(getpid())")
            #expect(done["loginUid"] != nil)
            #expect(done["role"] == "operator")
            #expect(done["path"] == "/v1/program/take")
            #expect(done["input"] == "standby")
            #expect(done["force"] == "true")
            let refused = try #require(entries.last).metadata
            #expect(refused["role"] == "monitor")
            #expect(refused["code"] == "read-only")
            #expect(refused["pid"] != "\(getpid())" && refused["pid"] != "unknown")
        }
    }

    @Test func tellsTheWaysOfSilenceApart() async throws {
        try await Stage.inDirectory { directory in
            let path = directory + "/control.sock"
            let client = ControlClient(socket: path, timeout: .milliseconds(300))
            await #expect(throws: ControlClientError.noDaemon(path: path)) { try await client.status() }

            // A daemon that was killed leaves its socket behind.
            let dead = try UnixListener.bind(path: path, temporarySuffix: ".new") { descriptor, _ in close(descriptor) }
            let patient = ControlClient(socket: path, timeout: .seconds(20))
            await #expect(throws: ControlClientError.brokenOff(path: path)) { try await patient.status() }
            withExtendedLifetime(dead) {}
            dead.close()

            // One that is stopped accepts into its queue and says nothing.
            let frozen = try UnixListener.bind(path: path, temporarySuffix: ".new") { _, _ in }
            await #expect(throws: ControlClientError.timedOut(path: path, after: .milliseconds(300))) {
                try await client.status()
            }
            frozen.close()
        }
    }
}
