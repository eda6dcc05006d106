import ControlAPI
import Coordinator
import Dispatch
import Glibc
import LinuxSystem
import Logging
import ServiceLifecycle
import VenuecastModel

/// From the sockets' opening to the last order: everything that happens comes back through one stream and is decided
/// in one `switch`.
struct Session {
    let coordinator: Coordinator
    let sockets: [SocketConfiguration]
    let signals: DaemonSignals
    let heartbeat: Heartbeat
    let logger: Logger

    private enum Event: Sendable {
        case listening
        case order(DaemonSignals.Order)
        case serverEnded(String)
    }

    /// After the workers have ended the sockets have this long.
    private static let closingDeadline = DispatchTimeInterval.seconds(1)

    func run() async throws {
        let (events, happened) = AsyncStream<Event>.makeStream(bufferingPolicy: .bufferingOldest(16))
        let server = ControlAPIServer(service: coordinator, sockets: sockets, logger: logger) {
            happened.yield(.listening)
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [.init(service: server)], logger: quiet()))
        let serving = Task {
            do {
                try await group.run()
                happened.yield(.serverEnded("it ended without a cause"))
            } catch {
                happened.yield(.serverEnded("\(error)"))
            }
        }
        let listening = Task {
            for await order in signals.orders { happened.yield(.order(order)) }
        }
        defer { listening.cancel() }
        try await decide(events)
        exitAnyway(after: Self.closingDeadline)
        await group.triggerGracefulShutdown()
        await serving.value
    }

    /// Its every step is no news for an operator.
    private func quiet() -> Logger {
        var quiet = logger
        quiet.logLevel = .error
        return quiet
    }

    private func decide(_ events: AsyncStream<Event>) async throws {
        var isStarted = false
        var heart: Task<Void, Never>?
        defer { heart?.cancel() }
        for await event in events {
            switch event {
            case .listening:
                // Only now: a daemon that cannot be spoken to touches no worker.
                try await start()
                isStarted = true
                heart = Task { await heartbeat.run() }
            case .order(.reload):
                // What is wrong with the file is in the log, and what is in force stays. An order to end does not wait.
                if isStarted { Task { _ = try? await coordinator.reload(ReloadRequest()) } }
            case .order(.stop):
                return await end("ending the workers") { await coordinator.stop() }
            case .order(.detach):
                return await end("ending; the workers stay on air") { await coordinator.detach() }
            case .serverEnded(let cause) where isStarted:
                // The workers go on; whoever starts us again takes them back.
                await coordinator.detach()
                throw StartFailure(exitCode: EX_SOFTWARE, lines: ["the control sockets ended: \(cause)"])
            case .serverEnded(let cause):
                throw StartFailure.cannotCreate("the control sockets cannot be opened: \(cause)")
            }
        }
    }

    private func end(_ line: String, _ act: () async -> Void) async {
        heartbeat.announceEnd(line)
        logger.notice("\(line)")
        await act()
    }

    private func start() async throws {
        do {
            try await coordinator.start()
        } catch {
            await coordinator.detach()
            throw StartFailure.cannotCreate("\(error)")
        }
        SystemNotify.send(.ready)
        logger.notice("running", metadata: ["socket": "\(sockets.first?.path ?? "")"])
    }

    /// A client that does not let go of its connection holds nobody up.
    private func exitAnyway(after deadline: DispatchTimeInterval) {
        DispatchQueue.global().asyncAfter(deadline: .now() + deadline) { exit(0) }
    }
}
