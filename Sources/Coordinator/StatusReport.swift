import Foundation
import LinuxSystem
import Sessions
import Supervision
import VenuecastModel
import WorkerProtocol

/// Turns what workers say into what the API says. Pure: health is decided here and nowhere else.
struct StatusReport {
    /// From a frame's time to the wire, while workers of before do not say: found by measuring a receiver beside it.
    static let programDelayMs = 400.0
    /// More lost packets than retransmission makes good without notice.
    static let tolerableLossPercent = 2.0
    /// An input's picture or sound older than this is not there, where the programme does not say.
    static let freshMs = 1000.0

    var activity: Activity
    var intents: Intents
    /// By worker id.
    var workers: [String: WorkerSnapshot]
    var now: MonotonicInstant
    var time: Date
    var startedAt: Date
    /// What is being recorded; nil outside of sessions.
    var recording: RecordingTarget? = nil
    var sessions = SessionLog()
    /// On the recordings' disk, where no recorder says; nil: not known.
    var freeBytes: Int64?
    /// Who gets what.
    var audience = Audience(venues: nil, othersGet: .slate)
    /// Of the slate's feed, as links report it.
    var slateFeed = ""
    /// `now`, with the time of day by the session's clock.
    var moment = Moment(bootID: "", monotonic: 0, wall: 0)

    func status() -> ActivityStatus {
        var program = program()
        program.slates = activity.slates
        (program.uplinkMbps, program.kbpsPerVenue) = (activity.uplinkMbps, activity.kbpsPerVenue)
        let inputs = activity.inputs.map(input)
        let venues = activity.venues.map(venue)
        let recording = recordingStatus()
        var health = venues.map(\.health).reduce(program.health.worse(recording.health)) { $0.worse($1) }
        // An input that is not needed now is a loss of safety, and not of the programme.
        for input in inputs { health = health.worse(input.health == .failed ? .degraded : input.health) }
        return ActivityStatus(
            activity: activity.name, health: health, time: time, startedAt: startedAt, version: Venuecast.version,
            program: program, inputs: inputs, venues: venues, recording: recording,
            session: sessions.status(now: moment, venues: activity.venues.map(\.id)))
    }

    // MARK: Programme

    var programReport: ProgramReport? {
        guard case .program(let report) = workers[WorkerID.program]?.report?.detail else { return nil }
        return report
    }

    private func program() -> ProgramStatus {
        let worker = workers[WorkerID.program]
        guard let report = programReport else {
            let isStarting = worker?.phase == .starting && worker?.restarts == 0
            return ProgramStatus(
                health: isStarting ? .degraded : .failed, mode: intents.take == nil ? "auto" : "manual",
                taken: intents.take?.source, audio: AudioStatus(muted: intents.isMuted),
                reasons: [.worker(WorkerID.program, worker, now: now) ?? .noProgram])
        }
        var reasons = report.reasons.map { VenuecastModel.Reason($0) }
        let isTakenSlate = report.onAir.hasPrefix("slate:") && report.onAir == report.taken
        if report.onAir.hasPrefix("slate:"), !isTakenSlate { add(.faultSlate, to: &reasons) }
        if let onAir = report.inputs.first(where: { $0.id == report.onAir }) {
            if !onAir.pictureGood || !onAir.soundGood {
                for reason in onAir.reasons { add(VenuecastModel.Reason(reason), to: &reasons) }
            }
            if !onAir.pictureGood { add(.noPicture, to: &reasons) }
            if !onAir.soundGood { add(.noSound, to: &reasons) }
        }
        for reason in faults(report, known: reasons) { add(reason, to: &reasons) }
        var status = ProgramStatus(
            health: reasons.isEmpty ? .ok : .degraded, onAir: report.onAir, mode: report.mode, taken: report.taken,
            framesPerSecond: rounded(report.framesPerSecond, 2), frames: report.frames,
            bitrateKbps: rounded(report.bitrateKbps, 0),
            audio: AudioStatus(peakDbfs: rounded(report.sound.peakDbfs, 1), muted: report.sound.muted), reasons: reasons
        )
        status.confidence = confidence.map { ContentStatus($0, thumbnail: "/v1/program/thumbnail.jpg") }
        status.audio.loudnessLufs = status.confidence?.sound.shortTermLufs
        return status
    }

    // MARK: Inputs

    private func input(_ id: String) -> InputStatus {
        let worker = workers[WorkerID.input(id)]
        let seen = programReport?.inputs.first { $0.id == id }
        let isOnAir = programReport?.onAir == id
        guard let worker, case .input(let report) = worker.report?.detail else {
            let isStarting = worker?.phase == .starting && worker?.restarts == 0
            let reason = VenuecastModel.Reason.worker(WorkerID.input(id), worker, now: now)
            return InputStatus(
                id: id, health: isStarting ? .degraded : .failed, onAir: isOnAir, reasons: reason.map { [$0] } ?? [])
        }
        let hasPicture = seen?.pictureGood ?? isFresh(report.pictureAgeMs)
        let hasSound = seen?.soundGood ?? isFresh(report.soundAgeMs)
        var reasons = report.reasons.map { VenuecastModel.Reason($0) }
        for reason in seen?.reasons ?? [] { add(VenuecastModel.Reason(reason), to: &reasons) }
        if reasons.isEmpty {
            if !hasPicture { reasons.append(.noPicture) }
            if !hasSound { reasons.append(.noSound) }
        }
        for finding in report.content?.findings ?? [] {
            add(VenuecastModel.Reason(finding.reason), to: &reasons)
        }
        let health: Health =
            if !hasPicture, !hasSound { .failed } else if reasons.isEmpty { .ok } else { .degraded }
        var status = InputStatus(
            id: id, health: health, onAir: isOnAir, reasons: reasons,
            audio: AudioStatus(peakDbfs: rounded(report.sound.peakDbfs, 1)))
        status.content = report.content.map { ContentStatus($0, thumbnail: "/v1/inputs/\(id)/thumbnail.jpg") }
        status.audio.loudnessLufs = status.content?.sound.shortTermLufs
        return status
    }

    private func isFresh(_ ageMs: Double?) -> Bool {
        ageMs.map { $0 < Self.freshMs } ?? false
    }

    func add(_ reason: VenuecastModel.Reason, to reasons: inout [VenuecastModel.Reason]) {
        if !reasons.contains(where: { $0.code == reason.code }) { reasons.append(reason) }
    }
}

/// No more digits than mean something.
func rounded(_ value: Double?, _ digits: Int) -> Double? {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    return value.map { ($0 * scale).rounded() / scale }
}
