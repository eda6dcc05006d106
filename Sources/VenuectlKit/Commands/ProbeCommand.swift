import ArgumentParser
import Dispatch
import Foundation
import LinuxSystem
import VenuecastModel
import WorkerProtocol

/// Looks at a stream where it arrives.
struct ProbeCommand: Action {
    static let configuration = CommandConfiguration(
        commandName: "probe", abstract: "Shows what arrives of a stream: how late, how well. Needs no daemon.",
        discussion: """
            How late a picture is follows from the time that it carries and this machine's clock; while that is not \
            synchronised, nothing is said of it. With --report the main venue's daemon is told (--socket: its control.sock, also \
            one that ssh -L brings here).
            Exit codes: 0 everything is as it should be, 1 nothing came, or something is wrong with it.
            """)

    @Argument(help: "srt://HOST:PORT, srt://:PORT?mode=listener, udp://ADDRESS:PORT, or a file.")
    var url: String

    @Option(help: "So long it looks, from the first packet on: 1 to 86400.")
    var seconds = 10.0

    @Option(help: "So many seconds it waits for the first packet: 1 to 3600.")
    var wait = 10.0

    @Option(help: "SRT's latency here, in milliseconds; the larger one of both sides counts.")
    var latencyMs = 200

    @Option(help: "A file that holds SRT's passphrase.")
    var passphraseFile: String?

    @Option(help: "The id of the venue to report as: the daemon then shows the delay as measured.")
    var report: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (1...86_400).contains(seconds), (1...3600).contains(wait), (0...60_000).contains(latencyMs) else {
            throw ValidationError("--seconds is 1 to 86400, --wait 1 to 3600, --latency-ms 0 to 60000.")
        }
    }

    func run(_ context: Context) async throws {
        let words = context.words
        let keeping = await DispatchQueue(label: "clock").perform { ClockKeeping.look() }
        let clock = ClockStatus(
            source: keeping.keeper.rawValue, synchronised: keeping.isSynchronised, uncertaintyMs: keeping.uncertaintyMs)
        let reporter = report.map { ProbeReporter(venue: $0, clock: clock, asker: context.asker) }
        let display = ProbeDisplay(
            words: words, clock: Clock(zone: .current), judgement: ProbeJudgement(url: url, clock: clock))
        var last: ProbeReport?
        for try await report in try ProbeProcess.run(try request()) {
            last = report
            if report.end == nil, !report.isComplete, !context.json { context.console.print([display.line(report)]) }
            try await reporter?.tell(report)
        }
        guard let last else {
            throw ControlError(
                status: 500, code: "no-worker", title: "No answer",
                detail: "venuecast-worker has ended without a word.", nextStep: "Look into the journal, and try again.",
                detailZh: "venuecast-worker 没有给出结果就退出了。", nextStepZh: "请查看系统日志后重试。")
        }
        let result = display.judgement.result(last)
        if context.json {
            context.console.write(String(decoding: try VenuecastJSON.encode(result), as: UTF8.self) + "\n")
        } else {
            context.console.print(display.summary(last, width: context.width))
            if let end = last.end { context.console.complain("venuectl: \(words.pick(end.text, end.textZh))\n") }
        }
        if !result.ok { throw AlreadyTold() }
    }

    private func request() throws -> ProbeRequest {
        let isAddress = url.contains("://")
        return ProbeRequest(
            address: isAddress ? url : URL(fileURLWithPath: url).standardizedFileURL.path,
            passphraseFile: passphraseFile.map { URL(fileURLWithPath: $0).standardizedFileURL.path },
            latencyMs: latencyMs, seconds: isAddress || seconds != 10 ? seconds : 86_400, patienceSeconds: wait,
            pipelines: try ProbeProcess.pipelines())
    }
}

/// Tells the daemon what a venue gets.
private actor ProbeReporter {
    /// Of a worker's short window.
    private static let interval = 5.0

    private let venue: String
    private let clock: ClockStatus
    private let asker: Asker
    private let bootID = currentBootID()
    private var toldAt = 0.0

    init(venue: String, clock: ClockStatus, asker: Asker) {
        self.venue = venue
        self.clock = clock
        self.asker = asker
    }

    func tell(_ report: ProbeReport) async throws {
        guard let delay = report.delay, report.seconds - toldAt >= Self.interval else { return }
        toldAt = report.seconds
        let body = ReceiverReport(
            p50Ms: delay.p50Ms, p95Ms: delay.p95Ms, p99Ms: delay.p99Ms, frames: delay.frames,
            seconds: Self.interval, clock: clock, bootID: bootID)
        _ = try await asker.post(Asker.venuePath(venue) + "/report", body: body, as: LatencyStatus.self)
    }
}
