import Foundation
import VenuecastModel

/// Events as people read them: a line each.
struct EventLines: Sendable {
    let words: Words
    let clock: Clock

    func line(_ event: Event) -> Line {
        var line = Line([
            Line.Span(clock.dayAndTime(event.time) + "  ", .dim), Line.Span(event.subject + "  ", .bold),
            Line.Span(sentence(event), style(event)),
        ])
        if let who = event.who {
            line.append("  \(who.name)" + (who.role == "operator" ? "" : " (\(who.role))"), .dim)
        }
        return line
    }

    private func style(_ event: Event) -> Line.Style {
        if event.outcome == .refused { return .yellow }
        switch event.kind {
        case EventKind.alarmRaised, EventKind.logDamaged, EventKind.logLost: return .red
        case EventKind.workerEnded, EventKind.reloadRefused, EventKind.logTorn: return .yellow
        case EventKind.venueState, EventKind.venueHealth, EventKind.inputHealth, EventKind.programHealth:
            let health = event.details["health"] ?? event.details["to"]
            return health.flatMap(Health.init(rawValue:)).map(\.style) ?? .plain
        default: return .plain
        }
    }

    private func pick(_ en: String, _ zh: String) -> String { words.pick(en, zh) }

    func sentence(_ event: Event) -> String {
        let details = event.details
        func detail(_ name: String) -> String { details[name] ?? Figure.unknown }
        let why = details["textZh"].flatMap { words.language == .zh && !$0.isEmpty ? $0 : nil } ?? details["text"]
        let because = why.map { pick(": ", "：") + $0 } ?? ""
        switch event.kind {
        case EventKind.order: return order(event)
        case EventKind.daemonStarted:
            let before = details["before"] == "crashed" ? pick(", after a crash", "，上次异常退出") : ""
            return pick("daemon \(detail("version")) started", "守护进程 \(detail("version")) 已启动") + before
        case EventKind.daemonStopped:
            return details["how"] == "detach"
                ? pick("daemon ended, the workers stay on air", "守护进程已退出，各进程继续播出")
                : pick("daemon ended, and everything with it", "守护进程及所有进程已停止")
        case EventKind.reloaded:
            return pick("configuration reloaded, changes: ", "配置已重新加载，变更数：") + detail("count")
                + (details["changes"].flatMap { $0.isEmpty ? nil : pick(": ", "：") + $0 } ?? "")
        case EventKind.reloadRefused: return pick("configuration refused: ", "配置被拒绝：") + detail("cause")
        case EventKind.clock:
            return details["what"] == "suspended"
                ? pick("the machine slept for \(detail("seconds")) s", "本机休眠了 \(detail("seconds")) 秒")
                : pick("the clock was set by \(detail("milliseconds")) ms", "本机时钟被调整 \(detail("milliseconds")) 毫秒")
        case EventKind.workerReady: return pick("worker is ready", "进程已就绪")
        case EventKind.workerTakenBack: return pick("worker taken back, it had gone on", "已接管原有进程，播出未中断")
        case EventKind.workerEnded: return pick("worker ended: ", "进程异常结束：") + detail("cause")
        case EventKind.workerStopped: return pick("worker stopped: ", "进程已停止：") + detail("cause")
        case EventKind.venueState:
            return state(details["from"]) + " → " + state(details["to"])
                + (details["peer"].map { " (\($0))" } ?? "") + because
        case EventKind.venueHealth, EventKind.inputHealth, EventKind.programHealth:
            return health(details["from"]) + " → " + health(details["to"]) + because
        case EventKind.onAir:
            return pick("on air: ", "播出：") + detail("from") + " → " + detail("to")
                + (details["mode"] == "manual" ? pick(" (by hand)", "（手动）") : "") + because
        case EventKind.muted: return details["muted"] == "true" ? pick("muted", "已静音") : pick("sound on", "声音已恢复")
        case EventKind.recordingState:
            return pick("recording: ", "录制：") + detail("from") + " → " + detail("to") + because
        case EventKind.recordingRemoved:
            return pick("removed, received \(detail("days")) days ago or longer", "已删除：确认收到已满 \(detail("days")) 天")
                + because
        case EventKind.alarmRaised: return pick("alarm raised", "告警") + because
        case EventKind.alarmCleared: return pick("alarm cleared", "告警解除") + because
        case EventKind.alarmAcknowledged:
            return pick("alarm acknowledged by \(detail("by"))", "告警已由 \(detail("by")) 确认") + because
        case EventKind.logTorn: return pick("a line was torn by a crash", "崩溃时有一行记录不完整") + because
        case EventKind.logDamaged: return pick("the event log is damaged", "事件记录损坏") + because
        case EventKind.logPruned: return pick("old events removed: ", "已清除过期事件：") + detail("files")
        case EventKind.logLost:
            return pick("events lost, the disk took none: ", "磁盘不可写，丢失事件数：") + detail("count")
        default:
            return event.kind + details.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        }
    }

    private func order(_ event: Event) -> String {
        let rest = event.details.filter { !["action", "code", "reason"].contains($0.key) }.sorted { $0.key < $1.key }
        let values = rest.map { " \($0.key)=\($0.value)" }.joined()
        let text = pick("order: ", "指令：") + action(event.details["action"] ?? "") + values
        guard event.outcome == .refused else { return text }
        return text + pick(" – refused: ", " ——被拒绝：") + (event.details["reason"] ?? "")
    }

    private func action(_ action: String) -> String {
        guard words.language == .zh else { return action }
        return [
            "start": "启动", "stop": "停止", "restart": "重启", "take": "切换", "mute": "静音", "unmute": "恢复声音",
            "replace": "更换进程", "reload": "重新加载配置", "acknowledge": "确认", "next": "下一个", "end": "结束",
            "markers": "标记",
        ][action] ?? action
    }

    private func state(_ text: String?) -> String {
        text.flatMap(VenueStatus.State.init(rawValue:)).map(words.state) ?? text ?? Figure.unknown
    }

    private func health(_ text: String?) -> String {
        text.flatMap(Health.init(rawValue:)).map(words.health) ?? text ?? Figure.unknown
    }
}
