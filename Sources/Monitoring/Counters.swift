import Foundation
import VenuecastModel

/// Totals that never go backwards while the daemon lives: a worker that starts anew counts from 0 again, and what its
/// predecessor had counted is kept. Pure; observed in order, by one.
struct Counters: Sendable {
    private struct Counter: Sendable {
        /// Of the processes before.
        var base: UInt64 = 0
        var last: UInt64 = 0
        var process: Date?

        var total: UInt64 { base + last }
    }

    private var counters: [String: Counter] = [:]
    /// When the workers' processes started, as of the last observation.
    private var started: [String: Date] = [:]

    /// - Parameters:
    ///   - value: as the process says it; nil while it does not. A smaller one than before is no news: it was not seen to
    ///     go back, and only another process begins anew.
    ///   - process: when the process started that counts.
    mutating func observe(_ name: String, _ value: UInt64?, of process: Date?) {
        guard let value else { return }
        var counter = counters[name] ?? Counter(process: process)
        if let process, let before = counter.process, process != before {
            (counter.base, counter.last) = (counter.total, 0)
        }
        counter.last = max(counter.last, value)
        counter.process = process ?? counter.process
        counters[name] = counter
    }

    /// One that is seen to fall has begun anew.
    private mutating func observe(exact name: String, _ value: UInt64) {
        var counter = counters[name] ?? Counter()
        if value < counter.last { counter.base = counter.total }
        counter.last = value
        counters[name] = counter
    }

    /// Nil until it was observed.
    subscript(name: String) -> UInt64? { counters[name]?.total }

    private static let session = "recorded/"

    /// Bytes of all sessions' recordings.
    var recorded: UInt64? {
        let sessions = counters.filter { $0.key.hasPrefix(Self.session) }
        return sessions.isEmpty ? nil : sessions.reduce(0) { $0 + $1.value.total }
    }

    /// - Parameter workers: were looked at after `status`.
    mutating func observe(_ status: ActivityStatus, _ workers: [WorkerStatus]) {
        let before = started
        started = Dictionary(
            workers.compactMap { worker in worker.startedAt.map { (worker.id, $0) } }, uniquingKeysWith: { $1 })
        for venue in status.venues {
            let link = venue.link
            observe(
                "link/\(venue.id)", before,
                [
                    ("bytes/\(venue.id)", link.bytesSent), ("sent/\(venue.id)", link.packetsSent),
                    ("lost/\(venue.id)", link.packetsLost), ("retransmitted/\(venue.id)", link.packetsRetransmitted),
                    ("dropped/\(venue.id)", link.packetsDropped),
                    // A link that does not run says 0 of itself.
                    ("reconnects/\(venue.id)", link.bytesSent == nil ? nil : UInt64(max(0, link.reconnects))),
                ])
        }
        observe("program", before, [("frames", status.program.frames)])
        // What a session's recorders say is of all of them, those before as well, and falls while one takes stock.
        if let session = status.recording.session {
            observe(Self.session + session, status.recording.bytesWritten, of: nil)
        }
        for worker in workers { observe(exact: "restarts/\(worker.id)", UInt64(max(0, worker.restarts))) }
    }

    private mutating func observe(
        _ worker: String, _ before: [String: Date], _ values: [(name: String, value: UInt64?)]
    ) {
        let process = started[worker]
        // Its process was replaced since the last look: whose values these are cannot be told before the next one.
        if let earlier = before[worker], earlier != process { return }
        for (name, value) in values { observe(name, value, of: process) }
    }
}
