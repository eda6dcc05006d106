import ArgumentParser
import Coordinator
import Glibc
import LinuxSystem
import Logging
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

@main
struct Venuecastd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "venuecastd",
        abstract: "Carries a main venue's picture and sound to the district venues.",
        discussion: """
            Runs in the foreground. SIGTERM and SIGINT stop everything; SIGUSR2 ends the daemon alone and leaves the \
            workers on air.
            Exit codes: 0 stopped, 64 usage, 70 its sockets broke, 71 a worker that cannot be ended, 72 a file of the \
            installation is missing, 73 cannot create, 75 already running, 78 configuration.
            """,
        version: Venuecast.version)

    @Option(name: .long, help: ArgumentHelp("The configuration.", valueName: "file"))
    var config = "/etc/venuecast/venuecast.toml"

    @Option(name: .long, help: ArgumentHelp("Sockets; at most 40 bytes long.", valueName: "directory"))
    var runDir = "/run/venuecast"

    @Option(name: .long, help: ArgumentHelp("What outlives the daemon.", valueName: "directory"))
    var stateDir = "/var/lib/venuecast"

    @Flag(name: .long, help: "End the workers that a venuecastd which is gone left running, and do nothing else.")
    var endWorkers = false

    func run() async throws {
        LoggingSystem.bootstrap { JournalLogHandler(label: $0) }
        signal(SIGPIPE, SIG_IGN)
        let logger = Logger(label: "venuecastd")
        do {
            if endWorkers {
                return try await OrphanedWorkers(runDirectory: absolute(runDir), logger: logger).end()
            }
            var daemon = Daemon(
                configurationFile: absolute(config), runDirectory: absolute(runDir), stateDirectory: absolute(stateDir),
                logger: logger)
            try await daemon.run()
        } catch let failure as StartFailure {
            for line in failure.lines { printError("venuecastd: \(line)") }
            if let line = failure.lines.first { SystemNotify.send(.status(line)) }
            throw ExitCode(failure.exitCode)
        }
    }

    /// Workers get these paths, and theirs is another directory.
    private func absolute(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        if path.hasPrefix("/") { return path }
        guard let here = getcwd(nil, 0) else { return path }
        defer { free(here) }
        return "\(String(cString: here))/\(path)"
    }

    private func printError(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// Why the daemon does not start, for a person and (sysexits) for a script.
struct StartFailure: Error {
    var exitCode: Int32
    var lines: [String]

    static func usage(_ line: String) -> StartFailure { StartFailure(exitCode: 64, lines: [line]) }
    static func installation(_ line: String) -> StartFailure { StartFailure(exitCode: 72, lines: [line]) }
    static func cannotCreate(_ line: String) -> StartFailure { StartFailure(exitCode: 73, lines: [line]) }
    static func alreadyRunning(_ line: String) -> StartFailure { StartFailure(exitCode: 75, lines: [line]) }
    static func configuration(_ lines: [String]) -> StartFailure { StartFailure(exitCode: 78, lines: lines) }
}
