import CEBUR128
import Glibc

/// libebur128, opened when it is wanted: what does not measure runs without it.
package final class LoudnessLibrary: Sendable {
    package typealias State = UnsafeMutablePointer<ebur128_state>
    package typealias StateList = UnsafeMutablePointer<State?>

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
    private let momentary: Result
    private let shortTerm: Result
    private let integrated: Result

    /// - Returns: nil where it is not installed.
    package init?() {
        guard let handle = dlopen("libebur128.so.1", RTLD_NOW) else { return nil }
        func find<Function>(_ name: String, as type: Function.Type) -> Function? {
            dlsym(handle, name).map { unsafeBitCast($0, to: type) }
        }
        guard let initialise = find("ebur128_init", as: Initialise.self),
            let destroy = find("ebur128_destroy", as: Destroy.self),
            let addFloats = find("ebur128_add_frames_float", as: AddFloats.self),
            let truePeak = find("ebur128_true_peak", as: Peak.self),
            let loudness = find("ebur128_loudness_global_multiple", as: Multiple.self),
            let range = find("ebur128_loudness_range_multiple", as: Multiple.self),
            let momentary = find("ebur128_loudness_momentary", as: Result.self),
            let shortTerm = find("ebur128_loudness_shortterm", as: Result.self),
            let integrated = find("ebur128_loudness_global", as: Result.self)
        else { return nil }
        self.initialise = initialise
        self.destroy = destroy
        self.addFloats = addFloats
        self.truePeak = truePeak
        self.loudness = loudness
        self.range = range
        self.momentary = momentary
        self.shortTerm = shortTerm
        self.integrated = integrated
    }

    package func make(channels: Int, sampleRate: Int) -> State? {
        let mode = EBUR128_MODE_I.rawValue | EBUR128_MODE_LRA.rawValue | EBUR128_MODE_TRUE_PEAK.rawValue
        // With a histogram the memory does not grow.
        return initialise(UInt32(channels), UInt(sampleRate), Int32(mode | EBUR128_MODE_HISTOGRAM.rawValue))
    }

    /// One that is asked while it measures, and knows nothing of peaks and range.
    package func makeLive(channels: Int, sampleRate: Int) -> State? {
        let mode = EBUR128_MODE_S.rawValue | EBUR128_MODE_I.rawValue | EBUR128_MODE_HISTOGRAM.rawValue
        return initialise(UInt32(channels), UInt(sampleRate), Int32(mode))
    }

    package func destroy(_ state: State) {
        var state: State? = state
        destroy(&state)
    }

    package func add(_ samples: [Float], channels: Int, to state: State) {
        _ = addFloats(state, samples, samples.count / channels)
    }

    package func add(_ samples: UnsafeBufferPointer<Float>, channels: Int, to state: State) {
        guard let start = samples.baseAddress else { return }
        _ = addFloats(state, start, samples.count / channels)
    }

    /// LUFS of the last 400 ms, the last 3 s, and all; nil of silence.
    package func measureNow(_ state: State) -> (momentary: Double?, shortTerm: Double?, integrated: Double?) {
        func value(_ function: Result) -> Double? {
            var result = 0.0
            // Below the absolute gate there is nothing to be measured.
            return function(state, &result) == 0 && result.isFinite && result > -70 ? result : nil
        }
        return (value(momentary), value(shortTerm), value(integrated))
    }

    /// LUFS, LU and dBTP of all of them together; nil of silence.
    package func measure(_ states: [State], channels: Int) -> (integrated: Double?, range: Double?, truePeak: Double?) {
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
