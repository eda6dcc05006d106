/// Which channels of the source become left and right, counted from 1 as people do: `1+2`, `3+4`; a single one goes to
/// both.
struct ChannelChoice: Sendable, Equatable {
    let left: Int
    let right: Int

    /// Nil when the text is not of that form.
    init?(_ text: String) {
        let parts = text.split(separator: "+", omittingEmptySubsequences: false).map { Int($0) }
        guard let left = parts.first ?? nil, let right = parts.last ?? nil, parts.count <= 2, left >= 1, right >= 1
        else { return nil }
        self.left = left - 1
        self.right = right - 1
    }
}

/// Sound of any number of channels (32-bit float, interleaved) to the house's two, with gain; measures the peak.
struct SoundShaper: Sendable {
    let choice: ChannelChoice
    let gain: Float

    init(choice: ChannelChoice, gainDb: Double) {
        self.choice = choice
        gain = gainDb == 0 ? 1 : Float(decibelsToFactor(gainDb))
    }

    /// Frames of `channels` samples each in, frames of two out; a channel the source does not have is its last one.
    /// - Returns: the largest absolute sample that went out.
    func shape(_ source: UnsafeRawBufferPointer, channels: Int, into target: UnsafeMutableRawBufferPointer) -> Float {
        let samples = source.assumingMemoryBound(to: Float.self)
        let output = target.assumingMemoryBound(to: Float.self)
        let (left, right) = (min(choice.left, channels - 1), min(choice.right, channels - 1))
        var peak: Float = 0
        for frame in 0..<min(samples.count / channels, output.count / 2) {
            let (l, r) = (samples[frame * channels + left] * gain, samples[frame * channels + right] * gain)
            output[frame * 2] = l
            output[frame * 2 + 1] = r
            peak = max(peak, abs(l), abs(r))
        }
        return peak
    }
}

/// The peak of the last second, from the peaks of buffers.
struct PeakHold: Sendable {
    private var current: Float = 0
    private var last: Float?
    private var windowStart: UInt64 = 0
    private static let window: UInt64 = 1_000_000_000

    mutating func add(_ peak: Float, now: UInt64) {
        if now - windowStart >= Self.window {
            last = now - windowStart < 2 * Self.window ? current : nil
            windowStart = now
            current = 0
        }
        current = max(current, peak)
    }

    /// dBFS, not below −120; nil when nothing has come for two seconds.
    func decibels(now: UInt64) -> Double? {
        guard windowStart != 0, now - windowStart < 2 * Self.window else { return nil }
        return max(-120, factorToDecibels(Double(max(current, last ?? 0))))
    }
}
