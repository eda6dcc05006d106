/// What goes into `log/` and beside the edit lists, as tables.
enum LogTables {
    static func rundown(_ plan: DeliveryPlan) -> [UInt8] {
        var table = CSV("session", "number", "department", "title", "speaker", "limitSeconds", "takes")
        for planned in plan.rundown {
            table.add(
                plan.session, String(planned.number), planned.department, planned.title, planned.speaker,
                planned.limitSeconds.map { seconds($0) },
                "\(plan.reports.count { $0.planned.number == planned.number })")
        }
        return table.bytes
    }

    /// - Parameter files: a clip's file and its checksums, in the order of the plan's reports; nil where there is none.
    static func asRun(_ plan: DeliveryPlan, _ time: FrameTime, files: [DeliveredFile?]) -> [UInt8] {
        var table = CSV(
            "session", "number", "take", "department", "title", "speaker", "plannedIn", "plannedOut", "in", "out",
            "inTime", "outTime", "frames", "durationSeconds", "limitSeconds", "overrunSeconds", "startedBy", "endedBy",
            "amended", "file", "xxh64",
            "md5")
        for (report, file) in zip(plan.reports, files) {
            let limit = report.planned.limitSeconds
            let over = limit.map { max(0, report.range.count - Int(($0 * Double(time.frameRate)).rounded())) }
            table.add(
                plan.session, String(report.planned.number), String(report.take), report.planned.department,
                report.planned.title, report.planned.speaker, report.plannedIn, report.plannedOut,
                time.timecode(report.start), time.timecode(report.end),
                time.time(report.start), time.time(report.end), String(report.range.count),
                time.seconds(report.range.count), limit.map { seconds($0) }, over.map { time.seconds($0) },
                report.startedBy,
                report.endedBy, report.isAmended ? "yes" : "no", file?.path, file?.xxh64, file?.md5)
        }
        return table.bytes
    }

    private static func seconds(_ value: Double) -> String {
        value == value.rounded() ? String(Int(value)) : String(value)
    }

    static func gaps(_ gaps: [Gap], _ time: FrameTime) -> [UInt8] {
        var table = CSV("kind", "in", "out", "inTime", "outTime", "frames", "durationSeconds", "segment", "cause")
        for gap in gaps {
            table.add(
                gap.kind.rawValue, time.timecode(gap.start), time.timecode(gap.end), time.time(gap.start),
                time.time(gap.end), String(gap.range.count), time.seconds(gap.range.count), gap.segment, gap.cause)
        }
        return table.bytes
    }

    static func markers(_ cuts: CutList) -> [UInt8] {
        var table = CSV("kind", "name", "in", "out", "inTime", "frames", "durationSeconds", "note")
        for marker in cuts.markers {
            table.add(
                marker.kind.rawValue, marker.name, cuts.time.timecode(marker.frame),
                cuts.time.timecode(marker.frame + marker.length), cuts.time.time(marker.frame), String(marker.length),
                cuts.time.seconds(marker.length), marker.note)
        }
        return table.bytes
    }
}
