import ArchiveAccess
import EventLog
import Glibc
import Hummingbird
import HummingbirdCore
import LinuxSystem
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import VenuecastModel

/// HTTP over Unix sockets, and over the network for the archive: one Hummingbird application for each address.
///
/// Before it runs, the caller holds the run directory's lock: a socket that is already at a path is replaced.
public struct ControlAPIServer: Service {
    private let service: any ControlService
    private let events: EventLog
    private let monitor: any MonitorService
    private let budget = RefusalBudget()
    private let sockets: [SocketConfiguration]
    private let scrapePort: Int?
    private let archive: ArchiveGate?
    private let limits: ControlLimits
    private let logger: Logger
    private let onReady: @Sendable () async -> Void

    /// - Parameters:
    ///   - scrapePort: `/metrics`, `/healthz` and `/readyz` are served on TCP loopback as well, as soon as that port is free.
    ///   - archive: recordings are served over the network as well, where it says.
    ///   - onReady: called once, when every socket can be connected to.
    public init(
        service: any ControlService, events: EventLog, monitor: any MonitorService, sockets: [SocketConfiguration],
        scrapePort: Int? = nil, archive: ArchiveGate? = nil, limits: ControlLimits = ControlLimits(), logger: Logger,
        onReady: @escaping @Sendable () async -> Void = {}
    ) {
        self.service = service
        self.events = events
        self.monitor = monitor
        self.sockets = sockets
        self.scrapePort = scrapePort
        self.archive = archive
        self.limits = limits
        self.logger = logger
        self.onReady = onReady
    }

    /// Serves until graceful shutdown or cancellation, then takes the sockets away. Requests that have begun are
    /// answered first, which takes no longer than a client's patience.
    /// - Throws: SystemError when a socket cannot be put where it belongs.
    public func run() async throws {
        let awaited = Countdown(sockets.count)
        var services: [any Service] = sockets.map { socket in
            ServedSocket(server: self, socket: socket) { if awaited.isLast() { await onReady() } }
        }
        if let scrapePort { services.append(ServedPort(server: self, port: scrapePort)) }
        if let archive {
            services.append(
                ArchiveListener(gate: archive, logger: logger) { address, onRunning in
                    application(
                        .archive, .hostname(address.host, port: address.port), gate: archive, usesTLS: address.usesTLS
                    ) { _ in onRunning() }
                })
        }
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) },
                logger: Logger(label: logger.label, factory: { _ in SwiftLogNoOpLogHandler() })))
        // Cancelled in the middle, NIO stops the whole process when a connection was accepted and not yet served
        // ("Deinited NIOAsyncWriter"): a cancellation from outside becomes a graceful shutdown inside.
        let serving = Task { try await group.run() }
        let stop: @Sendable () -> Void = { Task { await group.triggerGracefulShutdown() } }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await serving.value
            } onGracefulShutdown: {
                stop()
            }
        } onCancel: {
            stop()
        }
    }

    private struct ServedSocket: Service {
        let server: ControlAPIServer
        let socket: SocketConfiguration
        let onReachable: @Sendable () async -> Void

        func run() async throws {
            try await server.serve(socket, onReachable: onReachable)
        }
    }

    /// On loopback, for scrapers that know no Unix sockets. A port that is taken keeps nobody from anything else.
    private struct ServedPort: Service {
        let server: ControlAPIServer
        let port: Int
        private static let pause = Duration.seconds(5)

        func run() async throws {
            var isSaid = false
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                do {
                    try await server.application(.scraper, .hostname("127.0.0.1", port: port)).run()
                    return
                } catch {
                    if !isSaid {
                        server.logger.error(
                            "metrics cannot be served on loopback; it is tried again",
                            metadata: ["port": "\(port)", "cause": "\(error)"])
                    }
                    isSaid = true
                    try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) }
                }
            }
        }
    }

    /// - Parameter gate: over the network, with its tokens.
    private func application(
        _ role: SocketRole, _ address: BindAddress, gate: ArchiveGate? = nil, usesTLS: Bool = false,
        onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) -> Application<ControlResponder> {
        let census = ConnectionCensus(limit: limits.connectionsPerProcess)
        var quiet = logger
        // Hummingbird says where it listens, which is the private place.
        quiet.logLevel = max(logger.logLevel, .warning)
        let http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionCensusHandler(census), DeafClientHandler(patience: limits.patience),
            ],
            idleTimeout: TimeAmount(limits.patience),
            httpDecoderConfiguration: .init(maxHeaderFieldSize: 8192, maxHeaderListSize: 16_384))
        return Application(
            responder: ControlResponder(
                service: service, role: role, gate: gate, limits: limits, events: events, monitor: monitor,
                budget: budget, logger: logger),
            server: HTTPServerBuilder { [http] responder in
                let base = HTTP1Channel(responder: responder, configuration: http)
                guard usesTLS, let gate else { return base }
                return ArchiveChannel(base: base, gate: gate)
            },
            configuration: ApplicationConfiguration(
                address: address,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: quiet)),
            onServerRunning: onServerRunning, logger: quiet)
    }

    private func serve(_ socket: SocketConfiguration, onReachable: @escaping @Sendable () async -> Void) async throws {
        let placement = try await NIOThreadPool.singleton.runIfActive { try SocketPlacement(socket) }
        let exposure = Exposure()
        let application = application(socket.role, .unixDomainSocket(path: placement.privatePath)) { channel in
            do {
                let identity = try await NIOThreadPool.singleton.runIfActive {
                    try placement.expose()
                    return placement.identity()
                }
                exposure.set(.success(identity))
                logger.info("Listening", metadata: ["socket": "\(socket.path)", "role": "\(socket.role.rawValue)"])
                await onReachable()
            } catch {
                exposure.set(.failure(error))
                channel.close(promise: nil)
            }
        }
        var failure: (any Error)?
        do {
            try await application.run()
        } catch {
            failure = error
        }
        let outcome = exposure.get()
        // Ours alone: a successor may be there already.
        if case .success(let identity?) = outcome, placement.identity() == identity { unlink(socket.path) }
        placement.remove()
        if case .failure(let error) = outcome { throw error }
        if let failure { throw failure }
    }
}

/// Whether a socket came into place, and which file it is then.
private final class Exposure: Sendable {
    private let outcome = Mutex<Result<[UInt64]?, any Error>?>(nil)

    func set(_ result: Result<[UInt64]?, any Error>) {
        outcome.withLock { $0 = result }
    }

    func get() -> Result<[UInt64]?, any Error>? {
        outcome.withLock { $0 }
    }
}

private final class Countdown: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) {
        left = Mutex(count)
    }

    func isLast() -> Bool {
        left.withLock { left in
            left -= 1
            return left == 0
        }
    }
}
