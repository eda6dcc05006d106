import ArchiveAccess
import ControlAPI
import Coordinator
import EventLog
import Glibc
import Latency
import LinuxSystem
import Logging
import Monitoring
import Supervision
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

/// From reading the configuration to the last worker's end.
struct Daemon {
    let configurationFile: String
    private(set) var runDirectory: String
    let stateDirectory: String
    let logger: Logger

    private static let predecessorsTime = Duration.seconds(2)

    init(configurationFile: String, runDirectory: String, stateDirectory: String, logger: Logger) {
        self.configurationFile = configurationFile
        self.runDirectory = runDirectory
        self.stateDirectory = stateDirectory
        self.logger = logger
    }

    mutating func run() async throws {
        let signals = DaemonSignals()
        runDirectory = try RunDirectory.make(runDirectory)
        let locks = try await prepareDirectories()
        let worker = try workerExecutable()
        let environment = await WorkerEnvironment(
            stateDirectory: stateDirectory, workerExecutable: worker, logger: logger
        )
        .prepare()
        let loader = ConfigurationLoader(pipelineChecker: .worker(executable: worker, environment: environment))
        let accepted = AcceptedConfiguration(stateDirectory: stateDirectory, logger: logger)
        let configuration = try await load(loader, accepted)
        let events = EventLog(
            directory: "\(stateDirectory)/events", keepDays: configuration.events.keepDays, logger: logger)
        let board = AlarmBoard()
        let archive = try gate(configuration)
        let latencies = LatencyBoard()
        let coordinator = Coordinator(
            configuration: configuration, loader: loader, accepted: accepted,
            paths: RunPaths(directory: runDirectory), stateDirectory: stateDirectory,
            workerExecutable: worker, workerEnvironment: environment, logger: logger, record: { events.record($0) },
            board: board, archive: archive, latencies: latencies)
        let sockets = [
            socket("control.sock", .operator, configuration.control.operatorSocket),
            socket("monitor.sock", .monitor, configuration.control.monitorSocket),
            socket("archive.sock", .archive, configuration.control.archiveSocket),
        ]
        let heartbeat = Heartbeat(
            check: SelfCheck(coordinator, socket: sockets[0].path), status: { await coordinator.status() },
            logger: logger)
        let monitor = Monitor(
            events: events, logger: logger, status: { await coordinator.status() },
            workers: { await coordinator.workers() }, stateDirectory: stateDirectory,
            settings: { AlarmSettings(coordinator.alarmConfiguration) }, board: board, latencies: latencies)
        try await Session(
            coordinator: coordinator, events: events, monitor: monitor, sockets: sockets,
            scrapePort: configuration.control.scrapePort, archive: archive,
            limits: ControlLimits(downloadBytesPerSecond: configuration.control.archiveMbps * 125_000),
            signals: signals, heartbeat: heartbeat, logger: logger
        ).run()
        withExtendedLifetime(locks) {}
    }

    /// - Throws: `StartFailure` with every problem there is.
    private func load(_ loader: ConfigurationLoader, _ accepted: AcceptedConfiguration) async throws -> Configuration {
        let paths = RunPaths(directory: runDirectory)
        let (configuration, problems) = await accepted.load(configurationFile, with: loader) {
            Reconciler.findsWorkers(of: paths)
        }
        guard let configuration else { throw StartFailure.configuration(problems.map(\.description)) }
        for problem in problems { logger.warning("\(problem)") }
        return configuration
    }

    /// Checked a moment ago.
    private func gate(_ configuration: Configuration) throws -> ArchiveGate {
        let gate = ArchiveGate()
        do {
            try gate.adopt(configuration.archive)
        } catch {
            throw StartFailure.configuration(["archive: \(error)"])
        }
        return gate
    }

    private func socket(_ name: String, _ role: SocketRole, _ access: Configuration.Control.Socket)
        -> SocketConfiguration
    {
        SocketConfiguration(path: "\(runDirectory)/\(name)", role: role, mode: access.mode, group: access.group)
    }

    private func prepareDirectories() async throws -> [LockFile] {
        do {
            try Files.ensureDirectory(stateDirectory, mode: 0o700)
            var locks: [LockFile] = []
            for directory in [runDirectory, stateDirectory] { locks.append(try await lock(directory)) }
            // Both are ours alone from here on.
            for directory in [stateDirectory, "\(stateDirectory)/outgoing"] { Files.removeUnfinished(in: directory) }
            return locks
        } catch let error as SystemError where error.code == EAGAIN {
            throw StartFailure.alreadyRunning("another venuecastd uses this directory: \(error)")
        } catch {
            throw StartFailure.cannotCreate("\(error)")
        }
    }

    /// One that is about to end may still hold it.
    private func lock(_ directory: String) async throws -> LockFile {
        let end = ContinuousClock.now + Self.predecessorsTime
        while true {
            do {
                return try LockFile.acquire("\(directory)/venuecastd.lock")
            } catch let error as SystemError where error.code == EAGAIN && ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Beside our own executable, wherever that was installed.
    private func workerExecutable() throws -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes {
            readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard count > 0 else {
            throw StartFailure.installation("cannot tell where venuecastd itself is: is /proc mounted?")
        }
        let own = String(decoding: buffer[..<count], as: UTF8.self)
        let directory = own.lastIndex(of: "/").map { String(own[..<$0]) } ?? ""
        let path = "\(directory)/venuecast-worker"
        guard access(path, X_OK) == 0 else {
            throw StartFailure.installation(
                "\(path) is missing or not executable: install venuecast-worker beside venuecastd (make build makes both)"
            )
        }
        return path
    }
}
