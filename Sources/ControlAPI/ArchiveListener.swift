import ArchiveAccess
import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// Serves the archive over TCP where the gate says, and elsewhere when it says so later. A port that is taken keeps
/// nobody from anything else: it is tried again.
struct ArchiveListener: Service {
    let gate: ArchiveGate
    let logger: Logger
    let application:
        @Sendable (_ address: ArchiveGate.Address, _ onRunning: @escaping @Sendable () -> Void) ->
            Application<ControlResponder>

    private static let pause = Duration.seconds(2)

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            var current: Task<Void, Never>?
            for await address in gate.addresses.cancelOnGracefulShutdown() {
                // What is being fetched there is fetched to its end.
                current?.cancel()
                guard let address else { continue }
                let listening = Task { await listen(address) }
                current = listening
                group.addTask { await listening.value }
            }
            current?.cancel()
        }
    }

    private func listen(_ address: ArchiveGate.Address) async {
        var said: String?
        while !Task.isCancelled {
            let group = ServiceGroup(
                configuration: .init(
                    services: [
                        .init(
                            service: application(address) {
                                gate.noteListening(address, failure: nil)
                                logger.info(
                                    "Listening",
                                    metadata: [
                                        "address": "\(address.host):\(address.port)", "role": "archive",
                                        "tls": "\(address.usesTLS)",
                                    ])
                            })
                    ],
                    logger: Logger(label: logger.label, factory: { _ in SwiftLogNoOpLogHandler() })))
            let serving = Task { try await group.run() }
            do {
                try await withTaskCancellationHandler {
                    try await serving.value
                } onCancel: {
                    Task { await group.triggerGracefulShutdown() }
                }
                return
            } catch {
                let cause = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
                gate.noteListening(address, failure: cause)
                if said != cause {
                    logger.error(
                        "the archive cannot be served there; it is tried again",
                        metadata: ["address": "\(address.host):\(address.port)", "cause": "\(cause)"])
                }
                said = cause
                try? await Task.sleep(for: Self.pause)
            }
        }
    }
}

/// HTTP behind TLS, with the certificate that is in force when the connection comes.
struct ArchiveChannel: ServerChildChannel, HTTPChannelHandler {
    let base: HTTP1Channel
    let gate: ArchiveGate
    var responder: HTTPChannelHandler.Responder { base.responder }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        channel.eventLoop.makeCompletedFuture {
            // Never in the clear, whatever has become of the certificate.
            guard let context = gate.context else { throw NIOSSLError.failedToLoadCertificate }
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
