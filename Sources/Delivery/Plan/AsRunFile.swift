import FoundationEssentials
import LinuxSystem
import WorkerProtocol

/// What a session leaves beside its recording about what happened in it; written by the daemon.
struct AsRunFile: Decodable, Sendable {
    static let name = "asrun.json"

    /// - Parameter directory: the session's.
    static func path(_ directory: String) -> String { "\(directory)/\(name)" }

    struct Point: Decodable, Sendable {
        var bootID: String
        var slot: UInt64
    }
    struct Report: Decodable, Sendable {
        var number: Int
        var attempt: Int?
        var department: String
        var title: String?
        var speaker: String?
        var limitSeconds: Double?
        var plannedIn: String?
        var plannedOut: String?
        var `in`: Point
        var out: Point?
        var startedBy: String?
        var endedBy: String?
        var amendedBy: String?
    }
    struct Mark: Decodable, Sendable {
        var at: Point
        var text: String
        var by: String?
    }
    struct Planned: Decodable, Sendable {
        struct Report: Decodable, Sendable {
            var number: Int
            var department: String
            var title: String?
            var speaker: String?
            var limitSeconds: Double?
        }
        var reports: [Report]
    }

    var activity: String?
    var session: String
    var endedAt: Point?
    var clocks: [SessionClock]
    var plan: Planned?
    var reports: [Report]
    var marks: [Mark]?

    /// - Returns: what happened; without reports where nobody wrote that down, which `isComplete` says.
    /// - Throws: `DeliveryError` when it cannot be read.
    static func plan(_ recording: Recording) throws -> (plan: DeliveryPlan, isComplete: Bool) {
        let directory = recording.directory
        let time = recording.time
        var plan = DeliveryPlan(
            session: recording.session, frameRate: time.frameRate, utcOffsetSeconds: time.utcOffsetSeconds)
        guard Files.exists(path(directory)) else { return (plan, false) }
        let file: AsRunFile
        do {
            file = try JSONDecoder().decode(AsRunFile.self, from: Data(Files.read(path(directory), limit: 64 << 20)))
        } catch {
            throw DeliveryError(
                "\(path(directory)) cannot be read: \(error).", "无法读取 \(path(directory))：\(error)。",
                next: "Restore it from the daemon's state, or move it away to deliver the recording without reports.",
                "请恢复该文件，或将其移走，以便不含汇报地交付录制内容。")
        }
        try file.fill(&plan, recording)
        return (plan, true)
    }

    private func fill(_ plan: inout DeliveryPlan, _ recording: Recording) throws {
        let all = clocks + recording.segments.map(\.record.clock)
        func frame(_ point: Point) throws -> Int {
            guard let clock = all.first(where: { $0.bootID == point.bootID }) else {
                throw DeliveryError(
                    "\(Self.path(recording.directory)) speaks of a start of the machine (\(point.bootID)) that has no clock.",
                    "\(Self.path(recording.directory)) 提到的开机标识（\(point.bootID)）没有对应的时钟。",
                    next: "Restore the file.", "请恢复该文件。")
            }
            return clock.clock.frameNumber(ofSlot: point.slot, frameRate: clock.frameRate)
        }
        plan.activity = activity
        plan.rundown = (self.plan?.reports ?? []).map {
            DeliveryPlan.Planned(
                number: $0.number, department: $0.department, title: $0.title, speaker: $0.speaker,
                limitSeconds: $0.limitSeconds)
        }
        let end = try endedAt.map(frame) ?? recording.range.upperBound
        plan.reports = try reports.map { report in
            let start = try frame(report.in)
            return DeliveryPlan.Report(
                planned: DeliveryPlan.Planned(
                    number: report.number, department: report.department, title: report.title,
                    speaker: report.speaker, limitSeconds: report.limitSeconds),
                take: report.attempt ?? 1, start: start, end: max(start, try report.out.map(frame) ?? end),
                plannedIn: report.plannedIn, plannedOut: report.plannedOut, startedBy: report.startedBy,
                endedBy: report.endedBy, isAmended: report.amendedBy != nil)
        }
        plan.marks = try (marks ?? []).map { DeliveryPlan.Mark(frame: try frame($0.at), text: $0.text, by: $0.by) }
    }
}
