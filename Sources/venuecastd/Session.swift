import ArchiveAccess
import ControlAPI
import Coordinator
import EventLog
import Dispatch
import Foundation
import Glibc
import LinuxSystem
import Logging
import Monitoring
import ServiceLifecycle
import VenuecastModel

/// From the sockets' opening to the last order: everything that happens comes back through one stream and is decided
/// in one `switch`.
struct Session {
    let coordinator: Coordinator
    let events: EventLog
    let monitor: Monitor
    let sockets: [SocketConfiguration]
    let scrapePort: Int?
    let archive: ArchiveGate
    let limits: ControlLimits
    let signals: DaemonSignals
    let heartbeat: Heartbeat
    let logger: Logger

    private enum Occurrence: Sendable {
        case listening
        case order(DaemonSignals.Order)
        case serverEnded(String)
    }

    /// After the workers have ended the sockets have this long.
    private static let closingDeadline = DispatchTimeInterval.seconds(1)
    /// For another reload to end, and for the start.
    private static let reloadPatience = Duration.seconds(60)
    /// For the last event to reach the disk.
    private static let lastWords = Duration.seconds(1)

    func run() async throws {
        let (occurrences, happened) = AsyncStream<Occurrence>.makeStream(bufferingPolicy: .bufferingOldest(16))
        let server = ControlAPIServer(
            service: coordinator, events: events, monitor: monitor, sockets: sockets, scrapePort: scrapePort,
            archive: archive, limits: limits, logger: logger
        ) {
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
        try await decide(occurrences)
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

    private func decide(_ occurrences: AsyncStream<Occurrence>) async throws {
        var isStarted = false
        var heart: Task<Void, Never>?
        var watch: Task<Void, Never>?
        defer {
            heart?.cancel()
            watch?.cancel()
        }
        for await occurrence in occurrences {
            switch occurrence {
            case .listening:
                // Only now: a daemon that cannot be spoken to touches no worker.
                try await start()
                isStarted = true
                heart = Task { await heartbeat.run() }
                watch = Task { await monitor.run() }
            case .order(.reload):
                // An order to end does not wait.
                Task { await reload() }
            case .order(.stop):
                return await end("ending the workers", "stop") { await coordinator.stop() }
            case .order(.detach):
                return await end("ending; the workers stay on air", "detach") { await coordinator.detach() }
            case .serverEnded(let cause) where isStarted:
                // The workers go on; whoever starts us again takes them back.
                await coordinator.detach()
                throw StartFailure(exitCode: EX_SOFTWARE, lines: ["the control sockets ended: \(cause)"])
            case .serverEnded(let cause):
                throw StartFailure.cannotCreate("the control sockets cannot be opened: \(cause)")
            }
        }
    }

    /// A signal has nobody to tell that it came at a bad time: while another reload reads, or before the start is over, it is
    /// carried out afterwards. What is wrong with the file is in the log, and what is in force stays.
    private func reload() async {
        let end = ContinuousClock.now + Self.reloadPatience
        while ContinuousClock.now < end {
            do throws(ControlError) {
                _ = try await coordinator.reload(ReloadRequest())
                return
            } catch {
                guard error.code == ControlError.reloadUnderWay.code else { return }
            }
            guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { return }
        }
        logger.error("the reload was not carried out: another one does not end")
    }

    private func end(_ line: String, _ how: String, _ act: () async -> Void) async {
        heartbeat.announceEnd(line)
        logger.notice("\(line)")
        await monitor.look()
        await act()
        events.record(EventDraft(EventKind.daemonStopped, "daemon", details: ["how": how]))
        await events.flush(within: Self.lastWords)
        sayHead("the event log ends with")
    }

    /// To be kept by the journal: a chain does not notice that its end was cut off.
    private func sayHead(_ text: String) {
        let head = events.head
        logger.notice("\(text)", metadata: ["event": "\(head.id)", "hash": "\(head.hash)"])
    }

    /// Whether the daemon before had said that it ended.
    private func noteStart() async {
        let last = try? await events.lines(EventQuery(kind: "daemon", limit: 20))
        let kinds = (last ?? []).compactMap { try? VenuecastJSON.decode(Event.self, from: Data($0)).kind }
        let before =
            switch kinds.last(where: { $0 == EventKind.daemonStarted || $0 == EventKind.daemonStopped }) {
            case EventKind.daemonStarted?: "crashed"
            case EventKind.daemonStopped?: "stopped"
            default: "none"
            }
        events.record(
            EventDraft(
                EventKind.daemonStarted, "daemon",
                details: ["version": Venuecast.version, "pid": "\(getpid())", "before": before]))
        sayHead("the event log goes on behind")
    }

    private func start() async throws {
        await noteStart()
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
