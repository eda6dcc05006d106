import FoundationEssentials
import LinuxSystem
import Synchronization
import WorkerProtocol

/// Asks the programme for a keyframe, so that a receiver that joins need not wait for the next one. An answer changes
/// nothing: without a keyframe on request there is one soon anyway.
final class KeyframeRequester: Sendable {
    /// Several reasons to ask within this time are one.
    private static let interval = Duration.milliseconds(150)

    private let socket: String
    private let line: [UInt8]
    private let lastAsked = Mutex<MonotonicInstant?>(nil)

    init(programSocket: String) throws {
        socket = programSocket
        line = Array(try JSONEncoder().encode(WorkerRequest(serial: 1, body: .requestKeyframe)))
    }

    /// Never waits.
    func request() {
        let now = MonotonicInstant.now
        let isTooSoon = lastAsked.withLock { last in
            if let last, last.duration(to: now) < Self.interval { return true }
            last = now
            return false
        }
        // A programme that is not there begins with a keyframe when it comes.
        guard !isTooSoon, let connection = try? LineConnection.connect(path: socket) else { return }
        try? connection.send(line)
        Task {
            let deadline = Task {
                try await Task.sleep(for: .seconds(2))
                connection.close()
            }
            var answers = connection.lines.makeAsyncIterator()
            _ = try? await answers.next()
            deadline.cancel()
            connection.close()
        }
    }
}
