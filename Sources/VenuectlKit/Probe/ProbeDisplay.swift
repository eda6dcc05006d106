import Foundation
import VenuecastModel
import WorkerProtocol

/// What a probe shows a person: a line a second, and all of it at the end.
struct ProbeDisplay: Sendable {
    let words: Words
    let clock: Clock
    /// Changes while it is looked.
    var judgement: ProbeJudgement

    private func pick(_ en: String, _ zh: String) -> String { words.pick(en, zh) }

    func line(_ report: ProbeReport) -> Line {
        let content = report.content
        let delay = judgement.delay(report.delay, report)
        var line = Line(clock.time(Date()) + "  ", .dim)
        line.append(Figure.decimal(content.picture.framesPerSecond) + pick(" fps  ", " 帧/秒  "))
        line.append(pick("delay ", "延时 ") + Figure.decimal(delay?.p50Ms, digits: 0) + " ms")
        if let delay { line.append(" (p99 \(Figure.decimal(delay.p99Ms, digits: 0)))") }
        line.append("  " + Figure.decimal(content.stream?.bitrateKbps, digits: 0) + " kbit/s  ")
        let errors = content.stream?.errors.values.reduce(0, +) ?? 0
        line.append(pick("errors \(errors)  ", "错误 \(errors)  "), errors == 0 ? .plain : .red)
        line.append(Figure.decimal(content.sound.peakDbfs) + " dBFS")
        for finding in content.findings.prefix(2) { line.append("  " + finding.reason.code, .red) }
        return line
    }

    func summary(_ report: ProbeReport, width: Int) -> [Line] {
        guard report.bytes > 0 else { return [] }
        let result = judgement.result(report)
        let content = report.content
        let mark = result.ok ? Line.Span("✓", .green) : Line.Span("✗", .red)
        var lines = [Line([mark, Line.Span(" " + judgement.url, .bold)])]
        lines += Self.pairs([
            (pick("delay", "延时"), delay(result)),
            (pick("this clock", "本机时钟"), clockText),
            (pick("looked at", "测量时长"), Figure.decimal(report.seconds) + " s, " + Figure.bytes(report.bytes)),
            (
                pick("picture", "画面"),
                Figure.decimal(content.picture.framesPerSecond, digits: 2) + pick(" fps, ", " 帧/秒，") + size(content)
            ),
            (pick("frozen, black", "冻结、黑场"), still(content.picture)),
            (
                pick("sound", "声音"),
                Figure.decimal(content.sound.peakDbfs) + " dBFS, " + Figure.decimal(content.sound.shortTermLufs)
                    + " LUFS"
                    + (content.sound.silentSeconds.map { pick(", silent for ", "，静音 ") + Figure.decimal($0) + " s" }
                        ?? "")
            ),
            (
                pick("stream", "码流"),
                Figure.decimal(content.stream?.bitrateKbps, digits: 0)
                    + pick(" kbit/s, a keyframe each ", " kbit/s，关键帧间隔 ")
                    + Figure.decimal(content.stream?.keyframeSeconds) + " s"
            ),
            (pick("errors (TR 101 290)", "错误（TR 101 290）"), errors(content)),
            ("SRT", srt(report.srt)),
        ])
        for finding in report.findings {
            let text = pick(finding.reason.text, finding.reason.textZh) + lasted(finding)
            lines += DisplayWidth.wrap(text, to: max(20, width - 2)).enumerated().map { index, part in
                index == 0 ? Line([Line.Span("✗", .red), Line.Span(" " + part)]) : Line("  " + part)
            }
        }
        return lines
    }

    /// The longest time; nothing of what is no matter of time.
    private func lasted(_ finding: Finding) -> String {
        guard finding.limitSeconds > 0 else { return "" }
        let seconds = Figure.decimal(finding.seconds, digits: 0)
        return pick(" (\(seconds) s)", "（\(seconds) 秒）")
    }

    private func delay(_ result: ProbeJudgement.Result) -> String {
        if let reason = result.notMeasured { return Figure.unknown + " " + words.reason(reason) }
        guard let delay = result.delay else { return Figure.unknown }
        let figures = [delay.p50Ms, delay.p95Ms, delay.p99Ms].map { Figure.decimal($0, digits: 0) }
        let more = delay.isOfBothClocks ? "" : pick(" and the main venue's own", "，另加主会场时钟误差")
        return
            "\(figures[0]) ms ± \(Figure.decimal(delay.uncertaintyMs)) ms\(more) (p95 \(figures[1]), p99 \(figures[2]))"
    }

    private var clockText: String {
        let status = judgement.clock
        let keeper =
            status.source == "none"
            ? pick("nobody keeps it", "无授时程序")
            : status.source == "unknown" ? pick("kept by the host", "由宿主机授时") : status.source
        guard status.synchronised else { return keeper + pick(", not synchronised", "，未同步") }
        return keeper + pick(", synchronised, ± ", "，已同步，± ") + Figure.decimal(status.uncertaintyMs) + " ms"
    }

    private func size(_ content: ContentReport) -> String {
        guard let width = content.picture.width, let height = content.picture.height else { return Figure.unknown }
        return "\(width) × \(height) \(content.picture.coding ?? "")"
    }

    private func still(_ picture: PictureContent) -> String {
        let parts = [
            picture.stillSeconds.map { pick("still for ", "静止 ") + Figure.decimal($0) + " s" },
            picture.blackSeconds.map { pick("black for ", "黑场 ") + Figure.decimal($0) + " s" },
        ].compactMap { $0 }
        return parts.isEmpty ? pick("no", "无") : parts.joined(separator: ", ")
    }

    private func errors(_ content: ContentReport) -> String {
        let errors = (content.stream?.errors ?? [:]).sorted { $0.key < $1.key }
        return errors.isEmpty ? pick("none", "无") : errors.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    private func srt(_ srt: ProbeReport.SRT?) -> String {
        guard let srt else { return Figure.unknown }
        let lost = [srt.packetsLost, srt.packetsDropped].map { $0.map(String.init) ?? Figure.unknown }
        return pick("latency ", "缓冲 ") + (srt.negotiatedLatencyMs.map(String.init) ?? Figure.unknown)
            + pick(" ms, round trip ", " ms，往返 ") + Figure.decimal(srt.rttMs)
            + pick(" ms, \(lost[0]) lost, \(lost[1]) given up", " ms，丢失 \(lost[0])，放弃 \(lost[1])")
    }

    static func pairs(_ pairs: [(String, String)]) -> [Line] {
        let margin = pairs.reduce(0) { max($0, DisplayWidth.of($1.0)) }
        return pairs.map { name, value in
            let padding = String(repeating: " ", count: margin - DisplayWidth.of(name) + 2)
            return Line([Line.Span("  " + name + padding, .dim), Line.Span(value)])
        }
    }
}
