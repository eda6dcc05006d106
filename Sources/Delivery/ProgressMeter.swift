import LinuxSystem

/// Estimates when it will be done.
public struct ProgressMeter: Sendable {
    private static let interval = Duration.milliseconds(200)

    let total: Int
    private var done = 0
    /// Bytes that took time; what was there already did not.
    private var worked = 0
    private let began = MonotonicInstant.now
    private var told: MonotonicInstant?

    public init(total: Int) {
        self.total = total
    }

    /// What was there already, and took no time.
    public mutating func skip(_ bytes: Int) { done += bytes }

    /// - Returns: what to tell, now and then.
    public mutating func advance(_ bytes: Int, file: String) -> DeliveryProgress? {
        done += bytes
        worked += bytes
        let now = MonotonicInstant.now
        if let told, told.duration(to: now) < Self.interval { return nil }
        told = now
        let seconds = began.duration(to: now).inSeconds
        let left = worked > 0 && seconds > 1 ? Int(Double(max(0, total - done)) / Double(worked) * seconds + 0.5) : nil
        return DeliveryProgress(file: file, doneBytes: min(done, total), totalBytes: total, secondsLeft: left)
    }
}
