import Supervision
import VenuecastConfiguration
import VenuecastModel

/// What happens here, as the record has it.
extension EventDraft {
    init(_ event: WorkerEvent) {
        switch event {
        case .ready(let id, let isTakenBack):
            self.init(isTakenBack ? EventKind.workerTakenBack : EventKind.workerReady, "worker/\(id)")
        case .ended(let id, let cause):
            self.init(EventKind.workerEnded, "worker/\(id)", details: ["cause": cause])
        case .stopped(let id, let cause):
            self.init(EventKind.workerStopped, "worker/\(id)", details: ["cause": cause])
        }
    }

    init(_ report: ReloadReport) {
        let changes = report.changes.map { change in
            let because = change.because.isEmpty ? "" : " (\(change.because.joined(separator: "; ")))"
            return "\(change.worker) \(change.change.rawValue)\(because)"
        }
        self.init(
            EventKind.reloaded, "daemon",
            details: ["file": report.file, "count": "\(changes.count)", "changes": changes.joined(separator: ", ")])
    }

    init(refusedReload file: String, _ problems: [Problem]) {
        let errors = problems.filter { $0.severity == .error }
        self.init(
            EventKind.reloadRefused, "daemon",
            details: ["file": file, "count": "\(errors.count)", "cause": errors.first?.description ?? ""])
    }
}
