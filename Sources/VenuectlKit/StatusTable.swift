import Foundation
import VenuecastModel

/// `venuectl status`: what a tired person must see first stands first.
public enum StatusTable {
    /// - Parameters:
    ///   - width: columns of the terminal; no line is longer.
    ///   - height: lines there are; what does not fit is counted in the last one. Nil: as many as it takes.
    public static func render(
        _ status: ActivityStatus, width: Int, colour: Bool, language: Language, zone: TimeZone = .current,
        height: Int? = nil
    ) -> [String] {
        let words = Words(language: language)
        var lines = [headline(status, words, Clock(zone: zone), width: width)]
        lines += programme(status.program, words, width: width)
        lines += received(status.program.confidence, words, width: width)
        lines += inputs(status.inputs, words, width: width)
        lines += session(status, words, width: width)
        lines += alarms(status.alarms, words, width: width)
        lines.append(Line())
        lines += VenueTable.lines(status.venues, now: status.time, words, Clock(zone: zone), width: width)
        let reasons = reasons(status, words, width: width)
        if !reasons.isEmpty { lines.append(Line()) }
        lines += reasons
        // Blank lines are the first to go where there is no room.
        if let height, lines.count > height { lines.removeAll { $0.spans.isEmpty } }
        if let height, lines.count > height {
            let hidden = lines.count - height + 1
            lines.removeLast(hidden)
            lines.append(
                Line(words.pick("… \(hidden) more lines: venuectl status", "……还有 \(hidden) 行：venuectl status"), .dim))
        }
        return lines.map { $0.rendered(width: width, colour: colour) }
    }

    private static func headline(_ status: ActivityStatus, _ words: Words, _ clock: Clock, width: Int) -> Line {
        let health = status.health
        let time = clock.dayAndTime(status.time)
        let style: Line.Style = health == .failed ? .alarm : health == .ok ? .green : .yellow
        var line = Line([
            Line.Span(status.activity, .bold), Line.Span("  "), health.mark,
            Line.Span(" " + words.health(health), style),
        ])
        let counts = "  " + words.count(status.venues)
        if line.width + DisplayWidth.of(counts) + 2 + time.count <= width { line.append(counts) }
        line.append(String(repeating: " ", count: max(2, width - line.width - time.count)))
        line.append(time)
        return line
    }

    private static func programme(_ program: ProgramStatus, _ words: Words, width: Int) -> [Line] {
        let title = words.pick("Programme ", "节目 ")
        let mark = program.health.mark
        var parts: [[Line.Span]] = []
        if let onAir = program.onAir {
            parts.append([mark, Line.Span(words.pick(" on air: ", " 播出：")), Line.Span(onAir, .bold)])
        } else {
            parts.append([mark, Line.Span(words.pick(" nothing on air", " 无播出"), .alarm)])
        }
        if program.mode == "manual" {
            // Also when the taken one has died and another is on air.
            let taken = program.taken.map { words.pick(" (\($0) taken)", "（已切 \($0)）") } ?? ""
            parts.append([Line.Span(words.pick("by hand", "手动") + taken, .yellow)])
        } else {
            parts.append([Line.Span(words.pick("auto", "自动"))])
        }
        parts.append([Line.Span(Figure.decimal(program.framesPerSecond) + words.pick(" fps", " 帧/秒"))])
        parts.append([Line.Span(Figure.decimal(program.bitrateKbps, digits: 0) + " kbit/s")])
        if program.audio.muted == true {
            parts.append([Line.Span(words.pick("MUTED", "已静音"), .alarm)])
        }
        let peak = Figure.decimal(program.audio.peakDbfs)
        parts.append([Figure.levelBar(program.audio.peakDbfs), Line.Span(" \(peak) dBFS")])
        return flow(parts, title: title, width: width)
    }

    /// What the venues get, where somebody looks.
    private static func received(_ content: ContentStatus?, _ words: Words, width: Int) -> [Line] {
        guard let content else { return [] }
        let title = words.pick("Venues get", "会场收到 ")
        return flow(
            ContentWords(words: words).brief(content), title: title + (words.language == .en ? " " : ""), width: width)
    }

    private static func inputs(_ inputs: [InputStatus], _ words: Words, width: Int) -> [Line] {
        let parts = inputs.map { input -> [Line.Span] in
            let state = words.pick(" (on air)", "（播出中）")
            let sound = input.content?.sound.shortTermLufs.map { " \(Figure.decimal($0, digits: 0)) LUFS" } ?? ""
            return [input.health.mark, Line.Span(" \(input.id)" + (input.onAir ? state : "") + sound)]
        }
        return parts.isEmpty ? [] : flow(parts, title: words.pick("Inputs    ", "信号 "), width: width)
    }

    /// While one runs: the report and its time, and whether it is recorded.
    private static func session(_ status: ActivityStatus, _ words: Words, width: Int) -> [Line] {
        var lines: [Line] = []
        if let session = status.session {
            lines += flow(SessionTables.status(session, words), title: words.pick("Session   ", "场次 "), width: width)
        }
        if status.recording.health != .off {
            lines += flow(
                RecordingLine.parts(status.recording, words), title: words.pick("Recording ", "录制 "), width: width)
        }
        return lines
    }

    /// By name; what they say stands with the reasons and in `alarm list`.
    private static func alarms(_ alarms: [AlarmStatus], _ words: Words, width: Int) -> [Line] {
        guard !alarms.isEmpty else { return [] }
        let shown = alarms.prefix(mostAlarms).map { alarm in
            let isCritical = alarm.severity == .critical
            var part = [
                Line.Span(isCritical ? "✗ " : "! ", isCritical ? .red : .yellow), Line.Span("\(alarm.id) ", .bold),
                Line.Span(alarm.subject, alarm.acknowledgedBy == nil ? (isCritical ? .alarm : .yellow) : .plain),
            ]
            if let by = alarm.acknowledgedBy { part.append(Line.Span(words.pick(" (\(by))", "（\(by)）"), .green)) }
            return part
        }
        let hidden = alarms.count - shown.count
        let more = hidden > 0 ? words.pick("\(hidden) more: ", "另有 \(hidden) 项：") : ""
        return flow(
            shown + [[Line.Span(more + "venuectl alarm list", .dim)]], title: words.pick("Alarms    ", "告警 "),
            width: width)
    }

    private static let mostAlarms = 6

    /// Parts one behind the other, in as many lines as it takes, the later ones under the first.
    private static func flow(_ parts: [[Line.Span]], title: String, width: Int) -> [Line] {
        let margin = DisplayWidth.of(title)
        var lines = [Line(title, .dim)]
        var empty = true
        for part in parts {
            let size = part.reduce(0) { $0 + $1.width }
            if !empty, lines[lines.count - 1].width + 2 + size > width {
                lines.append(Line(String(repeating: " ", count: margin)))
                empty = true
            }
            if !empty { lines[lines.count - 1].append("  ") }
            lines[lines.count - 1].spans += part
            empty = false
        }
        return lines
    }

    /// Every reason as a sentence; what has failed before what is only impaired.
    private static func reasons(_ status: ActivityStatus, _ words: Words, width: Int) -> [Line] {
        typealias Subject = (health: Health, name: String, reasons: [Reason])
        let subjects: [Subject] =
            [(status.program.health, words.pick("Programme", "节目"), status.program.reasons)]
            + [
                (status.recording.health, words.pick("Recording", "录制"), status.recording.reasons),
                (.degraded, words.pick("Session", "场次"), status.session?.reasons ?? []),
            ]
            + status.inputs.map { ($0.health, words.pick("Input \($0.id)", "信号源 \($0.id)"), $0.reasons) }
            + status.venues.map { ($0.health, "\($0.name) \($0.id)", $0.reasons) }
        let order: [Health] = [.failed, .degraded, .ok, .off]
        return order.flatMap { health in subjects.filter { $0.health == health } }.flatMap { subject in
            subject.reasons.flatMap { sentence($0, of: subject.name, subject.health, words, width: width) }
        }
    }

    static func sentence(
        _ reason: Reason, of subject: String, _ health: Health, _ words: Words, width: Int
    ) -> [Line] {
        let text = subject + words.pick(": ", "：") + words.reason(reason)
        return DisplayWidth.wrap(text, to: max(20, width - 2)).enumerated().map { index, part in
            index == 0 ? Line([health.mark, Line.Span(" " + part)]) : Line("  " + part)
        }
    }
}
