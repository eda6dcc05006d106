import Foundation
import VenuecastModel
import WorkerProtocol

/// What was given and when, as it is kept beside the recording (`asrun.json`): enough to cut and deliver a session from
/// its folder alone. Slots are those of the segments' records.
public struct AsRun: Codable, Sendable, Equatable {
    public static let fileName = "asrun.json"
    public static let csvName = "asrun.csv"

    /// A frame, and the time of day it has by the session's clock.
    public struct Point: Codable, Sendable, Equatable {
        public var bootID: String
        public var slot: UInt64
        public var timecode: String
        /// RFC 3339.
        public var time: String
    }

    /// One time a report was given.
    public struct Report: Codable, Sendable, Equatable {
        public var number: Int
        /// 1, or more when it was given before.
        public var attempt: Int
        public var department: String
        public var title: String?
        public var speaker: String?
        public var limitSeconds: Double
        /// When it was due: the session's start and the limits of the reports before it. RFC 3339.
        public var plannedIn: String
        public var plannedOut: String
        /// Its first frame, and the first one after it; `out` is missing while it runs.
        public var `in`: Point
        public var out: Point?
        public var durationSeconds: Double?
        public var overrunSeconds: Double?
        public var startedBy: String
        public var endedBy: String?
        /// The presses, where the times were amended afterwards.
        public var pressedIn: Point?
        public var pressedOut: Point?
        public var amendedBy: String?
    }

    public struct Mark: Codable, Sendable, Equatable {
        public var at: Point
        public var text: String
        public var by: String
    }

    /// A press, whether it counts or was taken back.
    public struct Press: Codable, Sendable, Equatable {
        public var sequence: Int
        public var time: String
        public var by: String
        public var what: String
        public var takenBack: Bool
    }

    public var activity: String
    public var session: String
    public var isInternal: Bool
    /// Ids; all venues unless it is internal.
    public var venues: [String]?
    public var startedAt: Point
    public var startedBy: String
    public var endedAt: Point?
    public var endedBy: String?
    public var clocks: [SessionClock]
    public var plan: PlannedSession
    /// In the order they were begun.
    public var reports: [Report]
    public var marks: [Mark]
    public var trail: [Press]

    /// - Parameters:
    ///   - log: the trail.
    ///   - id: of a session that has begun.
    public init?(_ log: SessionLog, session id: String, activity: String) {
        guard let run = log.session(id), let clock = run.clocks.first else { return nil }
        func point(_ moment: Moment) -> Point {
            let clock = run.clock(moment.bootID) ?? clock
            let slot = clock.slot(moment)
            let wall = clock.clock.wallTime(at: slot * clock.frameDuration)
            return Point(
                bootID: clock.bootID, slot: slot, timecode: clock.timecode(moment).description,
                time: HouseFormatter.stamp(wall))
        }
        var due: [Int: Double] = [:]
        var total = 0.0
        for report in run.plan.reports {
            due[report.number] = total
            total += report.limitSeconds
        }
        self.activity = activity
        session = id
        isInternal = run.plan.isInternal
        venues = run.plan.venues
        startedAt = point(run.started.at)
        startedBy = run.started.by.name
        endedAt = run.ended.map { point($0.at) }
        endedBy = run.ended?.by.name
        clocks = run.clocks
        plan = run.plan
        marks = run.marks.map { Mark(at: point($0.entry.at), text: $0.text, by: $0.entry.by.name) }
        reports = run.runs.map { given in
            let planned = run.started.at.wall + Int64((due[given.report.number] ?? 0) * 1e9)
            let seconds = given.end.map { $0.seconds(since: given.start) }
            return Report(
                number: given.report.number, attempt: given.attempt, department: given.report.department,
                title: given.report.title, speaker: given.report.speaker, limitSeconds: given.report.limitSeconds,
                plannedIn: HouseFormatter.stamp(planned),
                plannedOut: HouseFormatter.stamp(planned + Int64(given.report.limitSeconds * 1e9)),
                in: point(given.start), out: given.end.map(point), durationSeconds: seconds,
                overrunSeconds: seconds.map { max(0, $0 - given.report.limitSeconds) },
                startedBy: given.started.by.name, endedBy: given.ended?.by.name,
                pressedIn: given.amended == nil ? nil : point(given.started.at),
                pressedOut: given.amended == nil ? nil : given.ended.map { point($0.at) },
                amendedBy: given.amended?.by.name)
        }
        trail = Self.trail(log, of: id)
    }

    private static func trail(_ log: SessionLog, of id: String) -> [Press] {
        let gone = Set(
            log.entries.compactMap { entry -> Int? in
                if case .takenBack(let sequence) = entry.event { sequence } else { nil }
            })
        var active: String?
        var presses: [Press] = []
        for entry in log.entries {
            if case .sessionStarted(let plan, _) = entry.event { active = plan.id }
            var belongs = active == id
            if case .amended(let session, _, _, _) = entry.event { belongs = session == id }
            if case .rundownLoaded(_, _, let isNew) = entry.event {
                belongs = false
                if isNew { presses = [] }
            }
            if belongs {
                presses.append(
                    Press(
                        sequence: entry.sequence, time: HouseFormatter.stamp(entry.at.wall), by: entry.by.name,
                        what: entry.event.sentence.en, takenBack: gone.contains(entry.sequence)))
            }
            if case .sessionEnded = entry.event { active = nil }
        }
        return presses
    }

    public func json() throws -> [UInt8] {
        Array(try VenuecastJSON.encode(self, pretty: true)) + [0x0A]
    }

    /// With a byte order mark, so that Excel opens it as it is.
    public func csv() -> [UInt8] {
        let head = [
            "number", "attempt", "department", "title", "speaker", "limitMinutes", "plannedIn", "plannedOut", "in",
            "out", "inTimecode", "outTimecode", "durationSeconds", "overrunSeconds", "startedBy", "endedBy",
            "amendedBy",
        ]
        let rows = reports.map { report in
            [
                "\(report.number)", "\(report.attempt)", report.department, report.title ?? "", report.speaker ?? "",
                figure(report.limitSeconds / 60), report.plannedIn, report.plannedOut, report.in.time,
                report.out?.time ?? "", report.in.timecode, report.out?.timecode ?? "", figure(report.durationSeconds),
                figure(report.overrunSeconds), report.startedBy, report.endedBy ?? "", report.amendedBy ?? "",
            ]
        }
        let text = ([head] + rows).map { $0.map(quoted).joined(separator: ",") + "\r\n" }.joined()
        return [0xEF, 0xBB, 0xBF] + Array(text.utf8)
    }

    private func figure(_ value: Double?) -> String { value.map { "\(($0 * 1000).rounded() / 1000)" } ?? "" }

    private func quoted(_ text: String) -> String {
        // A spreadsheet would take it for a formula.
        let safe = text.first.map { "=+-@".contains($0) } == true ? "'" + text : text
        return safe.contains { ",\"\r\n".contains($0) } ? "\"\(safe.replacing("\"", with: "\"\""))\"" : safe
    }
}
