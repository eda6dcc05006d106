import Dispatch
import Foundation
import Synchronization
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

/// The worker that looks; it ends with us at the latest, since its standard input does.
enum ProbeProcess {
    /// A worker speaks once a second, but while it waits for the first packet: the process is killed when it has been silent
    /// for so much longer.
    private static let patience = 30.0

    /// - Throws: `ControlError` when the installation is not whole.
    static func pipelines() throws -> String {
        guard let path = PipelineLibrary.shippedDirectory() else {
            throw missing("the pipeline files", "流水线文件")
        }
        return path
    }

    static func run(_ request: ProbeRequest) throws -> AsyncThrowingStream<ProbeReport, any Error> {
        guard let own = Bundle.main.executableURL?.resolvingSymlinksInPath() else {
            throw missing("venuecast-worker", "venuecast-worker")
        }
        let worker = own.deletingLastPathComponent().appending(path: "venuecast-worker")
        guard FileManager.default.isExecutableFile(atPath: worker.path) else {
            throw missing("venuecast-worker", "venuecast-worker")
        }
        let process = Process()
        process.executableURL = worker
        process.arguments = ["--probe", String(decoding: try JSONEncoder().encode(request), as: UTF8.self)]
        // Closed by the kernel where we are killed.
        let lifeline = Pipe()
        process.standardInput = lifeline
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let pid = process.processIdentifier
        let watchdog = Watchdog(pid: pid, seconds: patience + request.patienceSeconds)
        // Each has all that matters of those before it.
        let (stream, continuation) = AsyncThrowingStream<ProbeReport, any Error>.makeStream(
            bufferingPolicy: .bufferingNewest(2))
        continuation.onTermination = { _ in watchdog.bite() }
        watchdog.feed()
        Thread.detachNewThread {
            var rest = Data()
            while true {
                let piece = pipe.fileHandleForReading.availableData
                if piece.isEmpty { break }
                watchdog.feed()
                rest.append(piece)
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = rest[rest.startIndex..<end]
                    if let report = try? JSONDecoder().decode(ProbeReport.self, from: line) {
                        continuation.yield(report)
                    }
                    rest = Data(rest[rest.index(after: end)...])
                }
            }
            watchdog.stop()
            try? lifeline.fileHandleForWriting.close()
            continuation.finish()
        }
        return stream
    }

    private static func missing(_ what: String, _ whatZh: String) -> ControlError {
        ControlError(
            status: 500, code: "installation", title: "The installation is not whole",
            detail: "\(what) cannot be found beside venuectl.", nextStep: "Install all programs in one directory.",
            detailZh: "在 venuectl 旁找不到\(whatZh)。", nextStepZh: "请将所有程序安装在同一目录。")
    }
}

/// Kills a process that has not been heard of for too long.
private final class Watchdog: Sendable {
    private struct State {
        /// How often it has been heard of.
        var count = 0
        var isOver = false
    }

    private let pid: pid_t
    private let seconds: Double
    private let state = Mutex(State())

    init(pid: pid_t, seconds: Double) {
        self.pid = pid
        self.seconds = seconds
    }

    func feed() {
        let count = state.withLock { state in
            state.count += 1
            return state.count
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [self] in
            if state.withLock({ $0.count == count }) { bite() }
        }
    }

    /// The process has ended: its number may be another's.
    func stop() { state.withLock { $0.isOver = true } }

    func bite() {
        state.withLock { state in
            if !state.isOver { kill(pid, SIGKILL) }
        }
    }
}
