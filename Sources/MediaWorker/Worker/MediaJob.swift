import Logging
import WorkerProtocol

/// What a worker does for its living: one kind of pipeline, its counters, its commands.
protocol MediaJob: AnyObject, Sendable {
    /// Builds the pipeline and sets it going. Throws a sentence when it never can (a pipeline file that does not
    /// parse); a source or a peer that is absent is not that: it is reported and tried again.
    func start() async throws
    /// From counters; never waits for a pipeline.
    func report() -> JobReport
    /// Commands of this kind of worker; `hello`, `status` and `stop` never come here.
    func perform(_ request: WorkerRequest.Body) async -> WorkerResponse.Body
    /// Ends the media cleanly. The process is killed if this takes longer than the stop ladder allows.
    func stop() async
    /// Somebody waits for the end: what can wait for another time is left.
    func hurry()
}

extension MediaJob {
    func hurry() {}

    func perform(_ request: WorkerRequest.Body) async -> WorkerResponse.Body {
        .refused(Refusal(code: "not-supported", message: "This kind of worker takes no such command."))
    }
}

struct JobReport: Sendable {
    /// True from the moment the worker does what it is for; stays true.
    var isReady: Bool
    var progress: WorkerReport.Progress
    /// Newest last, at most eight.
    var lastErrors: [String] = []
    var detail: WorkerReport.Detail
}

/// What a job is given to live with.
struct JobContext: Sendable {
    var identity: WorkerIdentity
    var logger: Logger
    /// Ends the process after writing its last words: for a fault that only a new process cures.
    var fail: @Sendable (String) -> Void
    /// The process is this job's alone: its scheduling is the job's to decide.
    var ownsProcess: Bool

    init(
        identity: WorkerIdentity, logger: Logger, ownsProcess: Bool = false,
        fail: @escaping @Sendable (String) -> Void
    ) {
        self.identity = identity
        self.logger = logger
        self.ownsProcess = ownsProcess
        self.fail = fail
    }
}
