import ArgumentParser
import VenuecastModel

struct RootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "venuectl",
        abstract: "Watches and steers Venuecast.",
        discussion: """
            Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no daemon. `check` has those of a monitoring plugin: \
            0 ok, 1 warning, 2 critical, 3 unknown.
            """,
        version: Venuecast.version,
        subcommands: [
            StatusCommand.self, VenueCommand.self, ProgramCommand.self, RundownCommand.self,
            SessionCommand.self, ReportCommand.self, MarkCommand.self, WorkerCommand.self, ConfigCommand.self,
            EventCommand.self, RecordingCommand.self, CheckCommand.self, AlarmCommand.self,
            ProbeCommand.self, LineUpCommand.self,
        ])
}

struct StatusCommand: Action {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Everything at a glance.")

    @Flag(help: "Go on, once a second, until Ctrl-C or q.")
    var watch = false

    @OptionGroup var global: GlobalOptions

    func run(_ context: Context) async throws {
        if watch {
            return try await Watch(context: context, quit: QuitRequests.all()).run()
        }
        let answer = try await context.asker.get("/v1/status", as: ActivityStatus.self)
        if context.json { return context.show(answer.data, else: []) }
        let lines = StatusTable.render(
            answer.value, width: context.width == 1000 ? 120 : context.width, colour: context.console.colour,
            language: context.words.language)
        context.console.write(lines.joined(separator: "\n") + "\n")
    }
}
