import LinuxSystem

/// Tells time that passed from time that we lived through: a daemon that was stopped, frozen or swapped out has asked
/// nobody, and what nobody asked for is no silence.
enum Standstill {
    /// A wait is never longer than this, so that no more than this of a standstill goes unnoticed.
    static let longestWait = Duration.seconds(1)
    /// What a busy machine may be late.
    static let tolerance = Duration.milliseconds(500)

    /// When to look again at the latest.
    static func nextLook(before deadline: MonotonicInstant?, now: MonotonicInstant) -> MonotonicInstant {
        let latest = now.advanced(by: longestWait)
        return deadline.map { min($0, latest) } ?? latest
    }

    /// How long we stood still; nil where we did not.
    /// - Parameter due: when we meant to look.
    static func lost(due: MonotonicInstant, now: MonotonicInstant) -> Duration? {
        let late = due.duration(to: now)
        return late > tolerance ? late : nil
    }
}
