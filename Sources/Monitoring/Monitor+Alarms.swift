import Alarms
import EventLog
import Foundation
import LinuxSystem
import VenuecastModel

/// Alarms: from facts to the board, the disk and the record.
extension Monitor {
    /// So long may events wait for the disk before that is a matter for somebody.
    private static let eventPatience = Duration.seconds(5)

    func watchAlarms(_ status: ActivityStatus, _ workers: [WorkerStatus], at now: MonotonicInstant) {
        let facts = AlarmFacts(
            status: status, workers: workers, eventsNotWritten: eventsNotWritten(now), notDelivered: outbox.trouble,
            historyNotKept: history.trouble(at: now))
        let changes = ledger.observe(facts, settings().policy, at: now, time: Date())
        if changes.isEmpty { return }
        board.alarms = ledger.alarms
        // Words with a figure in them change all the time, and are made anew after a start.
        if changes.contains(where: \.outlivesTheDaemon) { store.save(ledger.saved) }
        for change in changes { announce(change, status.activity) }
    }

    private func eventsNotWritten(_ now: MonotonicInstant) -> String? {
        let condition = events.condition
        if let failure = condition.failure { return failure }
        guard let since = condition.waitingSince, since.duration(to: now) > Self.eventPatience else { return nil }
        return "the disk does not answer"
    }

    private func announce(_ change: AlarmChange, _ activity: String) {
        switch change {
        case .raised(let alarm):
            events.record(EventDraft(EventKind.alarmRaised, alarm))
            outbox.tell(AlarmMessage(.raised, alarm, activity: activity, time: alarm.raisedAt))
        case .cleared(let alarm, let why):
            events.record(EventDraft(EventKind.alarmCleared, alarm, ["because": why.rawValue]))
            outbox.tell(AlarmMessage(.cleared, alarm, activity: activity, time: Date()))
        case .changed: break
        }
    }

    public func alarms() async -> [AlarmStatus] { board.alarms }

    public func acknowledge(_ id: String, by name: String) async throws(ControlError) -> AlarmStatus {
        guard let before = ledger.alarms.first(where: { $0.id == id }) else {
            throw .unknownAlarm(id, known: ledger.alarms.map(\.id))
        }
        if let earlier = before.acknowledgedBy { throw .acknowledgedBefore(id, by: earlier) }
        let now = Date()
        guard let alarm = ledger.acknowledge(id, by: name, at: now) else { throw .unknownAlarm(id, known: []) }
        if let cause = await store.saveInTime(ledger.saved) {
            // Nobody was told that it had been taken: it must not be there after a restart either.
            _ = ledger.acknowledge(id, by: nil, at: nil)
            store.save(ledger.saved)
            // A look may have put it there while the disk was waited for.
            board.alarms = ledger.alarms
            throw .acknowledgementNotWritten(cause)
        }
        board.alarms = ledger.alarms
        events.record(EventDraft(EventKind.alarmAcknowledged, alarm, ["by": name]))
        outbox.tell(AlarmMessage(.acknowledged, alarm, activity: await status().activity, time: now))
        return alarm
    }
}

extension AlarmChange {
    fileprivate var outlivesTheDaemon: Bool {
        if case .changed = self { false } else { true }
    }
}

extension EventDraft {
    fileprivate init(_ kind: String, _ alarm: AlarmStatus, _ more: [String: String] = [:]) {
        var details = [
            "alarm": alarm.id, "code": alarm.code, "severity": alarm.severity.rawValue, "text": alarm.cause,
            "textZh": alarm.causeZh, "action": alarm.action, "actionZh": alarm.actionZh,
        ]
        if !alarm.consequences.isEmpty {
            details["consequences"] = alarm.consequences.map(\.subject).joined(separator: ", ")
        }
        self.init(kind, alarm.subject, details: details.merging(more) { $1 })
    }
}

extension ControlError {
    fileprivate static func unknownAlarm(_ id: String, known: [String]) -> ControlError {
        ControlError(
            status: 404, code: "unknown-alarm", title: "No such alarm", detail: "There is no alarm “\(id)” now.",
            nextStep: known.isEmpty ? "There are none." : "There are: \(known.joined(separator: ", ")).",
            detailZh: "目前没有告警“\(id)”。",
            nextStepZh: known.isEmpty ? "目前没有任何告警。" : "现有告警：\(known.joined(separator: "、"))。")
    }

    fileprivate static func acknowledgedBefore(_ id: String, by name: String) -> ControlError {
        ControlError(
            status: 409, code: "acknowledged-before", title: "Acknowledged already",
            detail: "“\(id)” was acknowledged by \(name).", nextStep: "Nothing is left to do: \(name) looks after it.",
            detailZh: "“\(id)”已由 \(name) 确认。", nextStepZh: "无需再操作：\(name) 正在处理。")
    }

    fileprivate static func acknowledgementNotWritten(_ cause: String) -> ControlError {
        ControlError(
            status: 500, code: "state-not-written", title: "The acknowledgement could not be written down",
            detail: "Nothing was changed: \(cause).",
            nextStep: "Make room on the disk of the state directory, or mend its permissions, then try again.",
            detailZh: "未作任何更改（系统报告：\(cause)）。", nextStepZh: "请清理状态目录所在磁盘的空间或修正其权限，然后重试。")
    }
}
