import Glibc
import Logging
import Synchronization
import Testing

@testable import LinuxSystem

@Suite(.timeLimit(.minutes(1))) struct SmallTests {
    private func line(
        _ message: String, isJournal: Bool, level: Logger.Level = .warning, metadata: Logger.Metadata = [:]
    ) -> String {
        var handler = JournalLogHandler(label: "link/shinan", isJournal: isJournal)
        handler.metadata = ["own": "1"]
        let event = LogEvent(
            level: level, message: "\(message)", metadata: metadata, source: "", file: "", function: "", line: 0)
        return handler.line(event, time: 1_350_000_000.25)
    }

    @Test func aLogLineIsOneLine() {
        let text = line("two\nlines\u{1B}[31m\tred", isJournal: true, metadata: ["a": "b c", "x": "1\n2"])
        #expect(text == "<4>link/shinan: two\\nlines\\u{1b}[31m red a=\"b c\" own=1 x=1\\n2\n")
    }

    @Test(arguments: [
        (Logger.Level.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3), (.critical, 2),
    ]) func theJournalGetsItsPriority(_ level: Logger.Level, _ priority: Int) {
        #expect(line("x", isJournal: true, level: level) == "<\(priority)>link/shinan: x own=1\n")
    }

    @Test func elsewhereTimeAndLevelComeFirst() throws {
        let text = line("中文", isJournal: false)
        #expect(
            text.wholeMatch(of: /2012-10-1\dT\d\d:\d\d:\d\d\.250[+-]\d\d:\d\d warning link\/shinan: 中文 own=1\n/) != nil)
    }

    @Test func anErrorIsASentence() {
        let error = SystemError(code: ENOENT, operation: "open", path: "/x", advice: "Make it.")
        #expect(error.description == "cannot open /x: No such file or directory. Make it.")
        #expect(SystemError(code: EAGAIN, operation: "wait").description.hasPrefix("cannot wait: "))
        #expect(SystemError(code: 9999, operation: "x").description == "cannot x: unknown error")
    }

    @Test func timeOnlyGoesForward() {
        let (one, two) = (MonotonicInstant.now, MonotonicInstant.now)
        #expect(one <= two && one.duration(to: two) >= .zero)
        #expect(one.advanced(by: .milliseconds(1500)).nanoseconds - one.nanoseconds == 1_500_000_000)
        #expect(Duration.milliseconds(1500).inNanoseconds == 1_500_000_000)
        #expect(Duration.milliseconds(1500).inSeconds == 1.5)
        #expect(wallClockSeconds() > 1_700_000_000)
    }

    @Test func aSignalRingsInsteadOfKilling() async throws {
        let rings = Mutex(0)
        let source = SignalSource(SIGUSR1) { rings.withLock { $0 += 1 } }
        for round in 1...2 {
            kill(getpid(), SIGUSR1)
            try await eventually("ring \(round)") { rings.withLock { $0 } == round }
        }
        withExtendedLifetime(source) {}
    }

    @Test func anActorOnAQueueLeavesThePoolFree() async {
        actor Waiter {
            private nonisolated let executor = QueueExecutor(label: "test.waiter")
            nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
            private var isRunning = false
            private(set) var overlapped = false

            func wait() {
                if isRunning { overlapped = true }
                isRunning = true
                usleep(20_000)
                isRunning = false
            }
        }
        let waiter = Waiter()
        await withTaskGroup(of: Void.self) { group in for _ in 0..<5 { group.addTask { await waiter.wait() } } }
        #expect(await !waiter.overlapped)
    }

    /// In a process of its own, because the address is taken from the environment.
    @Test func systemdIsTold() async {
        await #expect(processExitsWith: .success) {
            let scratch = Scratch()
            for isAbstract in [false, true] {
                let name = isAbstract ? "@vc-notify-\(getpid())" : scratch.file("notify")
                let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
                var address = sockaddr_un()
                address.sun_family = sa_family_t(AF_UNIX)
                withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(name.utf8)) }
                if isAbstract { address.sun_path.0 = 0 }
                let size = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
                let bound = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
                }
                setenv("NOTIFY_SOCKET", name, 1)
                var buffer = [UInt8](repeating: 0, count: 100)
                guard bound == 0, SystemNotify.send(.ready, .status("中文")) else { exit(1) }
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "READY=1\nSTATUS=中文" else {
                    exit(2)
                }
            }
            unsetenv("NOTIFY_SOCKET")
            if SystemNotify.send(.ready) { exit(3) }
        }
    }
}
