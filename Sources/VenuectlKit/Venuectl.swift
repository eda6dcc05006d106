import ArgumentParser
import ControlClient
import Delivery
import Foundation
import VenuecastModel

/// The operator's command.
public enum Venuectl {
    /// - Parameter arguments: without the program's name.
    /// - Returns: the exit code: 0 done, 1 refused or failed, 2 usage, 3 no daemon.
    public static func run(_ arguments: [String], console: Console) async -> Int32 {
        let command: any ParsableCommand
        do {
            command = try RootCommand.parseAsRoot(hoisted(arguments))
        } catch {
            let code = tell(error, console)
            // A monitoring system takes 2 for an alarm, and this is none.
            return code == 2 && hoisted(arguments).first == "check" ? PluginResult.State.unknown.rawValue : code
        }
        guard let action = command as? any Action else { return other(command, console) }
        let language = action.global.lang ?? Language(environment: console.environment)
        let context = Context(
            console: console, words: Words(language: language), json: action.global.json,
            asker: Asker(named: action.global.socket, environment: console.environment))
        do {
            try await action.run(context)
            return 0
        } catch is AlreadyTold {
            return 1
        } catch let result as PluginResult {
            return result.state.rawValue
        } catch let error as ControlClientError {
            console.complain("venuectl: \(context.words.error(error))\n")
            if case .noDaemon = error { return 3 }
            return 1
        } catch let error as ControlError {
            console.complain("venuectl: \(context.words.error(error))\n")
            return 1
        } catch let error as DeliveryError {
            console.complain("venuectl: \(context.words.pick(error.text, error.textZh))\n")
            return 1
        } catch {
            console.complain("venuectl: \(error)\n")
            return 1
        }
    }

    /// `help`, or a group without one of its commands.
    private static func other(_ command: any ParsableCommand, _ console: Console) -> Int32 {
        let kind = type(of: command)
        guard kind.configuration.subcommands.isEmpty else {
            console.complain(RootCommand.helpMessage(for: kind) + "\n")
            return 2
        }
        do {
            var command = command
            try command.run()
            return 0
        } catch {
            return tell(error, console)
        }
    }

    /// What ArgumentParser has to say; its own code for wrong usage is another than ours.
    private static func tell(_ error: any Error, _ console: Console) -> Int32 {
        let message = RootCommand.fullMessage(for: error) + "\n"
        if RootCommand.exitCode(for: error) == .success {
            console.write(message)
            return 0
        }
        console.complain(message)
        return 2
    }

    /// Options for all commands may stand before the command as well; the parser wants them behind it.
    static func hoisted(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var options: [String] = []
        while let first = rest.first {
            if first == "--json" || first.hasPrefix("--socket=") || first.hasPrefix("--lang=") {
                options.append(first)
                rest = rest.dropFirst()
            } else if first == "--socket" || first == "--lang", rest.count > 1 {
                options += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return Array(rest[..<end]) + (rest.isEmpty ? [] : options) + Array(rest[end...])
    }
}

/// A failure whose reasons are on stderr already.
struct AlreadyTold: Error {}

/// What a command needs to run.
struct Context: Sendable {
    let console: Console
    let words: Words
    let json: Bool
    let asker: Asker

    var width: Int { console.size()?.columns ?? 1000 }

    func details(now: Date = Date()) -> Details {
        Details(words: words, clock: Clock(zone: .current), now: now, width: width)
    }

    /// The daemon's answer as it came, or what people read.
    func show(_ data: Data, else lines: @autoclosure () -> [Line]) {
        if json {
            console.write(String(decoding: data, as: UTF8.self) + "\n")
        } else {
            console.print(lines())
        }
    }
}

/// A command that does something, against a group of them.
protocol Action: ParsableCommand {
    var global: GlobalOptions { get }
    func run(_ context: Context) async throws
}

struct GlobalOptions: ParsableArguments {
    @Option(help: "The daemon's socket. Default: $VENUECAST_SOCKET, else \(Asker.control).")
    var socket: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "zh or en. Default: as LC_ALL or LANG have it.")
    var lang: Language?
}

extension Language: ExpressibleByArgument {}
