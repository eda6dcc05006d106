import VenuecastModel

/// Every no to an order about sessions, with its next step, in both languages.
extension ControlError {
    private static func refusal(
        _ code: String, status: Int = 409, _ title: String, _ detail: String, _ next: String, zh detailZh: String,
        _ nextZh: String
    ) -> ControlError {
        ControlError(
            status: status, code: code, title: title, detail: detail, nextStep: next, detailZh: detailZh,
            nextStepZh: nextZh)
    }

    static func rundownRefused(_ problems: [RundownProblem]) -> ControlError {
        refusal(
            "rundown-refused", status: 422, "The rundown has errors",
            "Nothing was changed.\n" + problems.map(\.description).joined(separator: "\n"),
            "Correct the file, then load it again.",
            zh: "未作任何更改。\n" + problems.map(\.descriptionZh).joined(separator: "\n") + "\n", "请修改文件后重新加载。")
    }

    static func sessionsHaveBegun(_ ids: [String]) -> ControlError {
        let list = ids.joined(separator: ", ")
        return refusal(
            "session-begun", "A session has begun",
            "The file changes \(list), which has begun.",
            "Leave the lines of \(list) as they were, or out; for another activity: venuectl rundown load --new FILE",
            zh: "文件更改了已经开始的场次 \(list)。", "请保持或删去 \(list) 的各行；若是另一次活动，请用：venuectl rundown load --new FILE")
    }

    static func newWhileActive(_ session: SessionRun) -> ControlError {
        refusal(
            "session-active", "A session runs", "\(session.id) runs, so this cannot be another activity.",
            "End it first: venuectl session end", zh: "场次 \(session.id) 正在进行，不能开始另一次活动。", "请先结束它：venuectl session end")
    }

    static let noRundown = refusal(
        "no-rundown", "There is no rundown", "No rundown is loaded, so there is no session.",
        "Load one: venuectl rundown load FILE.csv", zh: "尚未加载议程，因此没有场次。", "请加载：venuectl rundown load FILE.csv")

    static func notASessionID(_ id: String) -> ControlError {
        refusal(
            "bad-session-id", status: 400, "Not a session's id",
            "“\(id.prefix(64))” is no session's id: letters, digits and -, at most 32.",
            "Use one of `venuectl rundown show`.",
            zh: "“\(id.prefix(64))”不是场次编号：只能用字母、数字和 -，最多 32 个字符。", "请查看 `venuectl rundown show`。")
    }

    static func unknownSession(_ id: String, known: [String]) -> ControlError {
        let list = known.joined(separator: ", ")
        return refusal(
            "unknown-session", status: 404, "Unknown session", "The rundown has no session “\(id)”.",
            known.isEmpty ? "Load a rundown: venuectl rundown load FILE.csv" : "Sessions: \(list).",
            zh: "议程中没有场次“\(id)”。", known.isEmpty ? "请加载议程：venuectl rundown load FILE.csv" : "现有场次：\(list)。")
    }

    static func otherSessionRuns(_ session: SessionRun, wanted: String) -> ControlError {
        let (by, at) = (session.started.by.name, session.started.clockTime)
        if session.id == wanted {
            return refusal(
                "session-active", "The session runs already", "\(wanted) was started by \(by) at \(at).",
                "Go on with: venuectl report next", zh: "场次 \(wanted) 已由 \(by) 于 \(at) 开始。", "请继续：venuectl report next")
        }
        return refusal(
            "session-active", "Another session runs", "\(session.id) runs; \(by) started it at \(at).",
            "End it first: venuectl session end", zh: "场次 \(session.id) 正在进行，由 \(by) 于 \(at) 开始。",
            "请先结束它：venuectl session end")
    }

    static func noSession(_ last: SessionRun?) -> ControlError {
        let ended = last?.ended
        let since = ended.map { " \(last?.id ?? "") was ended by \($0.by.name) at \($0.clockTime)." } ?? ""
        let sinceZh = ended.map { "场次 \(last?.id ?? "") 已由 \($0.by.name) 于 \($0.clockTime) 结束。" } ?? ""
        return refusal(
            "no-session", "No session runs", "No session runs.\(since)", "Start one: venuectl session start ID",
            zh: "没有正在进行的场次。\(sinceZh)", "请开始一个场次：venuectl session start ID")
    }

    static func notTheActiveSession(_ id: String, _ active: SessionRun) -> ControlError {
        refusal(
            "not-active", "That session does not run", "Not \(id) runs but \(active.id).",
            "End that one: venuectl session end \(active.id)", zh: "正在进行的是 \(active.id)，而不是 \(id)。",
            "请结束它：venuectl session end \(active.id)")
    }

    static func unknownReport(_ number: Int, _ plan: PlannedSession) -> ControlError {
        let list = plan.reports.map { "\($0.number)" }.joined(separator: ", ")
        return refusal(
            "unknown-report", status: 404, "Unknown report", "\(plan.id) has no report \(number).", "Reports: \(list).",
            zh: "\(plan.id) 没有第 \(number) 号汇报。", "现有序号：\(list)。")
    }

    static func reportRuns(_ run: ReportRun, now: Moment) -> ControlError {
        let (by, ago) = (run.started.by.name, run.started.ago(now))
        return refusal(
            "report-running", "The report runs already",
            "Report \(run.report.number) (\(run.report.department)) runs; \(by) started it \(ago) s ago.",
            "Nothing has to be done; if it was wrong: venuectl report undo",
            zh: "第 \(run.report.number) 号汇报（\(run.report.department)）正在进行，由 \(by) 在 \(ago) 秒前开始。",
            "无需操作；若有误，请用：venuectl report undo")
    }

    static func noReport(_ session: SessionRun, now: Moment) -> ControlError {
        let last = session.runs.last
        let by = last?.ended?.by.name ?? "?"
        let text = last.map { "Report \($0.report.number) was ended by \(by) \($0.ended?.ago(now) ?? "?") s ago." }
        let zh = last.map { "第 \($0.report.number) 号汇报已由 \(by) 在 \($0.ended?.ago(now) ?? "?") 秒前结束。" }
        return refusal(
            "no-report", "No report runs", "No report runs in \(session.id).\(text.map { " \($0)" } ?? "")",
            "Start one: venuectl report next", zh: "\(session.id) 中没有正在进行的汇报。\(zh ?? "")", "请开始：venuectl report next")
    }

    static func allGiven(_ session: SessionRun) -> ControlError {
        refusal(
            "all-given", "No report is left",
            "All \(session.plan.reports.count) reports of \(session.id) have been given.",
            "To give one again: venuectl report start N; to end: venuectl session end",
            zh: "\(session.id) 的 \(session.plan.reports.count) 个汇报均已进行。",
            "重新进行某个汇报：venuectl report start N；结束场次：venuectl session end")
    }

    static func somebodyWasFaster(_ entry: JournalEntry, _ what: String, _ whatZh: String, now: Moment, own: Bool)
        -> ControlError
    {
        let (by, ago) = (entry.by.name, entry.ago(now))
        let who = own ? "you (\(by)), or somebody with your account, did" : "\(by) did"
        let whoZh = own ? "您（\(by)）或使用同一账号的人" : by
        return refusal(
            "somebody-was-faster", "Somebody was faster", "Nothing was changed: \(who) this \(ago) s ago: \(what).",
            "Look at `venuectl status`, then press again if it is still wanted.",
            zh: "未作任何更改：\(whoZh)在 \(ago) 秒前已操作：\(whatZh)。", "请查看 `venuectl status`，如仍需要请再次操作。")
    }

    static func nothingToUndo(_ session: SessionRun) -> ControlError {
        refusal(
            "nothing-to-undo", "Nothing to take back", "No press about a report is left to take back in \(session.id).",
            "Times are corrected with: venuectl report amend N --in … --out …", zh: "\(session.id) 中没有可以撤回的操作。",
            "更正时间请用：venuectl report amend N --in … --out …")
    }

    static func notGiven(_ number: Int, _ session: SessionRun, attempt: Int?) -> ControlError {
        let times = session.runs(of: number).count
        return refusal(
            "not-given", status: 404, "It was not given",
            attempt == nil
                ? "Report \(number) has not been given in \(session.id)."
                : "Report \(number) has been given \(times) times in \(session.id).",
            "See `venuectl session show \(session.id)`.",
            zh: attempt == nil
                ? "\(session.id) 中尚未进行第 \(number) 号汇报。" : "\(session.id) 中第 \(number) 号汇报进行过 \(times) 次。",
            "请查看 `venuectl session show \(session.id)`。")
    }

    static func noTimes() -> ControlError {
        refusal(
            "bad-request", status: 400, "Nothing to amend", "Neither a beginning nor an end is given.",
            "Name one: venuectl report amend N --in 14:03:10:05 --out 14:12:59:20", zh: "没有给出起点或终点。",
            "请至少给出一个：venuectl report amend N --in 14:03:10:05 --out 14:12:59:20")
    }

    static func notATimecode(_ text: String, frameRate: Int) -> ControlError {
        refusal(
            "bad-timecode", status: 400, "Not a timecode",
            "“\(text.prefix(40))” is no timecode at \(frameRate) frames a second.",
            "Write hours, minutes, seconds and, if known, frames: 14:03:10:05",
            zh: "“\(text.prefix(40))”不是每秒 \(frameRate) 帧的时间码。",
            "请写时、分、秒，如已知可加帧：14:03:10:05")
    }

    static func stillRuns(_ run: ReportRun) -> ControlError {
        refusal(
            "report-running", "The report still runs", "Report \(run.report.number) runs: it has no end to amend.",
            "End it first: venuectl report end", zh: "第 \(run.report.number) 号汇报仍在进行，没有可更正的终点。",
            "请先结束它：venuectl report end")
    }

    static func outOfOrder(_ start: String, _ end: String) -> ControlError {
        refusal(
            "bad-times", status: 400, "The end comes before the beginning",
            "It would begin at \(start) and end at \(end).",
            "Give both times: --in … --out …", zh: "起点为 \(start)，终点为 \(end)。", "请给出两个时间：--in … --out …")
    }

    static func outsideOfSession(_ text: String, from start: String, to end: String) -> ControlError {
        refusal(
            "bad-times", status: 400, "Outside of the session",
            "\(text) is outside of the session, which lasted from \(start) to \(end).",
            "Give a time inside of it.", zh: "\(text) 不在场次之内：场次从 \(start) 到 \(end)。", "请给出场次之内的时间。")
    }

    static let emptyMark = refusal(
        "bad-request", status: 400, "No text", "A marker has a text of 1 to 500 characters.", "venuectl mark TEXT",
        zh: "标记需要 1 到 500 个字符的文字。", "venuectl mark TEXT")

    public static func endangers(_ what: [String], _ whatZh: [String], session: String) -> ControlError {
        refusal(
            "session-active", "A session runs", "\(session) runs. " + what.joined(separator: " "),
            "Wait for its end, or insist with --yes.", zh: "场次 \(session) 正在进行。" + whatZh.joined(),
            "请等场次结束，或用 --yes 坚持执行。")
    }
}

extension JournalEntry {
    /// Seconds, for a sentence.
    func ago(_ now: Moment) -> String { "\((max(0, now.seconds(since: at)) * 10).rounded() / 10)" }

    /// Local time of day.
    var clockTime: String { HouseFormatter.timeOfDay(at.wall) }
}
