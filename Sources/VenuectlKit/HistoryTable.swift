import Foundation
import VenuecastModel

/// `venuectl venue history`: the last hours in a screenful.
enum HistoryTable {
    static func lines(_ history: VenueHistory, _ words: Words, _ clock: Clock, width: Int) -> [Line] {
        let points = history.points
        guard !points.isEmpty else {
            return [Line(words.pick("Nothing is kept of that time.", "该时段没有历史数据。"), .dim)]
        }
        func numbers(_ title: String, digits: Int = 1, _ value: @escaping (VenueHistory.Point) -> Double?)
            -> Table.Column
        {
            Table.Column(
                title: title, trailing: true, cells: points.map { Line.Span(Figure.decimal(value($0), digits: digits)) }
            )
        }
        let longest = points.compactMap(\.ms).max() ?? 0
        let table = Table(columns: [
            Table.Column(title: words.pick("from", "起始"), cells: points.map { Line.Span(clock.time($0.time)) }),
            Table.Column(
                title: words.pick("delay ms", "延时ms"), trailing: true,
                cells: points.map { point in
                    Line.Span((point.source == "estimated" ? "~" : "") + Figure.decimal(point.ms, digits: 0))
                }),
            numbers("p99", digits: 0) { $0.p99Ms },
            Table.Column(
                title: "", dropped: 1,
                cells: points.map { point in
                    let cells = longest > 0 ? Int(((point.ms ?? 0) / longest * 20).rounded()) : 0
                    return Line.Span(String(repeating: "=", count: min(20, max(0, cells))), .dim)
                }),
            numbers(words.pick("RTT ms", "往返ms")) { $0.rttMs },
            numbers(words.pick("loss %", "丢包%")) { $0.lossPercent },
            numbers(words.pick("given up/s", "放弃/秒")) { $0.droppedPerSecond },
            numbers("Mbit/s") { $0.sendMbps },
            numbers(words.pick("connected %", "连接%"), digits: 0) { $0.connected * 100 },
        ])
        let values = [history.p50Ms, history.p95Ms, history.p99Ms].map { Figure.decimal($0, digits: 0) }
        let summary = words.pick(
            "all of it: p50 \(values[0]), p95 \(values[1]), p99 \(values[2]) ms",
            "整个时段：p50 \(values[0])，p95 \(values[1])，p99 \(values[2]) 毫秒")
        return table.lines(width: width) + [Line(summary)]
    }
}
