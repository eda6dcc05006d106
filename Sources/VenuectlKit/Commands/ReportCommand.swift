import ArgumentParser
import VenuecastModel

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "The departments' reports in the session that runs.",
        subcommands: [Next.self, Start.self, End.self, Undo.self, Amend.self])

    struct Next: Action {
        static let configuration = CommandConfiguration(
            commandName: "next", abstract: "Begins the next report; the one that runs ends.")

        @OptionGroup var press: PressOptions

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws { try await context.press("/v1/reports/next", press) }
    }

    struct Start: Action {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Begins this report, out of order or again.")

        @Argument(help: "The report's number.")
        var number: Int

        @OptionGroup var press: PressOptions

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws { try await context.press("/v1/reports/\(number)/start", press) }
    }

    struct End: Action {
        static let configuration = CommandConfiguration(commandName: "end", abstract: "Ends the report: a break.")

        @OptionGroup var press: PressOptions

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws { try await context.press("/v1/reports/end", press) }
    }

    struct Undo: Action {
        static let configuration = CommandConfiguration(
            commandName: "undo", abstract: "Takes the last press about a report back.",
            discussion: "Things are as if it had not been pressed; that it was is kept.")

        @OptionGroup var press: PressOptions

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws { try await context.press("/v1/reports/undo", press) }
    }

    struct Amend: Action {
        static let configuration = CommandConfiguration(
            commandName: "amend", abstract: "Corrects when a report began and ended, also after the session.")

        @Argument(help: "The report's number.")
        var number: Int

        @Option(name: .customLong("in"), help: "Timecode of its first frame: 14:03:10:05, or 14:03:10.")
        var start: String?

        @Option(help: "Timecode of the first frame after it.")
        var out: String?

        @Option(help: "Default: the session that runs, else the last one.")
        var session: String?

        @Option(help: "Which time it was given: 1, 2 … Default: the last.")
        var attempt: Int?

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let body = ReportAmendment(in: start, out: out, session: session, attempt: attempt)
            let answer = try await context.asker.post(
                "/v1/reports/\(number)/amend", body: body, as: [SessionSummary].self)
            context.show(
                answer.data,
                else: [.done(context.words.pick("report \(number) amended", "已更正第 \(number) 号汇报的时间"))])
        }
    }
}

/// What every press may say.
struct PressOptions: ParsableArguments {
    @Option(help: "The revision you have seen (status --json): refused where another press came since.")
    var seen: Int?
}

struct MarkCommand: Action {
    static let configuration = CommandConfiguration(commandName: "mark", abstract: "Notes a text at this very frame.")

    @Argument(help: "What is to be found again.")
    var text: [String]

    @OptionGroup var global: GlobalOptions

    func run(_ context: Context) async throws {
        let answer = try await context.asker.post(
            "/v1/markers", body: MarkRequest(text: text.joined(separator: " ")), as: SessionStatus.self)
        context.show(answer.data, else: [.done(context.words.pick("noted", "已标记"))])
    }
}

extension Context {
    fileprivate func press(_ path: String, _ options: PressOptions) async throws {
        let answer = try await asker.post(path, body: OrderTerms(seen: options.seen), as: SessionStatus.self)
        show(answer.data, else: [.done(words.session(answer.value))])
    }
}
