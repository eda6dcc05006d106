import LinuxSystem
import Supervision
import VenuecastModel
import WorkerProtocol

/// Where a reason is given by the daemon and not by a worker.
extension VenuecastModel.Reason {
    init(_ reason: WorkerProtocol.Reason) {
        self.init(code: reason.code, text: reason.text, textZh: reason.textZh)
    }

    /// - Parameter id: of the worker.
    static func worker(_ id: String, _ snapshot: WorkerSnapshot?, now: MonotonicInstant) -> Self? {
        guard let snapshot else {
            return Self(
                code: "not-running", text: "The worker \(id) is not running. Read the daemon's log.",
                textZh: "进程 \(id) 没有运行。请查看守护进程日志。")
        }
        // It goes into the middle of a sentence.
        let error = snapshot.lastError.map { text in
            let short = text.prefix(300)
            return String(short.hasSuffix(".") ? short.dropLast() : short)
        }
        switch snapshot.phase {
        case .waiting:
            let wait = snapshot.nextStart.map { max(0, now.duration(to: $0).inSeconds).rounded(.up) } ?? 0
            if let pid = snapshot.abandoned.last {
                // What it holds may be what its successor fails for.
                return Self(
                    code: "worker-abandoned",
                    text:
                        "The worker \(id) failed\(error.map { ": \($0)" } ?? ""), and its process \(pid) cannot be ended. "
                        + "It tries again in \(Int(wait)) s; if that is of no use, restart the machine when you can.",
                    textZh:
                        "进程 \(id) 出错\(error.map { "：\($0)" } ?? "")，且其旧进程 \(pid) 无法结束。"
                        + "将在 \(Int(wait)) 秒后重试；若仍无效，请在方便时重启这台机器。")
            }
            return Self(
                code: "worker-failed",
                text: "The worker \(id) failed\(error.map { ": \($0)" } ?? ""). It starts again in \(Int(wait)) s.",
                textZh: "进程 \(id) 出错\(error.map { "：\($0)" } ?? "")。将在 \(Int(wait)) 秒后重新启动。")
        case .starting:
            return error.map {
                Self(
                    code: "worker-restarting", text: "The worker \(id) starts again after a failure: \($0).",
                    textZh: "进程 \(id) 出错后正在重新启动：\($0)。")
            }
        case .abandoned:
            return Self(
                code: "worker-abandoned",
                text:
                    "The worker \(id) cannot be ended: \(error ?? "cause unknown"). Restart the machine when you can.",
                textZh: "进程 \(id) 无法结束：\(error ?? "原因不明")。请在方便时重启这台机器。")
        case .running, .starved, .stopping:
            return nil
        }
    }

    static func absent(_ url: String) -> Self {
        Self(
            code: "absent",
            text: "Nobody has connected to \(url) yet. Check that the venue's receiver is on and has this address.",
            textZh: "尚无接收端连接 \(url)。请检查分会场的接收机是否开机、地址是否正确。")
    }

    static func notForThisVenue(_ session: String) -> Self {
        Self(
            code: "other-venues",
            text: "Session \(session) is for other venues: nothing is sent until it ends.",
            textZh: "场次 \(session) 只面向其他分会场：结束前不传送任何内容。")
    }

    static let stillProgramme = Self(
        code: "not-yet-slate",
        text:
            "The session is not for this venue, and its link has not confirmed the slate yet. If this stays, stop it: "
            + "venuectl venue stop.",
        textZh: "本场次不面向该分会场，但其链路尚未确认切换到垫片。若持续如此，请停止该分会场：venuectl venue stop。")

    static let starved = Self(
        code: "starved", text: "Connected, and no programme comes in. Look at `program` in `venuectl status`.",
        textZh: "已连接，但没有节目信号。请查看 `venuectl status` 中的节目状态。")

    /// What is wrong with a venue's line; nil while SRT makes good what is lost.
    static func line(_ report: LinkReport) -> Self? {
        let loss = report.lossPercent ?? 0
        let percent = "\((loss * 10).rounded() / 10)"
        guard let quality = report.quality else {
            // A worker of before has no verdict.
            return loss > StatusReport.tolerableLossPercent ? .loss(percent, nil) : nil
        }
        let advice = report.recommendedLatencyMs.flatMap { needed in
            report.negotiatedLatencyMs.flatMap { $0 < needed ? (has: $0, needed: needed) : nil }
        }
        switch quality {
        case .good: return nil
        case .strained: return .loss(percent, advice)
        case .bad: return .tooLate(percent, advice)
        }
    }

    private typealias Advice = (has: Int, needed: Int)

    private static func loss(_ percent: String, _ advice: Advice?) -> Self {
        Self(
            code: "loss",
            text: "\(percent) % of the packets are lost on the way. "
                + (advice.map {
                    "The link's latency of \($0.has) ms has no time to make that good: set `latencyMs = \($0.needed)`."
                } ?? "Check the line, or raise `latencyMs` of the link."),
            textZh: "\(percent)% 的数据包在途中丢失。"
                + (advice.map { "该链路 \($0.has) 毫秒的缓冲来不及补救：请设置 `latencyMs = \($0.needed)`。" }
                    ?? "请检查线路，或增大该链路的 `latencyMs`。"))
    }

    private static func tooLate(_ percent: String, _ advice: Advice?) -> Self {
        Self(
            code: "too-late",
            text:
                "Packets come too late and are given up (\(percent) % are lost on the way): the picture breaks there. "
                + (advice.map { "Set `latencyMs = \($0.needed)` (it is \($0.has))." }
                    ?? "Have the line looked at, or lower `videoBitrateKbps`."),
            textZh: "数据包过迟而被放弃（途中丢失 \(percent)%），该会场画面破损。"
                + (advice.map { "请设置 `latencyMs = \($0.needed)`（现为 \($0.has)）。" }
                    ?? "请检查线路，或降低 `videoBitrateKbps`。"))
    }

    static let noProgram = Self(
        code: "no-program", text: "No programme worker answers. Look at `venuectl status` again in a few seconds.",
        textZh: "节目进程没有响应。请几秒后再查看 `venuectl status`。")

    static let faultSlate = Self(
        code: "no-good-input", text: "No input is good, so the fault slate is on air. Look at the inputs' reasons.",
        textZh: "没有可用的信号源，正在播出故障垫片。请查看各信号源的原因。")

    static let noPicture = Self(
        code: "no-picture", text: "No picture comes from this input. Check the source and its cable or network.",
        textZh: "此信号源没有画面。请检查信号源及其线缆或网络。")

    static let noSound = Self(
        code: "no-sound", text: "No sound comes from this input. Check the source's audio.",
        textZh: "此信号源没有声音。请检查信号源的音频。")
}
