import VenuecastModel
import WorkerProtocol

/// What a probe's figures are worth. Pure.
struct ProbeJudgement: Sendable {
    /// As programs get it.
    struct Result: Encodable {
        struct Delay: Codable, Sendable {
            let p50Ms: Double
            let p95Ms: Double
            let p99Ms: Double
            let frames: Int
            /// By this machine's clock, or by both.
            let uncertaintyMs: Double
            /// The daemon has said so; else the main venue's own comes on top of it.
            let isOfBothClocks: Bool
        }

        let url: String
        /// It came, and nothing was wrong with it at any time.
        let ok: Bool
        let seconds: Double
        let bytes: UInt64
        /// At its worst.
        let clock: ClockStatus
        /// Of all pictures; null: not known.
        @Nullable var delay: Delay?
        /// Why it is not known.
        @Nullable var notMeasured: VenuecastModel.Reason?
        let stampedPictures: UInt64
        let unstampedPictures: UInt64
        let clockDisturbances: Int
        /// What was found at any time, each as it lasted longest.
        let findings: [Finding]
        /// As it was at the end.
        let content: ContentReport
        let srt: ProbeReport.SRT?
        /// Why it ended before its time.
        @Nullable var end: VenuecastModel.Reason?
    }

    let url: String
    let clock: ClockStatus
    /// By so much a delay may be off because of both clocks, where the daemon has said so. An address says nothing of that: what
    /// comes from this machine may have been made on another.
    var bothMs: Double?

    /// By so much a delay may be off because of clocks; nil: nobody can tell.
    var uncertaintyMs: Double? { bothMs ?? (clock.synchronised ? clock.uncertaintyMs : nil) }

    func notMeasured(_ report: ProbeReport) -> VenuecastModel.Reason? {
        if !url.contains("://") { return .recorded }
        if report.wholeDelay == nil {
            if report.stampedPictures == 0 { return report.unstampedPictures > 0 ? .noTime : nil }
            return report.clockDisturbances > 0 ? .clockDisturbed : nil
        }
        if uncertaintyMs == nil { return .clockNotKept }
        guard let p50 = report.wholeDelay?.p50Ms, let uncertaintyMs, p50 + uncertaintyMs < 0 else { return nil }
        return .beforeItsTime
    }

    func delay(_ figures: DelayFigures?, _ report: ProbeReport) -> DelayFigures? {
        notMeasured(report) == nil ? figures : nil
    }

    func result(_ report: ProbeReport) -> Result {
        let delay = delay(report.wholeDelay, report).map {
            Result.Delay(
                p50Ms: rounded($0.p50Ms), p95Ms: rounded($0.p95Ms), p99Ms: rounded($0.p99Ms), frames: $0.frames,
                uncertaintyMs: uncertaintyMs ?? 0, isOfBothClocks: bothMs != nil)
        }
        return Result(
            url: url, ok: report.isComplete && report.findings.isEmpty, seconds: rounded(report.seconds),
            bytes: report.bytes, clock: clock, delay: delay, notMeasured: notMeasured(report),
            stampedPictures: report.stampedPictures, unstampedPictures: report.unstampedPictures,
            clockDisturbances: report.clockDisturbances, findings: report.findings,
            content: report.content, srt: report.srt,
            end: report.end.map { VenuecastModel.Reason(code: $0.code, text: $0.text, textZh: $0.textZh) })
    }

    private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

extension VenuecastModel.Reason {
    fileprivate static let recorded = Self(
        code: "recorded", text: "A file was recorded before: how late it was is not known any more.",
        textZh: "文件是事先录制的，无法得知当时的延时。")
    fileprivate static let noTime = Self(
        code: "no-time", text: "The pictures carry no time (MISB ST 0604): only a programme of Venuecast does.",
        textZh: "画面中没有时间信息（MISB ST 0604）：只有 Venuecast 的节目才有。")
    fileprivate static let clockDisturbed = Self(
        code: "clock-disturbed", text: "This machine's clock was set, or it slept, meanwhile: look again.",
        textZh: "测量期间本机时钟被调整或机器曾休眠：请重新测量。")
    fileprivate static let clockNotKept = Self(
        code: "clock-not-synchronised",
        text: "This machine's clock is not synchronised: set up chrony or systemd-timesyncd, then look again.",
        textZh: "本机时钟未同步：请配置 chrony 或 systemd-timesyncd 后再测。")
    fileprivate static let beforeItsTime = Self(
        code: "clocks-disagree",
        text: "By this clock pictures arrive before they were made: compare both machines' time servers.",
        textZh: "按本机时钟，画面到达早于产生时间：请核对两端的时间服务器。")
}
