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
    /// A wall clock that moved by more than this between two looks was set, and not led.
    private static let step = 60.0

    /// - Parameter active: the session that runs.
    func expired(_ recordings: [RecordingDetail], active: String?, now: Date) -> [String] {
        recordings.filter { $0.summary.session != active && isExpired($0, now) }.map(\.summary.session)
    }

    private func isExpired(_ recording: RecordingDetail, _ now: Date) -> Bool {
        let ends = recording.segments.map(\.endTime)
        guard recording.summary.state != .recording, let end = ends.compactMap({ $0 }).max(), !ends.contains(nil) else {
            return false
        }
        // What was recorded after a delivery was made is in nobody's hands, whenever that was received; and of one that
        // nobody here made, nobody here knows what is in it.
        let whole = recording.deliveries.filter { $0.at.flatMap(VenuecastJSON.parse).map { $0 > end } ?? false }
        guard let received = whole.flatMap(\.received).compactMap({ VenuecastJSON.parse($0.at) }).max() else {
            return false
        }
        return now.timeIntervalSince(received) > Double(days) * 86_400
    }

    /// A clock that is wrong makes everything old.
    /// - Parameters:
    ///   - before: at the last look.
    ///   - recordings: all there are.
    /// - Returns: why the wall clock is not believed, a sentence; nil: it is.
    static func doubt(
        of clock: ClockReading, isSynchronised: Bool, before: ClockReading?, _ recordings: [RecordingDetail]
    ) -> String? {
        if !isSynchronised { return "The clock is not known to be synchronised: install chrony, or see timedatectl." }
        if let before {
            let moved = Double((clock.wall - before.wall) - (clock.boot - before.boot)) / 1e9
            if moved.magnitude > step { return "The clock was set by \(Int(moved)) s since the last look." }
        }
        let now = Date(timeIntervalSince1970: Double(clock.wall) / 1e9)
        let known = recordings.flatMap { recording -> [Date] in
            let marks = recording.deliveries.flatMap { [$0.at].compactMap { $0 } + $0.received.map(\.at) }
            return recording.segments.compactMap(\.endTime) + marks.compactMap(VenuecastJSON.parse)
        }
        guard let newest = known.max(), newest > now.addingTimeInterval(step) else { return nil }
        return "The clock says \(VenuecastJSON.format(now)), and something is there of \(VenuecastJSON.format(newest))."
    }
}

extension Coordinator {
    private static let retentionInterval = Duration.seconds(3600)
    private static let removalQueue = DispatchQueue(label: "venuecast.retention", qos: .background)

    /// What is remembered from one look to the next.
    private struct RetentionMemory {
        var clock: ClockReading?
        var doubt: String?
    }

    /// Removes what may go, now and each hour, until it is cancelled.
    func keepRetention() async {
        var memory = RetentionMemory()
        while !Task.isCancelled {
            if let recording = configuration.recording, let days = recording.retentionDays {
                await removeExpired(Retention(days: days), recording, &memory)
            }
            try? await Task.sleep(for: Self.retentionInterval)
        }
    }

    private func removeExpired(
        _ retention: Retention, _ recording: Configuration.Recording, _ memory: inout RetentionMemory
    ) async {
        @Sendable func directories(_ session: String) -> [String] {
            let target = RecordingTarget(session: session, recording, stateDirectory: statePath)
            return [target.directory] + (target.copyDirectory.map { [$0] } ?? [])
        }
        let all = directories("")
        for failure in await Self.removalQueue.perform({ all.flatMap(RecordingRemoval.sweep) }) {
            logger.warning("the rest of a removed recording is still there", metadata: ["error": "\(failure)"])
        }
        // A disk that does not answer now is asked again in an hour.
        guard let recordings = try? await recordings() else { return }
        let isSynchronised = await Self.removalQueue.perform { ClockKeeping.look().isSynchronised }
        let clock = ClockReading.now()
        let doubt = Retention.doubt(of: clock, isSynchronised: isSynchronised, before: memory.clock, recordings)
        defer { memory = RetentionMemory(clock: clock, doubt: doubt) }
        if let doubt {
            if memory.doubt == nil {
                logger.warning("recordings that were received stay where they are", metadata: ["because": "\(doubt)"])
            }
            return
        }
        let now = Date(timeIntervalSince1970: Double(clock.wall) / 1e9)
        for session in retention.expired(recordings, active: sessionLog.active?.id, now: now) {
            let failures = await Self.removalQueue.perform { [self] () -> [String]? in
                // It may have been taken up again while others were removed.
                if sessionLog.active?.id == session { return nil }
                return directories(session).compactMap { RecordingRemoval(session: session, directory: $0).remove() }
            }
            guard let failures else { continue }
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
    private static let mark = ".removed-"

    let session: String
    let directory: String

    /// What a daemon that was killed in the middle of it has left.
    /// - Returns: a sentence for each that could not be done.
    static func sweep(_ directory: String) -> [String] {
        let left = ((try? Files.list(directory)) ?? []).filter {
            $0.hasPrefix(mark) && RundownReader.isSessionID(String($0.dropFirst(mark.count)))
        }
        return left.compactMap { name in
            do {
                try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
                return nil
            } catch {
                return "\(directory)/\(name): \(error.localizedDescription)"
            }
        }
    }

    /// - Returns: a sentence when it could not be done.
    func remove() -> String? {
        let manager = FileManager.default
        let path = "\(directory)/\(session)"
        let hidden = "\(directory)/\(Self.mark)\(session)"
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
