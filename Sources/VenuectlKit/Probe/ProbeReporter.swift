import ControlClient
import LinuxSystem
import VenuecastModel
import WorkerProtocol

/// Tells the daemon what a venue gets, for as long as the look goes on: one that is not there now is told with the next report.
struct ProbeReporter {
    /// Seconds: of a worker's short window.
    private static let interval = 5.0

    let words: Words
    let complain: (String) -> Void
    /// Has a deadline.
    let post: (ReceiverReport) async throws -> LatencyStatus
    private let bootID = currentBootID()
    private var toldAt = 0.0
    private var isAway = false
    /// Whether the daemon has taken any.
    private var hasTold = false
    private var largestMs: Double?
    private var isDoubted = false

    init(
        words: Words, complain: @escaping (String) -> Void,
        post: @escaping (ReceiverReport) async throws -> LatencyStatus
    ) {
        (self.words, self.complain, self.post) = (words, complain, post)
    }

    /// It was to be told, and never was.
    var hasFailed: Bool { isAway && !hasTold }

    /// By so much a delay may be off because of both machines' clocks, in the daemon's words, which alone knows whether they are
    /// one; nil where it has not believed every report.
    var uncertaintyMs: Double? { isDoubted ? nil : largestMs }

    /// - Throws: what asking again does not change: there is no such venue, or nobody may tell.
    mutating func tell(_ report: ProbeReport, clock: ClockStatus) async throws {
        guard let delay = report.delay, report.seconds - toldAt >= Self.interval else { return }
        toldAt = report.seconds
        do {
            let answer = try await post(
                ReceiverReport(
                    p50Ms: delay.p50Ms, p95Ms: delay.p95Ms, p99Ms: delay.p99Ms, frames: delay.frames,
                    seconds: Self.interval, clock: clock, bootID: bootID))
            (hasTold, isAway) = (true, false)
            if answer.source == "measured", let uncertaintyMs = answer.uncertaintyMs {
                largestMs = max(largestMs ?? 0, uncertaintyMs)
                return
            }
            if answer.notMeasured != nil { isDoubted = true }
        } catch let error as ControlError where error.status >= 500 {
            note(absence: words.error(error))
        } catch let error as ControlClientError {
            if case .notPermitted = error { throw error }
            note(absence: words.error(error))
        }
        // Nobody has said that this does not matter.
        if !clock.synchronised { isDoubted = true }
    }

    /// Once, and not with every report.
    private mutating func note(absence sentence: String) {
        defer { isAway = true }
        if isAway { return }
        complain(
            "venuectl: \(sentence)"
                + words.pick(" The look goes on, and it is told again.", "测量继续进行，稍后会再次上报。") + "\n")
    }
}
