import Foundation
import VenuecastModel
import WorkerProtocol

@testable import Sessions

let li = Person(name: "li", uid: 1001)
let wang = Person(name: "wang", uid: 1002)

/// A trail that is written order by order, on a clock that only we move.
struct Trail {
    static let venues = ["shinan", "jimo", "laixi"].map { RundownReader.Venue(id: $0, name: "\($0)分会场") }
    static let csv = """
        session,number,department,limitMinutes,title,speaker,venues
        S1,1,市财政局,10,预算,张三,
        S1,2,市教育局,10,,,
        S1,3,市公安局,1,,,
        S2,1,市监察局,5,,,jimo
        """
    /// 2012-11-16 14:00 in Beijing, at CLOCK_MONOTONIC 1000 s.
    static let clock = SessionClock(
        bootID: "boot-1", frameRate: 25,
        clock: DayClock(offset: 1_353_045_600_000_000_000 - 1_000_000_000_000, utcOffsetSeconds: 8 * 3600))

    var log = SessionLog()
    var monotonic: UInt64 = 1_000_000_000_000
    var clock = Trail.clock

    var now: Moment { clock.moment(monotonic: monotonic) }

    mutating func wait(_ seconds: Double) { monotonic += UInt64(seconds * 1e9) }

    mutating func order(_ order: SessionOrder, by person: Person = li, seen: Int? = nil) throws(ControlError) {
        let decision = SessionDecision(log: log, now: now, by: person, seen: seen, venues: Self.venues)
        let event = try decision.event(order, clock: clock)
        log = log.adding(JournalEntry(sequence: log.revision + 1, at: now, by: person, event: event))
    }

    /// What it is refused with; changes nothing.
    func refusal(_ order: SessionOrder, by person: Person = li, seen: Int? = nil) -> ControlError? {
        do {
            var trial = self
            try trial.order(order, by: person, seen: seen)
            return nil
        } catch {
            return error
        }
    }

    /// With the rundown, and a session that has just begun.
    static func begun(_ session: String = "S1") throws -> Trail {
        var trail = Trail()
        try trail.order(.loadRundown(csv: Array(csv.utf8), isNew: false))
        try trail.order(.startSession(session))
        trail.wait(3)
        return trail
    }
}
