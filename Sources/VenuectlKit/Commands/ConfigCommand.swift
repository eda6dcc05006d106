import ArgumentParser
import Foundation
import VenuecastConfiguration
import VenuecastModel

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The daemon's configuration.", subcommands: [Check.self, Reload.self])

    struct Check: Action {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Finds everything that is wrong with a configuration file.",
            discussion:
                "Needs no daemon, except with --against-running: the daemon then reads the file and says what a "
                + "reload would change.")

        @Argument(help: "The configuration file.")
        var file: String

        @Flag(help: "Have the running daemon say what a reload of this file would change.")
        var againstRunning = false

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            if againstRunning {
                let absolute = URL(fileURLWithPath: file).standardizedFileURL.path
                return try await context.reload(ReloadRequest(dryRun: true, file: absolute))
            }
            let worker = Self.worker()
            let loader = ConfigurationLoader(pipelineChecker: worker.map { .worker(executable: $0) })
            let (configuration, problems, _) = await loader.check(path: file)
            let words = context.words
            if context.json {
                let report = Report(
                    file: file, valid: configuration != nil, pipelinesParsed: worker != nil, problems: problems)
                context.console.write(String(decoding: try VenuecastJSON.encode(report), as: UTF8.self) + "\n")
            } else {
                for problem in problems { context.console.complain("\(problem)\n") }
                if worker == nil {
                    context.console.complain(
                        words.pick(
                            "warning: whether the pipeline files parse was not checked: venuecast-worker is not beside "
                                + "venuectl; install both in one directory.\n",
                            "警告：未检查流水线文件能否解析：venuecast-worker 不在 venuectl 所在目录；请将两者装在同一目录。\n"))
                }
                if let configuration {
                    context.console.print([
                        Line([
                            Line.Span("✓", .green),
                            Line.Span(
                                words.pick(
                                    " \(file): \(configuration.inputs.count) inputs, \(configuration.venues.count) venues",
                                    " \(file)：信号源 \(configuration.inputs.count) 个，分会场 \(configuration.venues.count) 个")),
                        ])
                    ])
                }
            }
            if configuration == nil { throw AlreadyTold() }
        }

        /// The worker's program, beside our own; nil when it is not there.
        private static func worker() -> String? {
            guard let own = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return nil }
            let path = own.deletingLastPathComponent().appending(path: "venuecast-worker").path
            return FileManager.default.isExecutableFile(atPath: path) ? path : nil
        }

        private struct Report: Encodable {
            let file: String
            let valid: Bool
            /// Whether the worker was asked if the pipeline files parse.
            let pipelinesParsed: Bool
            let problems: [Problem]
        }
    }

    struct Reload: Action {
        static let configuration = CommandConfiguration(
            commandName: "reload",
            abstract: "Has the daemon read its configuration again; only what differs restarts.",
            discussion: "A file with an error changes nothing.")

        @Flag(help: "Also where a session suffers.")
        var yes = false

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            try await context.reload(ReloadRequest(yes: yes ? true : nil))
        }
    }
}

extension Context {
    /// Every pipeline file is parsed anew, which takes longer than a question.
    private static let patience = Duration.seconds(30)

    fileprivate func reload(_ request: ReloadRequest) async throws {
        let answer = try await asker.waiting(Self.patience).post("/v1/reload", body: request, as: ReloadReport.self)
        let report = answer.value
        let warnings = words.language == .zh ? report.warningsZh ?? report.warnings : report.warnings
        for warning in warnings where !json { console.complain("\(warning)\n") }
        show(answer.data, else: lines(report))
    }

    private func lines(_ report: ReloadReport) -> [Line] {
        if report.changes.isEmpty {
            let text = words.pick(" \(report.file): nothing differs", " \(report.file)：没有差异")
            return [Line([Line.Span("✓", .green), Line.Span(text)])]
        }
        let head =
            report.dryRun
            ? words.pick("a reload of \(report.file) would change:", "重新加载 \(report.file) 将会改变：")
            : words.pick("reloaded \(report.file):", "已重新加载 \(report.file)：")
        return [Line([Line.Span(head)])]
            + report.changes.flatMap { change in
                [Line([Line.Span("  " + change.worker, .bold), Line.Span("  " + words.change(change.change))])]
                    + change.because.map { Line([Line.Span("    " + $0, .dim)]) }
            }
    }
}
