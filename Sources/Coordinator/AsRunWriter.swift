import Dispatch
import Foundation
import Glibc
import LinuxSystem
import Logging
import Sessions
import Synchronization

/// Keeps the as-run log beside the recording, so that a session can be delivered from its folder alone. It follows the
/// journal, which is what counts: a disk that stalls or is not there holds nobody up, and gets it later.
final class AsRunWriter: Sendable {
    private struct Job: Sendable {
        var asRun: AsRun
        /// Of the session, where they ought to be.
        var directories: [String]
    }

    private static let retry = DispatchTimeInterval.seconds(5)

    private let queue = DispatchQueue(label: "venuecast.asrun")
    private let waiting = Mutex<[String: Job]>([:])
    /// One is enough, whoever could not write.
    private let isRetryDue = Mutex(false)
    private let complained = Mutex<Set<String>>([])
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    /// Returns at once; of several before the disk has got round to it the last one counts.
    func write(_ log: SessionLog, session: String, activity: String, to target: RecordingTarget) {
        guard let asRun = AsRun(log, session: session, activity: activity) else { return }
        let directories = [target.directory, target.copyDirectory].compactMap { $0 }.map { "\($0)/\(session)" }
        waiting.withLock { $0[session] = Job(asRun: asRun, directories: directories) }
        queue.async { self.work() }
    }

    private func work() {
        let jobs = waiting.withLock { waiting in
            defer { waiting = [:] }
            return waiting
        }
        for (session, job) in jobs {
            var failed: [String] = []
            for directory in job.directories {
                do {
                    try put(job.asRun, into: directory)
                    _ = complained.withLock { $0.remove(directory) }
                } catch {
                    failed.append(directory)
                    if complained.withLock({ $0.insert(directory).inserted }) {
                        logger.warning("the as-run log cannot be written now", metadata: ["error": "\(error)"])
                    }
                }
            }
            if failed.isEmpty { continue }
            // Unless there is a newer one.
            waiting.withLock { waiting in
                if waiting[session] == nil { waiting[session] = Job(asRun: job.asRun, directories: failed) }
            }
            retryLater()
        }
    }

    private func retryLater() {
        let isFirst = isRetryDue.withLock { isDue in
            defer { isDue = true }
            return !isDue
        }
        guard isFirst else { return }
        queue.asyncAfter(deadline: .now() + Self.retry) {
            self.isRetryDue.withLock { $0 = false }
            self.work()
        }
    }

    private func put(_ asRun: AsRun, into directory: String) throws {
        let root = Files.directory(of: directory)
        guard Files.exists(root) else { throw SystemError(code: ENOENT, operation: "write to", path: root) }
        if mkdir(directory, 0o750) != 0, errno != EEXIST {
            throw SystemError(code: errno, operation: "make the directory", path: directory)
        }
        for (name, bytes) in [(AsRun.fileName, try asRun.json()), (AsRun.csvName, asRun.csv())] {
            let path = "\(directory)/\(name)"
            if let there = try? Files.read(path, limit: 64 << 20), there == bytes { continue }
            try Files.writeAtomically(path, bytes, mode: 0o640)
        }
    }
}
