import LinuxSystem
import Sessions
import Supervision
import WorkerProtocol

/// Keeps the countdown in the live programme what the session's report is, whichever process shows it.
extension Coordinator {
    private static let interval = Duration.milliseconds(250)

    func keepCountdown() async {
        /// Which process was told what.
        var told: (pid: Int32, end: UInt64?)?
        while !Task.isCancelled {
            if configuration.program.countdown != nil, let pid = reconciler.snapshot(WorkerID.program)?.pid {
                let end = countdownEnd(sessionLog, bootID: currentBootID())
                // A process that has just begun shows none.
                let isKnown = told.map { $0.pid == pid && $0.end == end } ?? false
                if !isKnown, (try? await reconciler.request(WorkerID.program, .countdown(endsAt: end))) == .done {
                    told = (pid, end)
                }
            }
            try? await Task.sleep(for: Self.interval)
        }
    }
}

/// When the running report's limit is reached: CLOCK_MONOTONIC, nanoseconds; nil: none runs.
func countdownEnd(_ log: SessionLog, bootID: String) -> UInt64? {
    guard let run = log.active?.runningReport, run.start.bootID == bootID else { return nil }
    return run.start.monotonic + UInt64(run.report.limitSeconds * 1e9)
}
