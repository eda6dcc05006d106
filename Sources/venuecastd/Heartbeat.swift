import LinuxSystem
import Logging
import Synchronization
import VenuecastModel

/// Tells systemd that the daemon works, as long as it does, and in one line how everything is.
final class Heartbeat: Sendable {
    private let check: SelfCheck
    private let status: @Sendable () async -> ActivityStatus
    private let logger: Logger
    /// The last line that was taken; nothing follows the last one of all.
    private let said = Mutex<(line: String, isLast: Bool)>(("", false))

    /// - Parameter status: a snapshot; does not wait.
    init(check: SelfCheck, status: @escaping @Sendable () async -> ActivityStatus, logger: Logger) {
        self.check = check
        self.status = status
        self.logger = logger
    }

    /// From READY until it is cancelled.
    func run() async {
        async let line: Void = keepStatus()
        async let alive: Void = keepAlive()
        _ = await (line, alive)
    }

    /// The daemon is about to end; being alive is still told.
    func announceEnd(_ line: String) {
        said.withLock { $0.isLast = true }
        SystemNotify.send(.stopping, .status(line))
    }

    private func keepStatus() async {
        while SystemNotify.isListenedTo, !Task.isCancelled {
            let line = StatusLine.of(await status())
            said.withLock { said in
                if said.isLast || said.line == line { return }
                if SystemNotify.send(.status(line)) { said.line = line }
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func keepAlive() async {
        guard let interval = SystemNotify.watchdogInterval() else { return }
        var known: [String] = []
        while !Task.isCancelled {
            let failures = await check.failures(within: interval / 2)
            if failures.isEmpty { SystemNotify.send(.alive) }
            if failures != known { report(failures) }
            known = failures
            try? await Task.sleep(for: interval / 4)
        }
    }

    private func report(_ failures: [String]) {
        if failures.isEmpty {
            logger.notice("the daemon answers itself again")
        } else {
            logger.error(
                "the daemon does not answer itself; the watchdog ends it unless it recovers",
                metadata: ["silent": "\(failures.joined(separator: ", "))"])
        }
    }
}
