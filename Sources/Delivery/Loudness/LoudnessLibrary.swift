import CEBUR128
import Glibc

/// libebur128, opened when it is wanted: what does not measure runs without it.
final class LoudnessLibrary: Sendable {
    typealias State = UnsafeMutablePointer<ebur128_state>
    typealias StateList = UnsafeMutablePointer<State?>

    private typealias Initialise = @convention(c) (UInt32, UInt, Int32) -> State?
    private typealias Destroy = @convention(c) (StateList) -> Void
    private typealias AddFloats = @convention(c) (State, UnsafePointer<Float>, Int) -> Int32
    private typealias Result = @convention(c) (State, UnsafeMutablePointer<Double>) -> Int32
    private typealias Peak = @convention(c) (State, UInt32, UnsafeMutablePointer<Double>) -> Int32
    private typealias Multiple = @convention(c) (StateList, Int, UnsafeMutablePointer<Double>) -> Int32

    private let initialise: Initialise
    private let destroy: Destroy
    private let addFloats: AddFloats
    private let truePeak: Peak
    private let loudness: Multiple
    private let range: Multiple

    /// - Returns: nil where it is not installed.
    init?() {
        guard let handle = dlopen("libebur128.so.1", RTLD_NOW) else { return nil }
        func find<Function>(_ name: String, as type: Function.Type) -> Function? {
            dlsym(handle, name).map { unsafeBitCast($0, to: type) }
        }
        guard let initialise = find("ebur128_init", as: Initialise.self),
            let destroy = find("ebur128_destroy", as: Destroy.self),
            let addFloats = find("ebur128_add_frames_float", as: AddFloats.self),
            let truePeak = find("ebur128_true_peak", as: Peak.self),
            let loudness = find("ebur128_loudness_global_multiple", as: Multiple.self),
            let range = find("ebur128_loudness_range_multiple", as: Multiple.self)
        else { return nil }
        self.initialise = initialise
        self.destroy = destroy
        self.addFloats = addFloats
        self.truePeak = truePeak
        self.loudness = loudness
        self.range = range
    }

    func make(channels: Int, sampleRate: Int) -> State? {
        let mode = EBUR128_MODE_I.rawValue | EBUR128_MODE_LRA.rawValue | EBUR128_MODE_TRUE_PEAK.rawValue
        // With a histogram the memory does not grow.
        return initialise(UInt32(channels), UInt(sampleRate), Int32(mode | EBUR128_MODE_HISTOGRAM.rawValue))
    }

    func destroy(_ state: State) {
        var state: State? = state
        destroy(&state)
    }

    func add(_ samples: [Float], channels: Int, to state: State) {
        _ = addFloats(state, samples, samples.count / channels)
    }

    /// LUFS, LU and dBTP of all of them together; nil of silence.
    func measure(_ states: [State], channels: Int) -> (integrated: Double?, range: Double?, truePeak: Double?) {
        var list: [State?] = states
        func value(_ function: Multiple) -> Double? {
            var result = 0.0
            guard !list.isEmpty, function(&list, list.count, &result) == 0, result.isFinite else { return nil }
            return result
        }
        var peak = 0.0
        for state in states {
            for channel in 0..<channels {
                var one = 0.0
                if truePeak(state, UInt32(channel), &one) == 0 { peak = max(peak, one) }
            }
        }
        return (value(loudness), value(range), peak > 0 ? 20 * log10(peak) : nil)
    }
}
