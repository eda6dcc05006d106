import Foundation
import GRDB
import VenuecastModel

/// The database itself. Every call may wait for a disk.
///
/// Its size is bounded twice: old ticks are deleted, and a number of pages is the most that SQLite takes. What is kept is
/// counted in ticks and not in hours of a clock, which may be set.
struct HistoryFile {
    static let secondsPerTick = 5
    /// A day.
    static let ticks = 86_400 / secondsPerTick
    /// About 80 bytes each.
    static let rows = 600_000
    static let pageBytes = 4096
    static let mostBytes = 64 << 20
    /// Ticks between two deletions.
    private static let pruning: Int64 = 60

    private let queue: DatabaseQueue
    private let mostRows: Int
    private var tick: Int64

    init(path: String, mostBytes: Int = mostBytes, mostRows: Int = rows) throws {
        self.mostRows = mostRows
        var configuration = GRDB.Configuration()
        configuration.prepareDatabase { database in
            // Alone with the file, SQLite needs no shared memory, which on a disk without room would end the process (SIGBUS).
            try database.execute(
                sql: """
                    PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304;
                    PRAGMA max_page_count = \(mostBytes / Self.pageBytes);
                    """)
        }
        queue = try DatabaseQueue(path: path, configuration: configuration)
        tick = try queue.write { database in
            // A damaged page would be met in the middle of the day otherwise.
            let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
            guard verdict == "ok" else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: verdict ?? "no answer")
            }
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS sample (
                        venue TEXT NOT NULL, tick INTEGER NOT NULL, time INTEGER NOT NULL, connected INTEGER NOT NULL,
                        ms REAL, p99 REAL, measured INTEGER, rtt REAL, loss REAL, dropped REAL, mbps REAL,
                        PRIMARY KEY (venue, tick)) WITHOUT ROWID;
                    """)
            return try Int64.fetchOne(database, sql: "SELECT max(tick) FROM sample") ?? 0
        }
    }

    func close() { try? queue.close() }

    mutating func add(_ venues: [VenueStatus], at time: Date) throws {
        tick += 1
        let tick = tick
        if tick % Self.pruning == 1 { try prune(venues: venues.count) }
        do {
            try insert(venues, at: time, tick)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            // It may be its own bound; then this makes room, and on a full disk it is the same error again.
            try prune(venues: venues.count * 2)
            try insert(venues, at: time, tick)
        }
    }

    private func insert(_ venues: [VenueStatus], at time: Date, _ tick: Int64) throws {
        try queue.write { database in
            let statement = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            for venue in venues {
                let isConnected = venue.state == .connected || venue.state == .starved
                try statement.execute(arguments: [
                    venue.id, tick, Int64(time.timeIntervalSince1970 * 1000), isConnected, venue.latency.ms,
                    venue.latency.p99Ms, venue.latency.source.map { $0 == "measured" }, venue.link.rttMs,
                    venue.link.lossPercent, venue.link.droppedPerSecond, venue.link.sendMbps,
                ])
            }
        }
    }

    private func prune(venues: Int) throws {
        let kept = min(Self.ticks, mostRows / max(1, venues))
        let oldest = tick - Int64(kept)
        guard oldest > 0 else { return }
        try queue.write { try $0.execute(sql: "DELETE FROM sample WHERE tick <= ?", arguments: [oldest]) }
    }

    func read(_ venue: String, _ query: HistoryQuery, now: Date) throws -> VenueHistory {
        let ticks = max(1, query.seconds / Self.secondsPerTick)
        let group = max(1, (ticks + query.points - 1) / query.points)
        let since = Int64((now.timeIntervalSince1970 - Double(query.seconds)) * 1000)
        return try queue.read { database in
            let arguments: StatementArguments = [venue, tick - Int64(ticks), since]
            let wanted = "FROM sample WHERE venue = ? AND tick > ? AND time > ?"
            var history = VenueHistory(venue: venue, stepSeconds: group * Self.secondsPerTick)
            history.points = try Row.fetchAll(
                database,
                sql: """
                    SELECT min(time) AS time, avg(ms) AS ms, max(p99) AS p99, min(measured) AS measured, avg(rtt) AS rtt,
                        max(loss) AS loss, max(dropped) AS dropped, avg(mbps) AS mbps, avg(connected) AS connected
                    \(wanted) GROUP BY tick / \(group) ORDER BY min(tick)
                    """, arguments: arguments
            ).map(Self.point)
            let latencies = try Double.fetchAll(
                database, sql: "SELECT ms \(wanted) AND ms IS NOT NULL ORDER BY ms", arguments: arguments)
            func rank(_ percent: Int) -> Double? {
                latencies.isEmpty ? nil : Self.rounded(latencies[(latencies.count * percent - 1) / 100])
            }
            (history.p50Ms, history.p95Ms, history.p99Ms) = (rank(50), rank(95), rank(99))
            return history
        }
    }

    private static func point(_ row: Row) -> VenueHistory.Point {
        let time: Int64 = row["time"]
        var point = VenueHistory.Point(
            time: Date(timeIntervalSince1970: Double(time) / 1000), connected: rounded(row["connected"]) ?? 0)
        point.ms = rounded(row["ms"])
        point.p99Ms = rounded(row["p99"])
        let measured: Bool? = row["measured"]
        point.source = measured.map { $0 ? "measured" : "estimated" }
        point.rttMs = rounded(row["rtt"])
        point.lossPercent = rounded(row["loss"])
        point.droppedPerSecond = rounded(row["dropped"])
        point.sendMbps = rounded(row["mbps"])
        return point
    }

    private static func rounded(_ value: Double?) -> Double? { value.map { ($0 * 100).rounded() / 100 } }
}
