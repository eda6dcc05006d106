import Alarms
import Dispatch
import Foundation
import LinuxSystem
import Logging
import Synchronization
import VenuecastModel

/// The file that alarms outlive the daemon in. Written on a queue of its own; a disk that stands still holds nobody up.
final class AlarmStore: Sendable {
    private let path: String
    private let logger: Logger
    private let queue = DispatchQueue(label: "venuecast.alarms")
    /// The newest state is what counts: one that waits for the disk is replaced by the next.
    private let state = Mutex(State())
    private struct State {
        var waiting: AlarmLedger.Saved?
        /// Why the last writing failed.
        var failure: String?
    }
    /// For an acknowledgement.
    private static let deadline = Duration.seconds(3)

    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    /// Nothing where there is none, or one that cannot be read: the day must go on.
    func load() -> AlarmLedger.Saved? {
        guard Files.exists(path) else { return nil }
        do {
            return try VenuecastJSON.decode(AlarmLedger.Saved.self, from: Data(try Files.read(path, limit: 16 << 20)))
        } catch {
            logger.error(
                "the alarms of before cannot be read; set aside", metadata: ["path": "\(path)", "cause": "\(error)"])
            rename(path, path + ".unreadable")
            return nil
        }
    }

    /// - Returns: nil when it is on the disk in time, else why it is not.
    func saveInTime(_ saved: AlarmLedger.Saved) async -> String? {
        state.withLock { $0.waiting = saved }
        let outcome = await answer(within: Self.deadline) { [self] in
            await queue.perform { self.writeNewest() }
        }
        guard let outcome else { return "the disk of \(path) has not answered within \(Self.deadline.inSeconds) s" }
        return outcome
    }

    /// When the disk gets round to it.
    func save(_ saved: AlarmLedger.Saved) {
        let isFirst = state.withLock { state in
            defer { state.waiting = saved }
            return state.waiting == nil
        }
        if isFirst { queue.async { _ = self.writeNewest() } }
    }

    /// - Returns: why what was handed over last is not on the disk; nil: it is.
    private func writeNewest() -> String? {
        let newest = state.withLock { state in
            defer { state.waiting = nil }
            return state.waiting
        }
        guard let newest else { return state.withLock { $0.failure } }
        let failure = write(newest)
        state.withLock { $0.failure = failure }
        return failure
    }

    private func write(_ saved: AlarmLedger.Saved) -> String? {
        do {
            try Files.writeAtomically(path, Array(try VenuecastJSON.encode(saved, pretty: true)), mode: 0o600)
            return nil
        } catch {
            return "\(error)"
        }
    }
}
