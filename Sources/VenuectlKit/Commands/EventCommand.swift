import ArgumentParser
import ControlClient
import EventLog
import Foundation
import LinuxSystem
import VenuecastModel

struct EventCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event", abstract: "What was done, by whom, and what happened.",
        subcommands: [List.self, Follow.self, Verify.self])

    struct Filter: ParsableArguments {
        @Option(help: ArgumentHelp("Of this alone: venue/jimo, or venue for all of them.", valueName: "subject"))
        var subject: String?

        @Option(help: ArgumentHelp("Of this kind: order, venue.state, worker …", valueName: "kind"))
        var kind: String?

        @Option(help: ArgumentHelp("Behind the event with this number.", valueName: "id"))
        var since: UInt64?

        func path(limit: Int?) -> String {
            var parts: [String] = []
            if let subject { parts.append("subject=" + Asker.component(subject)) }
            if let kind { parts.append("kind=" + Asker.component(kind)) }
            if let since { parts.append("since=\(since)") }
            if let limit { parts.append("limit=\(limit)") }
            return "/v1/events" + (parts.isEmpty ? "" : "?") + parts.joined(separator: "&")
        }
    }

    struct List: Action {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "The latest, the newest last.")

        @Option(name: .shortAndLong, help: ArgumentHelp("How many at most.", valueName: "count"))
        var limit = 50

        @OptionGroup var filter: Filter
        @OptionGroup var global: GlobalOptions

        func validate() throws {
            guard EventQuery.limits.contains(limit) else {
                throw ValidationError("--limit takes 1 to \(EventQuery.limits.upperBound).")
            }
        }

        func run(_ context: Context) async throws {
            let answer = try await context.asker.get(filter.path(limit: limit), as: [Event].self)
            let lines = EventLines(words: context.words, clock: Clock(zone: .current))
            context.show(answer.data, else: answer.value.map(lines.line))
        }
    }

    struct Follow: Action {
        static let configuration = CommandConfiguration(
            commandName: "follow", abstract: "As they come, until Ctrl-C, and on through the daemon's absence.")

        @OptionGroup var filter: Filter
        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let lines = EventLines(words: context.words, clock: Clock(zone: .current))
            // Where it begins: the daemon may go before the first one comes.
            let head = try await context.asker.get("/v1/events?limit=1", as: [Event].self).value.last?.id ?? 0
            var last = "\(filter.since ?? head)"
            var isAway = false
            while true {
                do {
                    try await context.asker.reading { client in
                        try await client.follow(filter.path(limit: nil), lastEventID: last) {
                            isAway = false
                            last = $0.id ?? last
                            if context.json { return context.console.write($0.data + "\n") }
                            let event = try VenuecastJSON.decode(Event.self, from: Data($0.data.utf8))
                            context.console.print([lines.line(event)])
                        }
                    }
                } catch let error as ControlClientError {
                    if !isAway { context.console.complain("venuectl: \(context.words.error(error))\n") }
                    isAway = true
                    try await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    struct Verify: Action {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Whether every event is there, in order and unchanged. Reads the files; needs no daemon.",
            discussion: """
                A chain does not notice that its end was cut off: compare the last hash with one that was kept elsewhere, such \
                as in the journal (journalctl -u venuecastd -g "event log").
                """)

        @Argument(help: ArgumentHelp("The log's directory.", valueName: "directory"))
        var directory = "/var/lib/venuecast/events"

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            guard Files.exists(directory) else {
                throw ControlError(
                    status: 404, code: "no-log", title: "No log", detail: "There is no directory \(directory).",
                    nextStep: "Name the directory `events` of the daemon's state directory, and be allowed to read it.")
            }
            let report = try EventLogReport.verify(directory)
            let words = context.words
            let ok = report.findings.isEmpty
            let count = words.pick(
                "\(report.events) events in \(report.files) files, last \(report.lastId ?? 0) \(report.headHash ?? "")",
                "\(report.files) 个文件共 \(report.events) 条事件，最后 \(report.lastId ?? 0) \(report.headHash ?? "")")
            let places = report.findings.map { finding in
                Line([Line.Span("✗ ", .red), Line.Span("\(finding.file):\(finding.line): \(finding.text)")])
            }
            context.show(
                try VenuecastJSON.encode(report),
                else: places + [Line([Line.Span(ok ? "✓ " : "! ", ok ? .green : .yellow), Line.Span(count)])])
            if !ok { throw AlreadyTold() }
        }
    }
}
