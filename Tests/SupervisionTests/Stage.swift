import Foundation
import Glibc
import LinuxSystem
import Logging
import Supervision
import WorkerProtocol

/// A run directory of its own and the fake worker; everything that was started in it is killed at the end.
struct Stage {
    let paths: RunPaths
    static let executable = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/fake-worker.py").path

    static func run(_ body: (Stage) async throws -> Void) async throws {
        var template = Array("/tmp/vcsXXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError(code: errno, operation: "make a directory") }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let stage = Stage(paths: RunPaths(directory: directory))
        defer {
            stage.killAll()
            try? FileManager.default.removeItem(atPath: directory)
        }
        try await body(stage)
    }

    /// Short deadlines, so that an illness is met soon; still long against a busy machine's hiccups.
    static var timing: SupervisionTiming {
        var timing = SupervisionTiming()
        timing.poll = .milliseconds(200)
        timing.silence = .seconds(2)
        timing.stuck = .seconds(2)
        timing.hunger = .seconds(1)
        timing.cpuSampling = .seconds(1)
        return timing
    }

    func reconciler(_ timing: SupervisionTiming = Stage.timing, executable: String = Stage.executable) -> Reconciler {
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        return Reconciler(
            paths: paths, workerExecutable: executable, environment: ["PATH": "/usr/bin:/bin"], timing: timing,
            logger: logger)
    }

    /// - Parameter latencyMs: another one is another specification.
    func worker(_ id: String = "link/a", latencyMs: Int = 200, digest: String? = nil) -> DesiredWorker {
        DesiredWorker(
            specification: WorkerSpecification(
                id: id, pipelineFile: "/nowhere",
                role: .link(
                    LinkRole(
                        url: "srt://127.0.0.1:1", latencyMs: latencyMs, maximumKbps: 1000, liveFeed: paths.feed("live"),
                        programSocket: paths.socket("program")))),
            digest: digest ?? "digest of \(latencyMs)")
    }

    /// What the fake worker `id` does from now on, and its successors too.
    func tell(_ words: String, id: String = "link/a") throws {
        try Files.writeAtomically(
            "\(paths.directory)/control.\(id.replacingOccurrences(of: "/", with: "."))", Array(words.utf8))
    }

    /// Whoever has our directory in its command line, wherever it came from.
    private func killAll() {
        for name in (try? Files.list("/proc")) ?? [] {
            guard let pid = pid_t(name), let line = try? Files.read("/proc/\(pid)/cmdline", limit: 65_536) else {
                continue
            }
            if String(decoding: line, as: UTF8.self).contains(paths.directory + "/") { kill(pid, SIGKILL) }
        }
    }
}

struct Timeout: Error, CustomStringConvertible {
    let description: String
}

/// Waits until `fact` yields something; looks every 20 ms.
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(30), isolation: isolated (any Actor)? = #isolation,
    _ fact: () async throws -> Value?
) async throws -> Value {
    let deadline = MonotonicInstant.now.advanced(by: limit)
    while MonotonicInstant.now < deadline {
        if let value = try await fact() { return value }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw Timeout(description: "did not come true within \(limit): \(what)")
}

extension Reconciler {
    /// The pid of a worker once it runs, other than `old`.
    nonisolated func running(_ id: String = "link/a", not old: pid_t? = nil) async throws -> pid_t {
        try await eventually("\(id) runs") {
            guard let snapshot = snapshot(id), snapshot.phase == .running, let pid = snapshot.pid, pid != old else {
                return nil
            }
            return pid
        }
    }
}
