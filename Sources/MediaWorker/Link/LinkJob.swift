import LinuxSystem
import Logging
import WorkerProtocol

/// One venue's link: reads the encoded programme and sends it over SRT. It stays connected while the programme worker
/// restarts, and what the receiver gets stays one stream.
final class LinkJob: MediaJob {
    private let media: LinkSource
    private let stream: LinkStream
    private let sender: LinkSender
    private let board = LinkBoard()
    private let logger: Logger
    private let ownsProcess: Bool

    /// - Throws: a sentence, when address, passphrase or pipeline file are such that the link can never work.
    init(context: JobContext, specification: WorkerSpecification, role: LinkRole) throws {
        logger = context.logger
        ownsProcess = context.ownsProcess
        let address = try LinkAddress(role.url)
        let media = try LinkSource(role.feed)
        self.media = media
        // An address that has a pace of its own leaves it to SRT.
        let pace = address.value(of: "maxbw") == nil ? role.maximumKbps : 0
        stream = LinkStream(maximumKbps: pace, onKeyNeeded: media.requestKeyframe)
        sender = try LinkSender(
            file: PipelineFile(path: specification.pipelineFile), values: specification.placeholders, role: role,
            address: address, passphrase: try role.passphraseFile.map(Passphrase.read), stream: stream, board: board,
            logger: context.logger)
    }

    func start() async throws {
        if ownsProcess, !RealTimeScheduling.adoptForProcess() {
            logger.info("no real-time scheduling is permitted: on a busy machine packets leave some milliseconds later")
        }
        media.start(stream)
        Task { [sender] in await sender.run() }
    }

    func report() -> JobReport {
        let entry = board.read()
        let counters = stream.counters()
        var report = entry.report
        report.queueingP99Ms = counters.queueingP99Ms
        report.delays = counters.delays
        report.feed = media.feed.liveFeed
        if report.connection == .connected, counters.isStarved {
            report.connection = .starved
            report.reasons.append(.linkStarved)
        }
        return JobReport(
            isReady: entry.isReady, progress: .init(input: counters.received, output: counters.sent),
            lastErrors: entry.errors, detail: .link(report))
    }

    func perform(_ request: WorkerRequest.Body) async -> WorkerResponse.Body {
        guard case .readFeed(let feed, _) = request else {
            return .refused(Refusal(code: "not-supported", message: "A link takes no such command."))
        }
        do {
            try media.read(feed, into: stream)
            return .done
        } catch {
            return .refused(Refusal(code: "bad-request", message: "\(error)"))
        }
    }

    func stop() async {
        media.stop()
        await sender.stop()
    }
}
