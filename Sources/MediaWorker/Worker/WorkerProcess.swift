import FoundationEssentials
import Glibc
import LinuxSystem
import Logging
import Synchronization
import WorkerProtocol

/// One worker's life as a process: it takes its lock, opens its socket, does its job and ends when told to.
final class WorkerProcess: Sendable {
    /// sysexits(3), as far as the daemon tells them apart.
    enum Exit {
        static let done: Int32 = 0
        /// A fault that a new process may cure.
        static let failed: Int32 = 1
        /// What it was given to do cannot be done.
        static let unusable: Int32 = 65
        /// Another process does this work.
        static let occupied: Int32 = 75
    }

    static let version = "0.1.0"

    private struct State {
        /// Of what it runs now.
        var digest: String
        var isStopping = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let identity: WorkerIdentity
    private let paths: RunPaths
    private let logger: Logger
    private let job: any MediaJob
    private let state: Mutex<State>

    init(identity: WorkerIdentity, paths: RunPaths, logger: Logger) throws {
        self.identity = identity
        self.paths = paths
        self.logger = logger
        state = Mutex(State(digest: identity.digest))
        let lastWords = paths.lastWords(identity.id)
        let context = JobContext(identity: identity, logger: logger, ownsProcess: true) { sentence in
            WorkerProcess.die(sentence, lastWords: lastWords, logger: logger, status: Exit.failed)
        }
        job = try makeJob(context)
    }

    /// - Returns: the process's exit status.
    func run() async -> Int32 {
        let listener: UnixListener
        do {
            listener = try UnixListener.bind(
                path: paths.socket(identity.id), temporarySuffix: ".\(identity.instance.prefix(8))"
            ) { descriptor, peer in
                guard peer.uid == getuid() || peer.uid == 0 else {
                    close(descriptor)
                    return
                }
                let connection = LineConnection(descriptor: descriptor)
                Task { await self.serve(connection) }
            }
        } catch {
            return leave("\(error)", Exit.failed)
        }
        defer { listener.close() }
        do {
            try await job.start()
        } catch {
            return leave("\(error)", Exit.unusable)
        }
        await stopAsked()
        await job.stop()
        return Exit.done
    }

    /// From the socket or from a signal; more than once does no harm.
    func stop() {
        let waiters = state.withLock { state in
            state.isStopping = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// From a signal: whoever only asked would have waited longer.
    func terminate() {
        job.hurry()
        stop()
    }

    private func stopAsked() async {
        await withCheckedContinuation { continuation in
            let isStopping = state.withLock { state in
                if !state.isStopping { state.waiters.append(continuation) }
                return state.isStopping
            }
            if isStopping { continuation.resume() }
        }
    }

    private func leave(_ sentence: String, _ status: Int32) -> Int32 {
        logger.error("\(sentence)")
        try? Files.writeAtomically(paths.lastWords(identity.id), Array(sentence.utf8))
        return status
    }

    private static func die(_ sentence: String, lastWords: String, logger: Logger, status: Int32) {
        logger.critical("\(sentence)")
        try? Files.writeAtomically(lastWords, Array(sentence.utf8))
        // What is left of the pipelines may hang: nothing of it is waited for.
        _exit(status)
    }
}

// MARK: - The socket

extension WorkerProcess {
    private func serve(_ connection: LineConnection) async {
        do {
            for try await line in connection.lines {
                let response = await answer(line)
                try connection.send(Array(try JSONEncoder().encode(response)))
            }
        } catch {
            logger.debug("a connection ended", metadata: ["error": "\(error)"])
        }
        connection.close()
    }

    private func answer(_ line: [UInt8]) async -> WorkerResponse {
        guard let request = try? JSONDecoder().decode(WorkerRequest.self, from: Data(line)) else {
            let serial = (try? JSONDecoder().decode(Serial.self, from: Data(line)))?.serial ?? 0
            let refusal = Refusal(
                code: "bad-request", message: "This worker (\(Self.version)) does not understand the request.")
            return WorkerResponse(serial: serial, body: .refused(refusal))
        }
        return WorkerResponse(serial: request.serial, body: await perform(request.body))
    }

    private struct Serial: Decodable {
        var serial: Int
    }

    private func perform(_ request: WorkerRequest.Body) async -> WorkerResponse.Body {
        switch request {
        case .hello:
            return .hello(
                WorkerHello(
                    id: identity.id, instance: identity.instance, digest: state.withLock { $0.digest },
                    version: Self.version,
                    state: reportedState(job.report())))
        case .status:
            let report = job.report()
            return .status(
                WorkerReport(
                    state: reportedState(report), progress: report.progress, lastErrors: report.lastErrors,
                    detail: report.detail))
        case .stop:
            stop()
            return .done
        case .adjust(_, let digest), .readFeed(_, let digest):
            let answer = await job.perform(request)
            if answer == .done { state.withLock { $0.digest = digest } }
            return answer
        case .take, .mute, .requestKeyframe, .countdown:
            return await job.perform(request)
        }
    }

    private func reportedState(_ report: JobReport) -> WorkerReport.State {
        if state.withLock({ $0.isStopping }) { return .stopping }
        return report.isReady ? .ready : .starting
    }
}
