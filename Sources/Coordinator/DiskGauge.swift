import Dispatch
import LinuxSystem
import Synchronization

/// How much is free where recordings go, also while none runs. Asked again and again where nobody waits for it: a disk that
/// stands still leaves the figure as it was, and then none.
final class DiskGauge: Sendable {
    private static let interval = Duration.seconds(5)
    /// An older figure is none.
    private static let memory = Duration.seconds(30)

    private struct Reading: Sendable {
        var freeBytes: Int64
        var directory: String
        var at: MonotonicInstant
    }

    private let queue = DispatchQueue(label: "venuecast.disk-gauge")
    private let reading = Mutex<Reading?>(nil)
    private let isAsking = Mutex(false)

    /// Until it is cancelled.
    /// - Parameter directory: nil: nothing is recorded.
    func run(_ directory: @escaping @Sendable () -> String?) async {
        while !Task.isCancelled {
            if let directory = directory() { read(directory) }
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func read(_ directory: String) {
        // A disk that stands still is asked once.
        let isFirst = isAsking.withLock { isAsking in
            defer { isAsking = true }
            return !isAsking
        }
        guard isFirst else { return }
        queue.async { [self] in
            defer { isAsking.withLock { $0 = false } }
            let now = Files.freeBytes(directory).map { Reading(freeBytes: $0, directory: directory, at: .now) }
            reading.withLock { $0 = now }
        }
    }

    func freeBytes(_ directory: String) -> Int64? {
        reading.withLock { reading in
            guard let reading, reading.directory == directory, reading.at.duration(to: .now) < Self.memory else {
                return nil
            }
            return reading.freeBytes
        }
    }
}
