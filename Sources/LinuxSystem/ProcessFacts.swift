import Glibc

/// What /proc says of a process. Nil when it is gone, or not ours to see.
public enum ProcessFacts {
    /// Ticks of `cpuTicks` and `startTicks` in a second.
    public static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

    /// Exists and is not a zombie; `kill(pid, 0)` takes zombies for alive.
    public static func isAlive(_ pid: pid_t) -> Bool {
        guard let state = fields(pid)?.first else { return false }
        return state != "Z" && state != "X"
    }

    /// What it was started with, the program's name included; nil for kernel threads and zombies.
    public static func arguments(_ pid: pid_t) -> [String]? {
        guard let line = try? Files.read("/proc/\(pid)/cmdline", limit: 65_536), !line.isEmpty else { return nil }
        return line.split(separator: 0, omittingEmptySubsequences: false).dropLast()
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The user it runs as.
    public static func owner(_ pid: pid_t) -> uid_t? {
        var status = stat()
        return stat("/proc/\(pid)", &status) == 0 ? status.st_uid : nil
    }

    /// Who started it, or adopted it.
    public static func parent(_ pid: pid_t) -> pid_t? {
        guard let fields = fields(pid), fields.count > 1 else { return nil }
        return pid_t(fields[1])
    }

    /// Those it has started and that still run.
    public static func children(of pid: pid_t) -> [pid_t] {
        ((try? Files.list("/proc")) ?? []).compactMap { pid_t($0) }.filter { parent($0) == pid }
    }

    /// User and system time so far, of all threads.
    public static func cpuTicks(_ pid: pid_t) -> UInt64? {
        guard let fields = fields(pid), fields.count > 12, let user = UInt64(fields[11]),
            let system = UInt64(fields[12])
        else { return nil }
        return user + system
    }

    /// Since boot; with the pid it names a process for good.
    public static func startTicks(_ pid: pid_t) -> UInt64? {
        guard let fields = fields(pid), fields.count > 19 else { return nil }
        return UInt64(fields[19])
    }

    /// Seconds since it was started.
    public static func age(_ pid: pid_t) -> Double? {
        guard let ticks = startTicks(pid) else { return nil }
        var uptime = timespec()
        clock_gettime(CLOCK_BOOTTIME, &uptime)
        return Double(uptime.tv_sec) + Double(uptime.tv_nsec) / 1e9 - Double(ticks) / ticksPerSecond
    }

    /// Bytes of memory, shared pages counted in proportion (PSS). The kernel walks all pages for it, which costs
    /// from a tenth of a millisecond to a few: do not ask often.
    public static func proportionalMemory(_ pid: pid_t) -> UInt64? {
        rollup(pid)?["Pss"]
    }

    /// Bytes of memory that no other process shares (USS): what others do changes nothing of it.
    public static func privateMemory(_ pid: pid_t) -> UInt64? {
        guard let rollup = rollup(pid), let clean = rollup["Private_Clean"], let dirty = rollup["Private_Dirty"] else {
            return nil
        }
        return clean + dirty
    }

    /// Bytes by name.
    private static func rollup(_ pid: pid_t) -> [String: UInt64]? {
        guard let text = text("/proc/\(pid)/smaps_rollup") else { return nil }
        return text.split(separator: "\n").reduce(into: [:]) { result, line in
            let words = line.split(separator: " ")
            guard words.count > 1, words[0].hasSuffix(":"), let kilobytes = UInt64(words[1]) else { return }
            result[String(words[0].dropLast())] = kilobytes * 1024
        }
    }

    /// Bytes of memory, shared pages counted in full (RSS). Cheap.
    public static func residentMemory(_ pid: pid_t) -> UInt64? {
        guard let words = text("/proc/\(pid)/statm")?.split(separator: " "), words.count > 1 else { return nil }
        return UInt64(words[1]).map { $0 * UInt64(sysconf(Int32(_SC_PAGESIZE))) }
    }

    /// Of `/proc/PID/stat`, from the state on: the name before it may hold blanks and parentheses.
    private static func fields(_ pid: pid_t) -> [Substring]? {
        guard pid > 0, let text = text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private static func text(_ path: String) -> String? {
        (try? Files.read(path, limit: 65_536)).map { String(decoding: $0, as: UTF8.self) }
    }
}
