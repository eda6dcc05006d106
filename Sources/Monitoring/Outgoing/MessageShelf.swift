import Dispatch
import Foundation
import LinuxSystem
import Synchronization
import VenuecastModel

/// The file that undelivered messages outlive the daemon in: an alarm that was raised just before it died is told by the
/// next one. Written when the disk gets round to it.
final class MessageShelf: Sendable {
    private let path: String
    private let queue = DispatchQueue(label: "venuecast.shelf")
    private let isDue = Mutex(false)

    init(path: String) {
        self.path = path
    }

    /// Nothing where there is none, or one that cannot be read.
    func load() -> [AlarmMessage] {
        guard let bytes = try? Files.read(path, limit: 16 << 20) else { return [] }
        return (try? VenuecastJSON.decode([AlarmMessage].self, from: Data(bytes))) ?? []
    }

    /// - Parameter messages: asked for just before they are written, so that what changes meanwhile needs no second writing.
    func keep(_ messages: @escaping @Sendable () -> [AlarmMessage]) {
        let isFirst = isDue.withLock { isDue in
            defer { isDue = true }
            return !isDue
        }
        guard isFirst else { return }
        queue.async {
            self.isDue.withLock { $0 = false }
            // What cannot be kept is told all the same, as long as the daemon lives.
            try? Files.ensureDirectory(Files.directory(of: self.path), mode: 0o700)
            guard let data = try? VenuecastJSON.encode(messages()) else { return }
            try? Files.writeAtomically(self.path, Array(data), mode: 0o600)
        }
    }
}
