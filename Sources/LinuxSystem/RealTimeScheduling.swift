import CLinux
import Glibc

/// Real-time scheduling (sched(7), SCHED_RR at the lowest priority) for threads that only pass media on: they need
/// little of a processor and need it at once, also while an encoder takes all there is.
public enum RealTimeScheduling {
    /// Seconds of computing without a pause after which the kernel ends the process: such a thread has lost its way,
    /// and would keep everything else from a whole core.
    private static let runaway: UInt32 = 1

    /// For every thread of this process, and for those that these start.
    /// - Returns: whether it is permitted (root, `CAP_SYS_NICE`, or `LimitRTPRIO=` of the unit).
    @discardableResult
    public static func adoptForProcess() -> Bool {
        _ = clinux_limit_real_time(runaway)
        let threads = ((try? Files.list("/proc/self/task")) ?? []).compactMap { pid_t($0) }
        // A thread may have ended since.
        return threads.map { clinux_real_time($0) == 0 }.contains(true)
    }

    /// For the calling thread, and for those it starts.
    @discardableResult
    public static func adoptForThread() -> Bool {
        _ = clinux_limit_real_time(runaway)
        return clinux_real_time(0) == 0
    }
}
