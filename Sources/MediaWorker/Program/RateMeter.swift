/// Frames and bytes a second, over the last whole window of two seconds.
struct RateMeter: Sendable {
    private static let window: UInt64 = 2_000_000_000

    private var start: UInt64 = 0
    private var frames: UInt64 = 0
    private var bytes: UInt64 = 0
    private var last: (frames: Double, bytes: Double)?

    mutating func add(frames: UInt64, bytes: UInt64, now: UInt64) {
        if start == 0 { start = now }
        // Whole frames: a window ends with the next one. Several threads may add, and one of them be late with its time.
        if now >= start + Self.window, frames > 0 {
            let seconds = Double(now - start) / 1e9
            last = (Double(self.frames) / seconds, Double(self.bytes) / seconds)
            (start, self.frames, self.bytes) = (now, 0, 0)
        }
        self.frames += frames
        self.bytes += bytes
    }

    /// Nil before the first window is full, and when nothing has come for two windows.
    func perSecond(now: UInt64) -> (frames: Double, bytes: Double)? {
        now - min(now, start) < 2 * Self.window ? last : nil
    }
}
