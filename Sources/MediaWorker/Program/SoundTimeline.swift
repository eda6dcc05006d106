/// An input's sound (stereo, interleaved, 48 kHz) by its place in time. Small differences between a source's clock and
/// ours are followed a sample at a time; a jump begins and ends with a short ramp, so that nothing clicks.
struct SoundTimeline: Sendable {
    /// Four seconds: positive `audioDelayMs` puts sound up to two seconds ahead.
    static let capacity = 4 * 48_000
    /// 5 ms.
    static let ramp = 240
    /// Beyond 1 ms the place is corrected, by at most one sample in 200.
    private static let tolerance: Int64 = 48
    private static let mildness = 200
    /// Beyond 10 ms it is a jump: a picture is not to wait long for its sound.
    private static let jump: Int64 = 480

    private var ring = [Float](repeating: 0, count: capacity * 2)
    /// After the last sample written; nil before the first.
    private(set) var end: Int64?
    /// After the last sample read.
    private var readEnd: Int64 = 0

    /// - Parameter jumps: the source says that it does not follow what came before: it is put where it belongs at once,
    ///   also over what is there.
    /// - Returns: false when all of it comes too late.
    @discardableResult
    mutating func write(_ samples: UnsafeBufferPointer<Float>, at place: Int64, jumps: Bool = false) -> Bool {
        let count = samples.count / 2
        guard count > 1 else { return false }
        if let end, end >= readEnd, abs(place - end) <= (jumps ? Self.tolerance : Self.jump) {
            let error = place - end
            if abs(error) <= Self.tolerance {
                put(samples, count: count, at: end)
            } else {
                let correction = max(1, min(count / Self.mildness, Int(abs(error))))
                let stretched = Self.resampled(samples, to: count + (error > 0 ? correction : -correction))
                stretched.withUnsafeBufferPointer { put($0, count: stretched.count / 2, at: end) }
            }
            return true
        }
        guard place + Int64(count) > readEnd, place < readEnd + Int64(Self.capacity - count) else { return false }
        if let end { rampDown(before: min(end, place)) }
        put(samples, count: count, at: place)
        rampUp(from: max(place, readEnd))
        return true
    }

    /// Takes what belongs to a stretch of time; stretches follow one another. What is missing is silence.
    /// - Parameter endsSoftly: where nothing is there yet to follow this stretch, it ends with a ramp: a source that has died
    ///   may end at its very end. What comes all the same begins anew.
    mutating func read(at place: Int64, into target: UnsafeMutableBufferPointer<Float>, endsSoftly: Bool = false) {
        let count = target.count / 2
        if endsSoftly, let end, end >= place + Int64(count), end < place + Int64(count + Self.ramp) {
            for left in (place + Int64(count))..<end { scale(left, by: 0) }
            rampDown(before: place + Int64(count))
            self.end = nil
            take(place, count, into: target)
            return
        }
        let available = end.map { Int(max(0, min(Int64(count), $0 - place))) } ?? 0
        if available < count, available > 0 { rampDown(before: place + Int64(available)) }
        take(place, count, into: target)
        // After a hole the next piece is placed by its time, and begins with a ramp.
        if available < count { end = nil }
    }

    private mutating func take(_ place: Int64, _ count: Int, into target: UnsafeMutableBufferPointer<Float>) {
        for frame in 0..<count {
            let index = Self.index(place + Int64(frame))
            target[frame * 2] = ring[index]
            target[frame * 2 + 1] = ring[index + 1]
            ring[index] = 0
            ring[index + 1] = 0
        }
        readEnd = place + Int64(count)
    }

    private mutating func put(_ samples: UnsafeBufferPointer<Float>, count: Int, at place: Int64) {
        for frame in 0..<count where place + Int64(frame) >= readEnd {
            let index = Self.index(place + Int64(frame))
            ring[index] = samples[frame * 2]
            ring[index + 1] = samples[frame * 2 + 1]
        }
        end = place + Int64(count)
    }

    private mutating func rampUp(from place: Int64) {
        for step in 0..<Self.ramp { scale(place + Int64(step), by: Float(step) / Float(Self.ramp)) }
    }

    private mutating func rampDown(before place: Int64) {
        for step in 0..<Self.ramp {
            let at = place - 1 - Int64(step)
            if at >= readEnd { scale(at, by: Float(step) / Float(Self.ramp)) }
        }
    }

    private mutating func scale(_ place: Int64, by factor: Float) {
        let index = Self.index(place)
        ring[index] *= factor
        ring[index + 1] *= factor
    }

    private static func index(_ place: Int64) -> Int { Int(place % Int64(capacity)) * 2 }

    /// Linear; for so small a change that is enough.
    private static func resampled(_ samples: UnsafeBufferPointer<Float>, to count: Int) -> [Float] {
        let source = samples.count / 2
        var result = [Float](repeating: 0, count: count * 2)
        let step = Float(source - 1) / Float(count - 1)
        for frame in 0..<count {
            let at = Float(frame) * step
            let (low, rest) = (min(Int(at), source - 2), at - Float(min(Int(at), source - 2)))
            for channel in 0..<2 {
                let a = samples[low * 2 + channel]
                let b = samples[low * 2 + 2 + channel]
                result[frame * 2 + channel] = a + (b - a) * rest
            }
        }
        return result
    }
}
