import Glibc
import LinuxSystem
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct ProcessTests {
    let scratch = Scratch()

    @Test func tellsHowAProcessEnded() async throws {
        let plain = try shell("exit 7")
        #expect(await plain.waitForExit(timeout: .seconds(10)) == .exited(code: 7))
        #expect(plain.exitStatus == .exited(code: 7))
        let killed = try shell("exec sleep 60")
        #expect(killed.exitStatus == nil)
        #expect(await killed.waitForExit(timeout: .milliseconds(20)) == nil)
        #expect(killed.signal(SIGKILL))
        let status = await killed.waitForExit(timeout: .seconds(10))
        #expect(status == .signalled(SIGKILL))
        #expect(status?.description == "was killed by signal 9 (SIGKILL)")
        // It has been reaped: its number may be another's now, and nothing is sent there.
        #expect(!killed.signal(SIGTERM))
        #expect(!ProcessFacts.isAlive(killed.pid))
    }

    @Test func callsBackOnceAlsoAfterTheEnd() async throws {
        let process = try shell("exit 0")
        let calls = Mutex(0)
        process.onExit { _ in calls.withLock { $0 += 1 } }
        _ = await process.waitForExit(timeout: .seconds(10))
        process.onExit { _ in calls.withLock { $0 += 1 } }
        try await eventually("both were called") { calls.withLock { $0 } == 2 }
    }

    @Test func aChildIsReapedWithoutItsHandle() async throws {
        let pid = try shell("exit 0").pid
        // A zombie has an entry in /proc.
        try await eventually("it has gone") { !Files.exists("/proc/\(pid)") }
    }

    @Test func startsWithNothingOfOurs() async throws {
        let (reading, writing) = try pipe()
        defer {
            close(reading)
            close(writing)
        }
        let output = scratch.file("facts")
        let request = SpawnRequest(
            executable: "/bin/sh",
            arguments: [
                "-c",
                "ls /proc/self/fd | tr '\\n' ' '; pwd; env | sort | tr '\\n' ' '; readlink /proc/self/fd/0; echo \"$0\"",
                "a b 中文",
            ], environment: ["A": "1 2", "PATH": "/usr/bin:/bin"], output: .file(output), directory: scratch.path)
        let process = try ProcessHandle.spawn(request)
        #expect(await process.waitForExit(timeout: .seconds(10)) == .exited(code: 0))
        let lines = scratch.text("facts").split(separator: "\n").map(String.init)
        // 3 is ls's own.
        #expect(lines.first?.hasPrefix("0 1 2 3 ") == true)
        #expect(lines.first?.hasSuffix(scratch.path) == true)
        #expect(scratch.text("facts").contains("A=1 2 "))
        #expect(!scratch.text("facts").contains("HOME="))
        #expect(scratch.text("facts").contains("/dev/null"))
        #expect(lines.last == "a b 中文")
    }

    @Test func runsInASessionOfItsOwnWithSignalsAsUsual() async throws {
        let process = try shell("exec sleep 60")
        defer { process.signal(SIGKILL) }
        #expect(getsid(process.pid) == process.pid)
        // Ignored by us (SIGPIPE is, in workers) and still deadly for it.
        #expect(process.signal(SIGPIPE))
        #expect(await process.waitForExit(timeout: .seconds(10)) == .signalled(SIGPIPE))
    }

    @Test func outputIsAppended() async throws {
        for word in ["one", "two"] {
            let process = try shell("echo \(word); echo \(word) >&2", output: .file(scratch.file("log")))
            _ = await process.waitForExit(timeout: .seconds(10))
        }
        #expect(scratch.text("log") == "one\none\ntwo\ntwo\n")
    }

    @Test func whatCannotBeStartedIsAnError() {
        let error = #expect(throws: SystemError.self) {
            try ProcessHandle.spawn(SpawnRequest(executable: "/nonexistent/program"))
        }
        #expect(error?.code == ENOENT && error?.description.contains("/nonexistent/program") == true)
        #expect(throws: SystemError.self) { try ProcessHandle.spawn(SpawnRequest(executable: "/etc/passwd")) }
    }

    @Test func holdsAProcessThatIsNotOurChild() async throws {
        _ = try shell("sleep 60 & echo $! >'\(scratch.file("pid"))'; wait")
        try await eventually("its pid") { Int32(scratch.text("pid").dropLast()) != nil }
        let pid = try #require(Int32(scratch.text("pid").dropLast()))
        let stranger = try ProcessHandle.open(pid: pid)
        #expect(stranger.exitStatus == nil && ProcessFacts.isAlive(pid))
        #expect(stranger.signal(SIGTERM))
        #expect(await stranger.waitForExit(timeout: .seconds(10)) == .unknown)
        #expect(throws: SystemError.self) { try ProcessHandle.open(pid: 0x3FFF_FFFF) }
    }

    @Test func readsFactsOfAProcess() throws {
        let me = getpid()
        #expect(ProcessFacts.isAlive(me))
        #expect(!ProcessFacts.isAlive(0) && !ProcessFacts.isAlive(0x3FFF_FFFF))
        #expect((ProcessFacts.residentMemory(me) ?? 0) > 1 << 20)
        let proportional = try #require(ProcessFacts.proportionalMemory(me))
        #expect(proportional > 1 << 20 && proportional <= (ProcessFacts.residentMemory(me) ?? 0) + (1 << 24))
        #expect(ProcessFacts.cpuTicks(me) != nil)
        #expect((ProcessFacts.startTicks(me) ?? 0) > (ProcessFacts.startTicks(1) ?? .max))
        #expect(ProcessFacts.startTicks(0x3FFF_FFFF) == nil)
    }

    /// A name may hold what ends the field.
    @Test func readsFactsOfAProcessWithAnOddName() async throws {
        let odd = scratch.file("a) R (b")
        #expect(symlink("/bin/sleep", odd) == 0)
        let process = try ProcessHandle.spawn(SpawnRequest(executable: odd, arguments: ["60"]))
        defer { process.signal(SIGKILL) }
        try await eventually("exec") {
            String(decoding: (try? Files.read("/proc/\(process.pid)/comm")) ?? [], as: UTF8.self).hasPrefix("a) R")
        }
        #expect(ProcessFacts.isAlive(process.pid))
        #expect((ProcessFacts.startTicks(process.pid) ?? 0) > 0)
    }

    private func pipe() throws -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw SystemError(code: errno, operation: "make a pipe") }
        return (ends[0], ends[1])
    }
}
