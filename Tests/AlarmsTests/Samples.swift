import Foundation
import LinuxSystem
import VenuecastModel

@testable import Alarms

extension Reason {
    static func sample(_ code: String) -> Reason { Reason(code: code, text: "Cause \(code).", textZh: "原因 \(code)。") }
}

/// A ledger that is shown one status after the other, with a clock of its own.
struct Watcher {
    var ledger = AlarmLedger()
    var policy = AlarmPolicy()
    var status = Watcher.well(12)
    var workers: [WorkerStatus] = []
    var eventsNotWritten: String?
    private(set) var seconds = 0.0

    static func well(_ venues: Int) -> ActivityStatus {
        ActivityStatus(
            activity: "x", health: .ok, time: Date(timeIntervalSince1970: 0), startedAt: Date(), version: "1",
            program: ProgramStatus(health: .ok, onAir: "camera"),
            inputs: ["camera", "standby"].map { InputStatus(id: $0, health: .ok, onAir: $0 == "camera") },
            venues: (1...venues).map {
                VenueStatus(
                    id: "v\($0)", name: "会场\($0)", health: .ok, state: .connected, link: LinkStatus(url: "srt://x"))
            })
    }

    /// Ten looks a second for so long.
    /// - Returns: what became of alarms, without changes of words.
    mutating func watch(_ duration: Double) -> [AlarmChange] {
        var changes: [AlarmChange] = []
        let end = seconds + duration
        while seconds < end - 0.05 {
            seconds += 0.1
            changes += look()
        }
        return changes.filter { if case .changed = $0 { false } else { true } }
    }

    mutating func look() -> [AlarmChange] {
        status.time = Date(timeIntervalSince1970: seconds)
        return ledger.observe(
            AlarmFacts(status: status, workers: workers, eventsNotWritten: eventsNotWritten), policy,
            at: MonotonicInstant(nanoseconds: Int64(seconds * 1e9)), time: status.time)
    }

    /// The daemon is another one now.
    mutating func restart() throws {
        let data = try VenuecastJSON.encode(ledger.saved)
        ledger = AlarmLedger(
            try VenuecastJSON.decode(AlarmLedger.Saved.self, from: data),
            at: MonotonicInstant(nanoseconds: Int64(seconds * 1e9)))
    }

    mutating func venue(_ index: Int, _ health: Health, _ state: VenueStatus.State, _ code: String? = nil) {
        status.venues[index].health = health
        status.venues[index].state = state
        status.venues[index].reasons = code.map { [.sample($0)] } ?? []
    }

    mutating func lose(_ index: Int) { venue(index, .failed, .retrying, "absent") }
    mutating func restore(_ index: Int) { venue(index, .ok, .connected) }
}

extension [AlarmChange] {
    /// `+venue/v1`, `-venue/v1 over`.
    var short: [String] {
        map { change in
            switch change {
            case .raised(let alarm): "+\(alarm.subject)"
            case .cleared(let alarm, let why): "-\(alarm.subject) \(why.rawValue)"
            case .changed(let alarm): "~\(alarm.subject)"
            }
        }
    }
}
