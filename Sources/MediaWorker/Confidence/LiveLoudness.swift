import Loudness

/// Loudness of 48 kHz stereo as it passes (EBU R 128).
///
/// `@unchecked Sendable`: libebur128's state may be used from any thread, and from one at a time, for which its owner's
/// lock sees.
final class LiveLoudness: @unchecked Sendable {
    private static let sharedLibrary = LoudnessLibrary()

    private let library: LoudnessLibrary
    private let state: LoudnessLibrary.State

    /// Nil where libebur128 is not installed.
    init?() {
        guard let library = Self.sharedLibrary,
            let state = library.makeLive(channels: 2, sampleRate: HouseClock.sampleRate)
        else { return nil }
        self.library = library
        self.state = state
    }

    deinit {
        library.destroy(state)
    }

    func add(_ samples: UnsafeBufferPointer<Float>) {
        library.add(samples, channels: 2, to: state)
    }

    /// LUFS; nil of silence.
    func measure() -> (momentary: Double?, shortTerm: Double?, integrated: Double?) {
        library.measureNow(state)
    }
}
