import Dispatch
import Foundation
import LinuxSystem
import Sessions
import VenuecastConfiguration
import VenuecastModel

/// Which recordings may go, and nothing else ever does: somebody has received all of it, longer ago than the configured
/// days. Pure.
struct Retention: Sendable, Equatable {
    /// Since the newest receipt.
    var days: Int

    /// - Parameter active: the session that runs.
    func expired(_ recordings: [RecordingDetail], active: String?, now: Date) -> [String] {
        recordings.filter { $0.summary.session != active && isExpired($0, now) }.map(\.summary.session)
    }

    private func isExpired(_ recording: RecordingDetail, _ now: Date) -> Bool {
        guard recording.summary.handover == .received, recording.summary.state != .recording,
            let received = recording.deliveries.flatMap(\.received).compactMap({ VenuecastJSON.parse($0.at) }).max(),
            let newest = recording.segments.compactMap({ VenuecastJSON.parse($0.firstTime) }).max()
        else { return false }
        // What was recorded after the receipt is in nobody's hands.
        return received > newest && now.timeIntervalSince(received) > Double(days) * 86_400
    }
}

extension Coordinator {
    private static let retentionInterval = Duration.seconds(3600)
    private static let removalQueue = DispatchQueue(label: "venuecast.retention", qos: .background)

    /// Removes what may go, now and each hour, until it is cancelled.
    func keepRetention() async {
        while !Task.isCancelled {
            if let recording = configuration.recording, let days = recording.retentionDays {
                await removeExpired(Retention(days: days), recording)
            }
            try? await Task.sleep(for: Self.retentionInterval)
        }
    }

    private func removeExpired(_ retention: Retention, _ recording: Configuration.Recording) async {
        // A disk that does not answer now is asked again in an hour.
        guard let recordings = try? await recordings() else { return }
        for session in retention.expired(recordings, active: sessionLog.active?.id, now: Date()) {
            let target = RecordingTarget(session: session, recording, stateDirectory: statePath)
            let directories = [target.directory] + (target.copyDirectory.map { [$0] } ?? [])
            let failures = await Self.removalQueue.perform {
                directories.compactMap { RecordingRemoval(session: session, directory: $0).remove() }
            }
            let outcome = failures.isEmpty ? "" : failures.joined(separator: "; ")
            logger.notice(
                "a recording that was received has been removed",
                metadata: ["session": "\(session)", "days": "\(retention.days)", "failures": "\(outcome)"])
            record(
                EventDraft(
                    EventKind.recordingRemoved, "recording/\(session)",
                    details: ["days": "\(retention.days)", "failures": outcome].filter { !$0.value.isEmpty }))
        }
    }
}

/// A session's directory on its way out: first out of sight in one step, so that nobody finds half of it.
struct RecordingRemoval {
    let session: String
    let directory: String

    /// - Returns: a sentence when it could not be done.
    func remove() -> String? {
        let manager = FileManager.default
        let path = "\(directory)/\(session)"
        let hidden = "\(directory)/.removed-\(session)"
        do {
            // An earlier daemon may have been killed in the middle of it.
            if manager.fileExists(atPath: hidden) { try manager.removeItem(atPath: hidden) }
            guard manager.fileExists(atPath: path) else { return nil }
            try manager.moveItem(atPath: path, toPath: hidden)
            try manager.removeItem(atPath: hidden)
            return nil
        } catch {
            return "\(path): \(error.localizedDescription)"
        }
    }
}
