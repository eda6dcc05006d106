import Foundation
import VenuecastModel

/// Sessions and their reports, for people.
struct SessionTables: Sendable {
    let words: Words
    let clock: Clock
    let width: Int

    func list(_ sessions: [SessionSummary]) -> [Line] {
        if sessions.isEmpty {
            return [
                Line(
                    words.pick(
                        "No rundown is loaded: venuectl rundown load FILE.csv", "尚未加载议程：venuectl rundown load FILE.csv")
                )
            ]
        }
        func column(_ title: String, trailing: Bool = false, minimum: Int? = nil, _ text: (SessionSummary) -> String)
            -> Table.Column
        {
            Table.Column(
                title: title, trailing: trailing, minimum: minimum, cells: sessions.map { Line.Span(text($0)) })
        }
        return Table(columns: [
            column(words.pick("session", "场次")) { $0.id },
            column(words.pick("state", "状态")) { words.sessionState($0.state) },
            column(words.pick("given", "已进行"), trailing: true) { session in
                "\(session.reports.count { !$0.runs.isEmpty })/\(session.reports.count)"
            },
            column(words.pick("planned", "计划"), trailing: true) { Figure.clock($0.limitSeconds) },
            column(words.pick("started", "开始")) { $0.startedAt.map(clock.dayAndTime) ?? Figure.unknown },
            column(words.pick("ended", "结束")) { $0.endedAt.map(clock.time) ?? Figure.unknown },
            column(words.pick("goes to", "传送至"), minimum: 8) { session in
                session.isInternal ? session.venues.joined(separator: " ") : words.pick("all venues", "全部分会场")
            },
        ]).lines(width: width)
    }

    func session(_ session: SessionSummary) -> [Line] {
        var head = Line([
            Line.Span("\(session.id)  ", .bold), Line.Span(words.sessionState(session.state)),
            Line.Span(words.pick("  planned ", "  计划 ") + Figure.clock(session.limitSeconds)),
        ])
        if session.isInternal {
            head.append(words.pick("  internal: ", "  内部场次：") + session.venues.joined(separator: " "), .yellow)
        }
        if let started = session.startedAt {
            let by = session.startedBy ?? Figure.unknown
            head.append(
                words.pick("  since \(clock.dayAndTime(started)) by \(by)", "  \(clock.dayAndTime(started)) 由 \(by) 开始")
            )
        }
        typealias Row = (report: ReportSummary, run: RunSummary?)
        let rows = session.reports.flatMap { report -> [Row] in
            report.runs.isEmpty ? [(report, nil)] : report.runs.map { (report, $0) }
        }
        func column(
            _ title: String, trailing: Bool = false, minimum: Int? = nil, dropped: Int? = nil,
            _ text: (Row) -> Line.Span
        ) -> Table.Column {
            Table.Column(title: title, trailing: trailing, minimum: minimum, dropped: dropped, cells: rows.map(text))
        }
        let table = Table(columns: [
            column(words.pick("no", "序号"), trailing: true) { Line.Span("\($0.report.number)") },
            column(words.pick("department", "部门"), minimum: 10) { Line.Span($0.report.department) },
            column(words.pick("speaker", "汇报人"), minimum: 6, dropped: 1) { Line.Span($0.report.speaker ?? "") },
            column(words.pick("limit", "时限"), trailing: true) { Line.Span(Figure.clock($0.report.limitSeconds)) },
            column(words.pick("in", "起")) { Line.Span($0.run?.inTimecode ?? Figure.unknown) },
            column(words.pick("out", "止")) { row in
                Line.Span(row.run.map { $0.outTimecode ?? words.pick("runs", "进行中") } ?? Figure.unknown)
            },
            column(words.pick("took", "用时"), trailing: true) { row in
                Line.Span(row.run.map { Figure.clock($0.durationSeconds) } ?? Figure.unknown)
            },
            column(words.pick("over", "超时"), trailing: true) { row in
                let over = row.run?.overrunSeconds ?? 0
                return Line.Span(over > 0 ? Figure.clock(over) : "", .yellow)
            },
            column(words.pick("by", "操作人"), dropped: 0) { row in
                Line.Span(row.run.map { $0.amendedBy.map { "\($0)*" } ?? $0.startedBy } ?? "")
            },
        ])
        let marks = session.marks.map { mark in
            Line([Line.Span("  \(mark.timecode)  ", .dim), Line.Span(mark.text), Line.Span("  \(mark.by)", .dim)])
        }
        return [head] + table.lines(width: width) + marks
    }

    /// In `status`: what the operator looks at while somebody speaks.
    static func status(_ session: SessionStatus, _ words: Words) -> [[Line.Span]] {
        var parts: [[Line.Span]] = [[Line.Span(session.id, .bold)]]
        if session.isInternal { parts.append([Line.Span(words.pick("internal", "内部"), .yellow)]) }
        parts.append([Line.Span("\(session.given)/\(session.reports)")])
        if let report = session.report {
            let again = report.attempt > 1 ? words.pick(" (again)", "（再次）") : ""
            parts.append([Line.Span("\(report.number) \(report.department)\(again)", .bold)])
            parts.append([Line.Span(words.countdown(report), report.countdown.style)])
        } else {
            parts.append([Line.Span(words.pick("no report runs", "无汇报进行"), .dim)])
        }
        if let next = session.next {
            parts.append([Line.Span(words.pick("next: ", "下一个：") + "\(next.number) \(next.department)", .dim)])
        }
        return parts
    }
}

extension CountdownPhase {
    var style: Line.Style {
        switch self {
        case .running: .plain
        case .twoMinutes, .thirtySeconds: .yellow
        case .timeUp, .overrun: .alarm
        }
    }
}

extension Words {
    func sessionState(_ state: SessionSummary.State) -> String {
        switch state {
        case .planned: pick("planned", "未开始")
        case .active: pick("runs", "进行中")
        case .ended: pick("ended", "已结束")
        }
    }

    func countdown(_ report: ReportStatus) -> String {
        let left = Figure.clock(abs(report.remainingSeconds))
        return switch report.countdown {
        case .running: pick("\(left) left", "剩余 \(left)")
        case .twoMinutes: pick("\(left) left (2 min)", "剩余 \(left)（不足 2 分钟）")
        case .thirtySeconds: pick("\(left) left (30 s)", "剩余 \(left)（不足 30 秒）")
        case .timeUp: pick("TIME IS UP", "时间到")
        case .overrun: pick("OVER by \(left)", "超时 \(left)")
        }
    }

    /// After a press: where things stand.
    func session(_ session: SessionStatus) -> String {
        let next =
            session.next.map { pick("; next: \($0.number) \($0.department)", "；下一个：\($0.number) \($0.department)") }
            ?? ""
        guard let report = session.report else {
            return pick("\(session.id): no report runs", "\(session.id)：没有正在进行的汇报") + next
        }
        let again = report.attempt > 1 ? pick(" for the \(report.attempt). time", "（第 \(report.attempt) 次）") : ""
        return pick(
            "\(session.id): report \(report.number) \(report.department) runs\(again), \(countdown(report))",
            "\(session.id)：第 \(report.number) 号汇报 \(report.department) 进行中\(again)，\(countdown(report))") + next
    }
}

extension Figure {
    /// `9:41`, `1:05:00`.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(max(0, seconds).rounded(.down))
        let (hours, rest) = whole.quotientAndRemainder(dividingBy: 3600)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, rest / 60, rest % 60)
            : String(format: "%d:%02d", rest / 60, rest % 60)
    }
}
