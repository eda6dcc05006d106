import ArgumentParser
import ControlClient
import VenuecastModel

struct CheckCommand: Action {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "A monitoring plugin (Nagios, Icinga, Zabbix agent).",
        discussion: "Exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. One line, with performance data.")

    enum Subject: String, ExpressibleByArgument, CaseIterable {
        case all, venue, program, recording
    }

    @Argument(help: "all, program, recording, or venue with an ID.")
    var subject = Subject.all

    @Argument(help: "The venue's id.")
    var id: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if (subject == .venue) != (id != nil) {
            throw ValidationError("Write venue with its ID; all, program and recording take none.")
        }
    }

    func run(_ context: Context) async throws {
        let result = await result(context)
        if context.json {
            context.show(try result.json, else: [])
        } else {
            context.console.write(result.line + "\n")
        }
        throw result
    }

    /// Whatever goes wrong is an answer as well.
    private func result(_ context: Context) async -> PluginResult {
        let status: ActivityStatus
        do {
            status = try await context.asker.get("/v1/status", as: ActivityStatus.self).value
        } catch {
            let text = (error as? ControlClientError).map(context.words.error) ?? "\(error)"
            return PluginResult(state: .unknown, text: text)
        }
        let checks = PluginChecks(words: context.words, status: status)
        return switch subject {
        case .all: checks.all()
        case .venue: checks.venue(id ?? "")
        case .program: checks.program()
        case .recording: checks.recording()
        }
    }
}
