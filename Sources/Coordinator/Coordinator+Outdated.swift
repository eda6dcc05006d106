import Supervision
import WorkerProtocol

/// Workers of another version of the program go on, and are replaced one at a time when nobody would notice.
extension Coordinator {
    private static let interval = Duration.seconds(5)

    func replaceOutdatedWhenIdle() async {
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
            guard let id = idleOutdatedWorker(reconciler.snapshot()) else { continue }
            logger.notice("an outdated worker is idle and is replaced", metadata: ["worker": "\(id)"])
            try? await reconciler.restart(id)
        }
    }
}

/// The next outdated worker that nobody needs now; nil while another one is still on its way.
func idleOutdatedWorker(_ workers: [WorkerSnapshot]) -> String? {
    guard !workers.contains(where: { $0.phase == .starting || $0.phase == .stopping }) else { return nil }
    let onAir = workers.lazy.compactMap { worker -> String? in
        guard case .program(let report) = worker.report?.detail else { return nil }
        return report.onAir
    }.first
    let isAnybodyWatching = workers.contains { worker in
        guard case .link(let report) = worker.report?.detail else { return false }
        return report.connection == .connected || report.connection == .starved
    }
    // It reads the programme, and may read inputs: a new one would leave a gap.
    let isRecording = workers.contains { worker in
        guard case .recorder(let report) = worker.report?.detail else { return false }
        return report.state != .idle
    }
    return workers.first { worker in
        guard worker.isOutdated, worker.phase == .running || worker.phase == .starved else { return false }
        switch worker.report?.detail {
        case .link(let report): return report.connection == .waiting || report.connection == .retrying
        case .program: return !isAnybodyWatching && !isRecording
        // One that is off the air may be the next one that is needed: only while another is on it.
        case .input:
            return !isRecording
                && onAir.map { !$0.hasPrefix("slate:") && worker.id != WorkerID.input($0) } ?? false
        // In the middle of a session it would leave a gap.
        case .recorder(let report): return report.state == .idle
        case .confidence: return true
        case nil: return false
        }
    }?.id
}
