import Dispatch
import Glibc
import LinuxSystem
import VenuecastModel

/// Small pictures: files that workers leave in the run directory.
extension Coordinator {
    /// An older one shows nothing that is so now, seconds.
    private static let freshness = 10
    private static let queue = DispatchQueue(label: "venuecast.thumbnails")

    public nonisolated func thumbnail(ofInput input: String?) async throws(ControlError) -> [UInt8]? {
        if let input, !activity.inputs.contains(input) { throw .unknownInput(input, known: activity.inputs) }
        let path = paths.thumbnail(input.map(WorkerID.input) ?? WorkerID.program)
        return await Self.queue.perform {
            var facts = stat()
            guard stat(path, &facts) == 0, time(nil) - facts.st_mtim.tv_sec <= Self.freshness else { return nil }
            return try? Files.read(path)
        }
    }
}
