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
            one that ssh -L brings here); while that is away, the look goes on, and it is told again.
            Exit codes: 0 everything was as it should be all the time, 1 nothing came, something was wrong with it, or the daemon \
            could not be told at all.
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
        let place = Self.place(url)
        var clock = ProbeClock(await Self.lookAtClock(), at: .now)
        var reporter = report.map { venue in
            ProbeReporter(words: words, complain: context.console.complain) { body in
                try await context.asker.post(Asker.venuePath(venue) + "/report", body: body, as: LatencyStatus.self)
                    .value
            }
        }
        var display = ProbeDisplay(
            words: words, clock: Clock(zone: .current), judgement: ProbeJudgement(url: place, clock: clock.current))
        var last: ProbeReport?
        for try await report in try ProbeProcess.run(try request(place)) {
            last = report
            let now = MonotonicInstant.now
            if clock.isDue(report, at: now) { clock.note(await Self.lookAtClock(), report, at: now) }
            display.judgement = ProbeJudgement(url: place, clock: clock.current, bothMs: reporter?.uncertaintyMs)
            if report.end == nil, !report.isComplete, !context.json { context.console.print([display.line(report)]) }
            try await reporter?.tell(report, clock: clock.current)
        }
        guard var last else {
            throw ControlError(
                status: 500, code: "no-worker", title: "No answer",
                detail: "venuecast-worker has ended without a word.", nextStep: "Look into the journal, and try again.",
                detailZh: "venuecast-worker 没有给出结果就退出了。", nextStepZh: "请查看系统日志后重试。")
        }
        if last.end == nil, !last.isComplete { last.end = .workerGone }
        display.judgement = ProbeJudgement(url: place, clock: clock.worst, bothMs: reporter?.uncertaintyMs)
        let result = display.judgement.result(last)
        if context.json {
            context.console.write(String(decoding: try VenuecastJSON.encode(result), as: UTF8.self) + "\n")
        } else {
            context.console.print(display.summary(last, width: context.width))
            if let end = last.end { context.console.complain("venuectl: \(words.pick(end.text, end.textZh))\n") }
        }
        if !result.ok || reporter?.hasFailed == true { throw AlreadyTold() }
    }

    /// On a queue of its own: it reads /proc, and may start a program, which has two seconds.
    private static func lookAtClock() async -> ClockStatus {
        let keeping = await DispatchQueue(label: "clock").perform { ClockKeeping.look() }
        return ClockStatus(
            source: keeping.keeper.rawValue, synchronised: keeping.isSynchronised, uncertaintyMs: keeping.uncertaintyMs)
    }

    /// What was typed; a file's address is its path.
    static func place(_ text: String) -> String {
        guard text.lowercased().hasPrefix("file://") else { return text }
        guard let path = URL(string: text)?.path, !path.isEmpty else { return String(text.dropFirst(7)) }
        return path
    }

    private func request(_ place: String) throws -> ProbeRequest {
        let isAddress = place.contains("://")
        return ProbeRequest(
            address: isAddress ? place : URL(fileURLWithPath: place).standardizedFileURL.path,
            passphraseFile: passphraseFile.map { URL(fileURLWithPath: $0).standardizedFileURL.path },
            latencyMs: latencyMs, seconds: isAddress || seconds != 10 ? seconds : 86_400, patienceSeconds: wait,
            pipelines: try ProbeProcess.pipelines())
    }
}

extension WorkerProtocol.Reason {
    fileprivate static let workerGone = Self(
        code: "no-worker",
        text:
            "venuecast-worker has ended, or was silent for too long, before it was done: look into the journal, and try again.",
        textZh: "venuecast-worker 未完成测量就已退出或长时间没有响应：请查看系统日志后重试。")
}
