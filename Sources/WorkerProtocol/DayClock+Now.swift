import Glibc

extension DayClock {
    /// By the machine's clocks as they are at this moment.
    public static func now() -> DayClock {
        var (before, wall, after) = (timespec(), timespec(), timespec())
        clock_gettime(CLOCK_MONOTONIC, &before)
        clock_gettime(CLOCK_REALTIME, &wall)
        clock_gettime(CLOCK_MONOTONIC, &after)
        func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) }
        var local = tm()
        localtime_r(&wall.tv_sec, &local)
        // In the middle of the two: something may have come between the questions.
        let monotonic = nanoseconds(before) + (nanoseconds(after) - nanoseconds(before)) / 2
        return DayClock(offset: nanoseconds(wall) - monotonic, utcOffsetSeconds: local.tm_gmtoff)
    }
}
