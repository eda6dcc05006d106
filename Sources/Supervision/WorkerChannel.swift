import Dispatch
import Foundation
import LinuxSystem
import Synchronization
import WorkerProtocol

/// Questions and answers over one connection to a worker's socket. Every question has a deadline.
final class WorkerChannel: Sendable {
    let peer: PeerCredentials
    private let connection: LineConnection
    private let pending = Mutex(Pending())
    private let queue = DispatchQueue(label: "venuecast.worker-channel")

    private struct Pending {
        var serial = 0
        var waiting: [Int: CheckedContinuation<Result<WorkerResponse.Body, WorkerError>, Never>] = [:]
        var isClosed = false
    }

    private init(connection: LineConnection, peer: PeerCredentials) {
        self.connection = connection
        self.peer = peer
    }

    deinit {
        connection.close()
    }

    /// Never waits.
    static func connect(path: String) throws -> WorkerChannel {
        let connection = try LineConnection.connect(path: path)
        guard let peer = connection.peer else { throw WorkerError.notRunning }
        let channel = WorkerChannel(connection: connection, peer: peer)
        Task { [weak channel, lines = connection.lines] in
            // A line that is no answer ends the connection: nothing after it could be trusted.
            do {
                for try await line in lines {
                    let response = try JSONDecoder().decode(WorkerResponse.self, from: Data(line))
                    channel?.finish(response.serial, .success(response.body))
                }
                channel?.close(.connectionLost("the worker closed it"))
            } catch {
                channel?.close(.connectionLost("\(error)"))
            }
        }
        return channel
    }

    /// - Throws: `WorkerError.noAnswer` after `timeout`, `.connectionLost` when the connection ends first.
    func ask(_ body: WorkerRequest.Body, timeout: Duration) async throws(WorkerError) -> WorkerResponse.Body {
        let result = await withCheckedContinuation { continuation in
            let serial: Int? = pending.withLock { pending in
                if pending.isClosed { return nil }
                pending.serial += 1
                pending.waiting[pending.serial] = continuation
                return pending.serial
            }
            guard let serial else {
                continuation.resume(returning: .failure(.connectionLost("it was closed before")))
                return
            }
            do {
                try connection.send(Array(JSONEncoder().encode(WorkerRequest(serial: serial, body: body))))
            } catch {
                finish(serial, .failure(.connectionLost("\(error)")))
                return
            }
            queue.asyncAfter(deadline: .now() + timeout.inSeconds) { [weak self] in
                self?.finish(serial, .failure(.noAnswer(seconds: timeout.inSeconds)))
            }
        }
        return try result.get()
    }

    /// Sends without caring for the answer.
    func tell(_ body: WorkerRequest.Body) {
        guard let line = try? JSONEncoder().encode(WorkerRequest(serial: 0, body: body)) else { return }
        try? connection.send(Array(line))
    }

    func close() {
        close(.connectionLost("we closed it"))
    }

    private func close(_ error: WorkerError) {
        let waiting = pending.withLock { pending in
            pending.isClosed = true
            defer { pending.waiting = [:] }
            return pending.waiting
        }
        connection.close()
        for continuation in waiting.values { continuation.resume(returning: .failure(error)) }
    }

    private func finish(_ serial: Int, _ result: Result<WorkerResponse.Body, WorkerError>) {
        pending.withLock { $0.waiting.removeValue(forKey: serial) }?.resume(returning: result)
    }
}

/// Why a worker could not be asked.
public enum WorkerError: Error, Sendable, Equatable, CustomStringConvertible {
    case unknown(id: String)
    case notRunning
    case noAnswer(seconds: Double)
    case connectionLost(String)
    case abandoned(pid: Int32)

    public var description: String {
        switch self {
        case .unknown(let id): "there is no worker \(id)"
        case .notRunning: "the worker is not running now"
        case .noAnswer(let seconds): "the worker gave no answer within \(seconds) s"
        case .abandoned(let pid):
            "its process \(pid) survives SIGKILL, and no other one is wanted (restart the machine when you can)"
        case .connectionLost(let cause): "the connection to the worker ended: \(cause)"
        }
    }
}
