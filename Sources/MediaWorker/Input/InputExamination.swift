import GStreamer
import LinuxSystem
import Logging
import Synchronization
import WorkerProtocol

/// Has an input looked at before it is taken: a picture a second, and all of its sound.
final class InputExamination: Sendable {
    /// Not a whole second: what comes round each second would stand still.
    private static let interval: UInt64 = 930_000_000

    private struct State {
        var role: ExaminationRole?
        var meter: ContentMeter?
        var thumbnailer: Thumbnailer?
        var nextAt: UInt64 = 0
    }

    private let state = Mutex(State())
    private let logger: Logger

    init(_ role: ExaminationRole?, _ logger: Logger) {
        self.logger = logger
        adjust(role)
    }

    /// Nil: it is not looked at any more. May block for a moment.
    func adjust(_ role: ExaminationRole?) {
        let (before, meter) = state.withLock { ($0.role, $0.meter) }
        if let role, let meter, before?.thumbnail == role.thumbnail {
            meter.adjust(role.limits)
            state.withLock { $0.role = role }
            return
        }
        let thumbnailer = role.flatMap { makeThumbnailer($0.thumbnail) }
        let old = state.withLock { state in
            let old = state.thumbnailer
            state = State(
                role: role, meter: role.map { ContentMeter($0.limits, thumbnails: thumbnailer) },
                thumbnailer: thumbnailer)
            return old
        }
        old?.stop()
    }

    /// Without small pictures there is still everything else.
    private func makeThumbnailer(_ path: String?) -> Thumbnailer? {
        guard let path else { return nil }
        do {
            let thumbnailer = try Thumbnailer(path: path)
            try thumbnailer.start()
            return thumbnailer
        } catch {
            logger.warning("there are no small pictures: \(error)")
            return nil
        }
    }

    func stop() { adjust(nil) }

    /// Each picture of the house format.
    func see(_ buffer: Buffer, _ caps: Caps) {
        let now = MonotonicClock.now()
        let meter = state.withLock { state -> ContentMeter? in
            guard now >= state.nextAt else { return nil }
            state.nextAt = now + Self.interval
            return state.meter
        }
        meter?.see(buffer, caps, at: now)
    }

    func hear(_ buffer: Buffer) {
        state.withLock { $0.meter }?.hear(buffer, at: MonotonicClock.now())
    }

    /// Nil where it is not looked at.
    func report(pictureAgeMs: Double?, soundAgeMs: Double?, at now: UInt64) -> ContentReport? {
        guard let meter = state.withLock({ $0.meter }) else { return nil }
        var report = ContentReport()
        (report.picture.ageMs, report.sound.ageMs) = (pictureAgeMs, soundAgeMs)
        meter.complete(&report, at: now, begun: nil)
        return report
    }
}
