import ArgumentParser
import Foundation
import VenuecastConfiguration
import VenuecastModel

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The daemon's configuration.", subcommands: [Check.self])

    struct Check: Action {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Finds everything that is wrong with a configuration file.",
            discussion: "Needs no daemon.")

        @Argument(help: "The configuration file.")
        var file: String

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let worker = Self.worker()
            let loader = ConfigurationLoader(pipelineChecker: worker.map { .worker(executable: $0) })
            let (configuration, problems) = await loader.check(path: file)
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
}
