import Sessions
import VenuecastModel

/// What would become of a session that runs: told before it is done.
enum SessionDanger {
    /// - Parameters:
    ///   - changes: workers that would be replaced or ended.
    ///   - onAir: an input's id, or a slate; nil: not known.
    static func sentences(
        _ changes: [ReloadReport.Change], session: SessionRun, venues: [Activity.Venue], onAir: String?
    ) -> [(en: String, zh: String)] {
        changes.compactMap { change in
            guard change.change == .restarted || change.change == .removed else { return nil }
            let parts = change.worker.split(separator: "/").map(String.init)
            switch parts[0] {
            case WorkerID.program:
                return (
                    "The programme would restart: every venue and the recording lose some seconds.",
                    "节目进程将重启：各分会场和录制会中断数秒。"
                )
            case WorkerID.recorder(lane: session.lane):
                return change.change == .removed
                    ? ("\(change.worker) would end: nothing more is recorded there.", "录制进程 \(change.worker) 将结束，不再录制。")
                    : (
                        "\(change.worker) would restart: the recording has a gap there.",
                        "录制进程 \(change.worker) 将重启，录制会出现缺口。"
                    )
            case "input":
                let id = parts.dropFirst().joined(separator: "/")
                guard id == onAir else { return nil }
                return change.change == .removed
                    ? (
                        "The input \(id) is on air and would end: the next good one takes its place.",
                        "正在播出的信号源 \(id) 将结束，由下一个可用信号源接替。"
                    )
                    : (
                        "The input \(id) is on air and would restart: it is gone for some seconds.",
                        "正在播出的信号源 \(id) 将重启，会中断数秒。"
                    )
            case "link":
                let id = parts.dropFirst().joined(separator: "/")
                guard session.plan.venues?.contains(id) ?? true else { return nil }
                let name = venues.first { $0.id == id }?.name ?? id
                return change.change == .removed
                    ? ("\(name) (\(id)) would lose the picture.", "\(name)（\(id)）将失去画面。")
                    : ("\(name) (\(id)) would lose the picture for some seconds.", "\(name)（\(id)）的画面将中断数秒。")
            default: return nil
            }
        }
    }
}

extension Coordinator {
    /// - Parameter changes: what an order would do to workers.
    func checkSession(_ changes: [ReloadReport.Change], yes: Bool?) throws(ControlError) {
        // Before the daemon has got round to it.
        if !hasTakenBack { try? sessionStore.load() }
        guard yes != true, let session = sessionLog.active else { return }
        let dangers = SessionDanger.sentences(
            changes, session: session, venues: activity.venues, onAir: report().programReport?.onAir)
        if dangers.isEmpty { return }
        throw .endangers(dangers.map(\.en), dangers.map(\.zh), session: session.id)
    }
}
