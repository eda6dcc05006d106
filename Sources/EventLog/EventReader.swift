import Dispatch
import Foundation
import LinuxSystem
import Synchronization
import VenuecastModel

/// Finds older events in the files, on a queue of its own. A disk that stands still costs a reader its deadline, and
/// nobody else anything.
final class EventReader: Sendable {
    private let files: EventFiles
    private let queue = DispatchQueue(label: "venuecast.events.reader", qos: .utility)
    private let deadline: Duration

    init(files: EventFiles, deadline: Duration) {
        self.files = files
        self.deadline = deadline
    }

    struct Slow: Error, CustomStringConvertible {
        let seconds: Double
        var description: String { "the disk with the events has not yielded them within \(seconds) s" }
    }

    /// - Parameter before: the number from which on events are not looked for here.
    /// - Returns: what matches, the oldest first: the first ones behind `query.since`, or the latest ones.
    func lines(_ query: EventQuery, before: UInt64) async throws -> [[UInt8]] {
        let isWanted = Flag()
        let found = await answer(within: deadline) { [queue, files] in
            await queue.perform { Result { try Self.find(query, files, before, isWanted) } }
        }
        isWanted.lower()
        guard let found else { throw Slow(seconds: deadline.inSeconds) }
        return try found.get()
    }

    private static func find(
        _ query: EventQuery, _ files: EventFiles, _ before: UInt64, _ isWanted: Flag
    ) throws -> [[UInt8]] {
        let names = try files.names().filter { $0.firstId < before }
        var found: [[UInt8]] = []
        if let since = query.since {
            // From the file it stands in.
            let start = names.lastIndex { $0.firstId <= since + 1 } ?? 0
            for name in names.dropFirst(start) where isWanted.isUp && found.count < query.limit {
                let later = matches(query, try files.read(name)).filter { $0.id > since && $0.id < before }
                found += later.prefix(query.limit - found.count).map(\.bytes)
            }
            return found
        }
        for name in names.reversed() where isWanted.isUp && found.count < query.limit {
            let older = matches(query, try files.read(name)).filter { $0.id < before }
            found = older.suffix(query.limit - found.count).map(\.bytes) + found
        }
        return found
    }

    private static func matches(_ query: EventQuery, _ bytes: [UInt8]) -> [(id: UInt64, bytes: [UInt8])] {
        EventFiles.lines(bytes).compactMap { line in
            guard let event = line.event, query.matches(event) else { return nil }
            return (event.id, line.bytes)
        }
    }

    /// Up while somebody waits.
    private final class Flag: Sendable {
        private let value = Mutex(true)
        var isUp: Bool { value.withLock { $0 } }
        func lower() { value.withLock { $0 = false } }
    }
}
