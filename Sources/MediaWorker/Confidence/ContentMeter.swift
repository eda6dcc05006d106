import GStreamer
import Synchronization
import WorkerProtocol

/// Looks at raw pictures and listens to raw sound, wherever they come from, on whichever thread brings them.
final class ContentMeter: Sendable {
    /// Between two measurements of loudness, nanoseconds.
    private static let loudnessInterval: UInt64 = 200_000_000

    private struct State {
        var judge: ContentJudge
        var loudness = LiveLoudness()
        var measured: (momentary: Double?, shortTerm: Double?, integrated: Double?) = (nil, nil, nil)
        var measuredAt: UInt64 = 0
        var size: (width: Int, height: Int)?
    }

    private let state: Mutex<State>
    private let thumbnailer: Thumbnailer?

    /// - Parameter pictureSeconds: between two pictures that are shown, at most.
    init(_ limits: ContentLimits, thumbnails: Thumbnailer?, pictureSeconds: Double = 1) {
        state = Mutex(State(judge: ContentJudge(limits, pictureSeconds: pictureSeconds)))
        thumbnailer = thumbnails
    }

    /// From now on; what has lasted goes on lasting.
    func adjust(_ limits: ContentLimits) { state.withLock { $0.judge.limits = limits } }

    /// What comes now does not continue what came before.
    func restart() { state.withLock { $0.judge.restart() } }

    /// - Parameters:
    ///   - buffer: 8-bit planar, or UYVY; once a second is often enough.
    ///   - now: nanoseconds; likewise below.
    func see(_ buffer: Buffer, _ caps: Caps, at now: UInt64) {
        guard let format = caps.first, let width = format["width"]?.intValue.map({ Int($0) }),
            let height = format["height"]?.intValue.map({ Int($0) })
        else { return }
        // Rows are padded to four bytes; in UYVY luma is every second one.
        let isPacked = format["format"]?.stringValue == "UYVY"
        let step = isPacked ? 2 : 1
        let seen = buffer.withBytes { bytes -> PictureSample? in
            guard !bytes.isEmpty else { return nil }
            return PictureSample(
                luma: UnsafeRawBufferPointer(rebasing: bytes[(isPacked ? 1 : 0)...]), width: width, height: height,
                stride: (width * step + 3) / 4 * 4, step: step)
        }
        state.withLock { state in
            state.size = (width, height)
            if let seen { state.judge.picture(seen, at: now) }
        }
        thumbnailer?.take(buffer, caps)
    }

    /// - Parameter buffer: 48 kHz stereo, 32-bit float.
    func hear(_ buffer: Buffer, at now: UInt64) {
        buffer.withBytes { bytes in
            let samples = bytes.assumingMemoryBound(to: Float.self)
            let level = SoundLevel(samples)
            state.withLock { state in
                state.judge.sound(level, at: now)
                state.loudness?.add(samples)
                guard let loudness = state.loudness, now >= state.measuredAt + Self.loudnessInterval else { return }
                state.measuredAt = now
                state.measured = loudness.measure()
                state.judge.loudness(state.measured.shortTerm, at: now)
            }
        }
    }

    /// - Parameter soundAgainstPicture: milliseconds; nil: one of them does not come.
    func timing(_ soundAgainstPicture: Double?, at now: UInt64) {
        state.withLock { $0.judge.timing(soundAgainstPicture, at: now) }
    }

    /// As `ContentJudge.complete`.
    func complete(_ report: inout ContentReport, at now: UInt64, begun: UInt64?, asSeen: Bool = false) {
        let known = report
        report = state.withLock { state in
            var report = known
            (report.picture.width, report.picture.height) = (state.size?.width, state.size?.height)
            // Of all that was heard so far; the others are of the last seconds.
            report.sound.integratedLufs = state.measured.integrated
            if state.judge.hasSound(report) {
                (report.sound.momentaryLufs, report.sound.shortTermLufs) = (
                    state.measured.momentary, state.measured.shortTerm
                )
            }
            state.judge.complete(&report, at: now, begun: begun, asSeen: asSeen)
            return report
        }
    }
}
