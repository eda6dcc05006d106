import ArgumentParser
import VenuecastModel

struct ProgramCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "program", abstract: "What the main venue sends.",
        subcommands: [Show.self, Take.self, Auto.self, Mute.self, Unmute.self])

    struct Show: Action {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "How it is.")

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let answer = try await context.asker.get("/v1/program", as: ProgramStatus.self)
            context.show(answer.data, else: context.details().program(answer.value))
        }
    }

    struct Take: Action {
        static let configuration = CommandConfiguration(
            commandName: "take", abstract: "Puts an input or a slate on air by hand, or gives the choice back (auto).")

        @Argument(help: "An input's id, slate:ID, or auto.")
        var source: String

        @Flag(help: "Also an input that is dead.")
        var force = false

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            try await context.take(source, force: force)
        }
    }

    struct Auto: Action {
        static let configuration = CommandConfiguration(
            commandName: "auto", abstract: "The first good input is on air again.")

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            try await context.take("auto", force: false)
        }
    }

    struct Mute: Action {
        static let configuration = CommandConfiguration(commandName: "mute", abstract: "Sends silence.")

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            try await context.change("/v1/program/mute", context.words.pick("muted", "已受理静音"))
        }
    }

    struct Unmute: Action {
        static let configuration = CommandConfiguration(commandName: "unmute", abstract: "Sends the sound again.")

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            try await context.change("/v1/program/unmute", context.words.pick("sound on", "已受理恢复声音"))
        }
    }
}

extension Context {
    fileprivate func take(_ source: String, force: Bool) async throws {
        let done = source == "auto" ? words.pick("auto", "已恢复自动") : words.pick("\(source) taken", "已受理切换到 \(source)")
        try await change("/v1/program/take", body: TakeRequest(input: source, force: force ? true : nil), done)
    }

    fileprivate func change(_ path: String, body: TakeRequest? = nil, _ done: String) async throws {
        let answer = try await asker.post(path, body: body, as: ProgramStatus.self)
        show(answer.data, else: [Line([Line.Span("✓", .green), Line.Span(" \(done)")])])
    }
}
