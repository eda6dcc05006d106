import Foundation
import VenuecastModel

/// Totals that never go backwards while the daemon lives: a worker that starts anew counts from 0 again, and what its
/// predecessor had counted is kept. Pure.
struct Counters: Sendable {
    private struct Counter: Sendable {
        /// Of the processes before.
        var base: UInt64 = 0
        var last: UInt64 = 0
        var process: Date?

        var total: UInt64 { base + last }
    }

    private var counters: [String: Counter] = [:]

    /// - Parameters:
    ///   - value: as the process says it; nil while it does not.
    ///   - process: when the process started that counts.
    mutating func observe(_ name: String, _ value: UInt64?, of process: Date?) {
        guard let value else { return }
        var counter = counters[name] ?? Counter(process: process)
        if value < counter.last || (process != nil && process != counter.process && counter.process != nil) {
            counter.base += counter.last
        }
        counter.last = value
        counter.process = process ?? counter.process
        counters[name] = counter
    }

    /// Nil until it was observed.
    subscript(name: String) -> UInt64? { counters[name]?.total }

    mutating func observe(_ status: ActivityStatus, _ workers: [WorkerStatus]) {
        let started = Dictionary(workers.map { ($0.id, $0.startedAt) }, uniquingKeysWith: { first, _ in first })
        for venue in status.venues {
            let link = venue.link
            let process = started["link/\(venue.id)"] ?? nil
            for (name, value) in [
                ("bytes", link.bytesSent), ("sent", link.packetsSent), ("lost", link.packetsLost),
                ("retransmitted", link.packetsRetransmitted), ("dropped", link.packetsDropped),
            ] {
                observe("\(name)/\(venue.id)", value, of: process)
            }
            // A link that does not run says 0 of itself.
            if link.bytesSent != nil { observe("reconnects/\(venue.id)", UInt64(max(0, link.reconnects)), of: process) }
        }
        observe("frames", status.program.frames, of: started["program"] ?? nil)
        observe("recorded", status.recording.bytesWritten, of: nil)
        for worker in workers { observe("restarts/\(worker.id)", UInt64(max(0, worker.restarts)), of: nil) }
    }
}
