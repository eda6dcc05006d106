/// Adds the sources' sound up to what goes out; a change of who is heard is a cross-fade of 10 ms.
struct SoundFader: Sendable {
    static let fade = 480

    private var gains: [Float]

    init(sources: Int) {
        gains = Array(repeating: 0, count: sources)
    }

    /// Mixes one source into `target` on its way from the gain it had to `gain`.
    mutating func mix(
        source: Int, _ samples: UnsafeBufferPointer<Float>, gain: Float, into target: UnsafeMutableBufferPointer<Float>
    ) {
        let from = gains[source]
        gains[source] = gain
        if from == 0, gain == 0 { return }
        for frame in 0..<(target.count / 2) {
            let factor = frame < Self.fade ? from + (gain - from) * Float(frame) / Float(Self.fade) : gain
            target[frame * 2] += samples[frame * 2] * factor
            target[frame * 2 + 1] += samples[frame * 2 + 1] * factor
        }
    }
}
