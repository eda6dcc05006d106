import Glibc
import LinuxSystem

/// What processes cost.
enum ProcessMeter {
    /// CPU seconds so far of all its threads; nil when it is gone.
    static func cpuSeconds(_ pid: pid_t) -> Double? {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Of one core, for each group of processes over the same time, in percent.
    static func percent<Key: Hashable & Sendable>(_ groups: [Key: [pid_t]], over duration: Duration) async throws
        -> [Key: Double]
    {
        func sums() -> [Key: Double] {
            groups.mapValues { pids in pids.compactMap { cpuSeconds($0) }.reduce(0, +) }
        }
        let (before, began) = (sums(), MonotonicInstant.now)
        try await Task.sleep(for: duration)
        let seconds = began.duration(to: .now).inSeconds
        return sums().mapValues { $0 }.reduce(into: [:]) { result, entry in
            result[entry.key] = (entry.value - (before[entry.key] ?? 0)) / seconds * 100
        }
    }

    /// The processes below this one, itself included.
    static func tree(_ root: pid_t) -> [pid_t] {
        var result: [pid_t] = []
        var left = [root]
        while let pid = left.popLast() {
            result.append(pid)
            left += ProcessFacts.children(of: pid)
        }
        return result
    }

    static func descriptors(_ pid: pid_t) -> Int { ((try? Files.list("/proc/\(pid)/fd")) ?? []).count }
}
