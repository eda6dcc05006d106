import ArgumentParser
import Foundation
import VenuecastModel

struct VenueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "venue", abstract: "The district venues and their links.",
        subcommands: [List.self, Show.self, History.self, Start.self, Stop.self, Restart.self])

    struct List: Action {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "All venues.")

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let answer = try await context.asker.get("/v1/venues", as: [VenueStatus].self)
            context.show(
                answer.data,
                else: VenueTable.lines(
                    answer.value, now: Date(), context.words, Clock(zone: .current), width: context.width,
                    ids: true))
        }
    }

    struct Show: Action {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "All that is known of one.")

        @Argument(help: "The venue's id, as venue list has it.")
        var id: String

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let answer = try await context.asker.get(Asker.venuePath(id), as: VenueStatus.self)
            context.show(answer.data, else: context.details().venue(answer.value))
        }
    }

    struct History: Action {
        static let configuration = CommandConfiguration(
            commandName: "history", abstract: "What a venue got over the last hours.",
            discussion: "With --json as it is served for plotting.")

        @Argument(help: "The venue's id, as venue list has it.")
        var id: String

        @Option(help: "So far back: 60 to 86400.")
        var seconds = 3600

        @OptionGroup var global: GlobalOptions

        /// As many lines as fit onto a screen; programs get more.
        func run(_ context: Context) async throws {
            let path = Asker.venuePath(id) + "/history?seconds=\(seconds)&points=\(context.json ? 360 : 24)"
            let answer = try await context.asker.get(path, as: VenueHistory.self)
            context.show(
                answer.data,
                else: HistoryTable.lines(answer.value, context.words, Clock(zone: .current), width: context.width))
        }
    }

    struct Start: VenueChange {
        static let action = VenueAction.start
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Starts links that were stopped by hand.")

        @Argument(help: "Ids, as venue list has them.")
        var ids: [String]

        @OptionGroup var global: GlobalOptions
    }

    struct Stop: VenueChange {
        static let action = VenueAction.stop
        static let configuration = CommandConfiguration(
            commandName: "stop", abstract: "Stops links, until they are started by hand.")

        @Argument(help: "Ids, as venue list has them.")
        var ids: [String]

        @Flag(help: "Also those that a session goes to.")
        var yes = false

        var terms: OrderTerms { OrderTerms(yes: yes ? true : nil) }

        @OptionGroup var global: GlobalOptions
    }

    struct Restart: VenueChange {
        static let action = VenueAction.restart
        static let configuration = CommandConfiguration(
            commandName: "restart", abstract: "Ends links' processes and starts new ones.")

        @Argument(help: "Ids, as venue list has them.")
        var ids: [String]

        @OptionGroup var global: GlobalOptions
    }
}

/// A change to several venues: one that is refused does not keep the others from it.
protocol VenueChange: Action {
    static var action: VenueAction { get }
    var ids: [String] { get }
    var terms: OrderTerms { get }
}

extension VenueChange {
    var terms: OrderTerms { OrderTerms() }

    func run(_ context: Context) async throws {
        let words = context.words
        let verb =
            switch Self.action {
            case .start: words.pick("start", "启动")
            case .stop: words.pick("stop", "停止")
            case .restart: words.pick("restart", "重启")
            }
        var answers: [String] = []
        var refused = false
        for id in ids {
            do {
                let answer = try await context.asker.post(
                    Asker.venuePath(id) + "/\(Self.action.rawValue)", body: terms, as: VenueStatus.self)
                answers.append(String(decoding: answer.data, as: UTF8.self))
                if !context.json {
                    let name = "\(answer.value.id) \(answer.value.name)"
                    context.console.print([
                        Line([
                            Line.Span("✓", .green), Line.Span(words.pick(" \(name): \(verb)", " \(name)：已受理\(verb)")),
                        ])
                    ])
                }
            } catch let error as ControlError {
                context.console.complain("venuectl: \(words.error(error))\n")
                refused = true
            }
        }
        if context.json { context.console.write("[" + answers.joined(separator: ",") + "]\n") }
        if refused { throw AlreadyTold() }
    }
}
