import Dispatch
import GStreamer
import LinuxSystem
import Logging
import Synchronization
import WorkerProtocol

/// The confidence monitor: reads the programme as links do, and looks at it as a venue would. Nobody waits for it.
final class ConfidenceJob: MediaJob {
    private let reader: FeedReader
    private let examination: StreamExamination
    private let tap: Tap
    /// For what may block.
    private let queue = DispatchQueue(label: "confidence")

    init(context: JobContext, specification: WorkerSpecification, role: ConfidenceRole) throws {
        reader = FeedReader(path: role.liveFeed)
        let errors = RecentErrors()
        examination = try StreamExamination(
            file: PipelineFile(path: specification.pipelineFile), values: specification.placeholders,
            limits: role.limits, thumbnails: Thumbnailer(path: role.thumbnail)
        ) { [logger = context.logger, fail = context.fail] sentence in
            logger.error("\(sentence)")
            errors.add(sentence)
            // A decoder that has given up is not repaired: the next process has a new one.
            fail(sentence)
        }
        tap = Tap(examination, errors)
    }

    func start() async throws {
        try await queue.perform { [examination] in try examination.start() }
        reader.start(tap)
    }

    func report() -> JobReport {
        let now = MonotonicClock.now()
        var report = ConfidenceReport(isConnected: tap.isConnected)
        report.content = examination.report(at: now)
        return JobReport(
            isReady: true, progress: .init(input: examination.bytes, output: examination.decodedCount),
            lastErrors: tap.errors.all, detail: .confidence(report))
    }

    func stop() async {
        reader.stop()
        await queue.perform { [examination] in examination.stop() }
    }
}

/// What the feed brings.
private final class Tap: FeedConsumer {
    let errors: RecentErrors
    private let examination: StreamExamination
    private let connected = Atomic<Bool>(false)

    init(_ examination: StreamExamination, _ errors: RecentErrors) {
        self.examination = examination
        self.errors = errors
    }

    var isConnected: Bool { connected.load(ordering: .relaxed) }

    func feedConnected(caps: String) {
        examination.restart(at: MonotonicClock.now())
        connected.store(true, ordering: .relaxed)
    }

    func feedReceived(_ header: FeedHeader, _ buffer: Buffer) {
        // Left out for us alone, because we were slow: no fault of the stream.
        if header.flags.contains(.discontinuity) { examination.skip() }
        buffer.withBytes { examination.take($0, at: MonotonicClock.now()) }
    }

    func feedDisconnected() {
        connected.store(false, ordering: .relaxed)
    }
}

/// Newest last.
private final class RecentErrors: Sendable {
    private let errors = Mutex<[String]>([])

    var all: [String] { errors.withLock { $0 } }

    func add(_ sentence: String) {
        errors.withLock { $0 = ($0 + [sentence]).suffix(8) }
    }
}
