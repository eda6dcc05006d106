import ArchiveAccess
import ControlAPI
import ControlClient
import EventLog
import Foundation
import LinuxSystem
import Logging
import Synchronization
import VenuecastModel

struct Late: Error, CustomStringConvertible {
    let description: String
}

/// Waits for a fact, and gives up after a deadline no healthy machine reaches.
@discardableResult
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(30), _ probe: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if let value = try await probe() { return value }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw Late(description: "never came: \(what)")
}

/// A real server on sockets of its own.
struct Stage: Sendable {
    let directory: String
    let service: FakeControl
    let log: CapturedLog
    let events: EventLog

    var control: String { directory + "/control.sock" }
    var monitor: String { directory + "/monitor.sock" }
    var archive: String { directory + "/archive.sock" }
    var client: ControlClient { ControlClient(socket: control, timeout: .seconds(30)) }

    static func run(
        _ service: FakeControl = FakeControl(), limits: ControlLimits = ControlLimits(), group: String? = nil,
        gate: ArchiveGate? = nil,
        _ body: @escaping @Sendable (Stage) async throws -> Void
    ) async throws {
        try await inDirectory { directory in
            let stage = Stage(
                directory: directory, service: service, log: CapturedLog(), events: events(directory))
            let (ready, signal) = AsyncStream.makeStream(of: Void.self)
            let server = ControlAPIServer(
                service: service, events: stage.events, monitor: FakeMonitor(),
                sockets: [
                    SocketConfiguration(path: stage.control, role: .operator, mode: 0o660, group: group),
                    SocketConfiguration(path: stage.monitor, role: .monitor, mode: 0o666),
                    SocketConfiguration(path: stage.archive, role: .archive, mode: 0o660),
                ],
                archive: gate, limits: limits, logger: stage.log.logger(), onReady: { signal.finish() })
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    defer { signal.finish() }
                    do {
                        try await server.run()
                    } catch is CancellationError {}
                }
                tasks.addTask {
                    for await _ in ready {}
                    try await body(stage)
                }
                try await tasks.next()
                tasks.cancelAll()
                try await tasks.waitForAll()
            }
        }
    }

    static func inDirectory(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/venuecast-api-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Late(description: "a directory of its own: errno \(errno)") }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for path in [directory, directory + "-events"] { try? FileManager.default.removeItem(atPath: path) }
        }
        try await body(directory)
    }

    /// A log beside the directory, which holds sockets alone.
    static func events(_ directory: String) -> EventLog {
        EventLog(directory: directory + "-events", keepDays: 186, logger: CapturedLog().logger())
    }

    /// What curl says: the body, then the status on a line of its own.
    func curl(_ arguments: String...) async throws -> (status: Int, text: String) { try await curl(arguments) }

    func curl(_ arguments: [String]) async throws -> (status: Int, text: String) {
        let output = "\(directory)/curl-\(UUID().uuidString)"
        let process = try ProcessHandle.spawn(
            SpawnRequest(
                executable: "/usr/bin/curl",
                arguments: ["-s", "-S", "--max-time", "30", "-w", "\n%{http_code}"] + arguments,
                environment: ["PATH": "/usr/bin:/bin"], output: .file(output)))
        guard await process.waitForExit(timeout: .seconds(40)) != nil else {
            _ = process.signal(SIGKILL)
            throw Late(description: "curl's end")
        }
        let text = String(decoding: try Files.read(output), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
    }
}

/// What the server logs.
final class CapturedLog: Sendable {
    struct Entry: Sendable {
        var message: String
        var metadata: [String: String]
    }

    private let stored = Mutex<[Entry]>([])

    var entries: [Entry] { stored.withLock { $0 } }

    func logger() -> Logger {
        Logger(label: "test", factory: { _ in Handler(log: self) })
    }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = (event.metadata ?? [:]).mapValues(\.description)
            log.stored.withLock { $0.append(Entry(message: event.message.description, metadata: all)) }
        }
    }
}
