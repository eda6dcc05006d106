import Foundation
import VenuecastModel

/// The venues as a table: in `status` and in `venue list`.
enum VenueTable {
    /// - Parameter ids: with the ids whatever the width; otherwise only where there is room.
    static func lines(
        _ venues: [VenueStatus], now: Date, _ words: Words, _ clock: Clock, width: Int, ids: Bool = false
    ) -> [Line] {
        func numbers(_ title: String, dropped: Int? = nil, _ cell: (VenueStatus) -> Line.Span) -> Table.Column {
            Table.Column(title: title, trailing: true, dropped: dropped, cells: venues.map(cell))
        }
        let columns = [
            Table.Column(title: "", cells: venues.map(\.health.mark)),
            Table.Column(title: words.pick("venue", "会场"), minimum: 10, cells: venues.map { Line.Span($0.name) }),
            Table.Column(title: "id", dropped: ids ? nil : 0, cells: venues.map { Line.Span($0.id) }),
            Table.Column(
                title: words.pick("state", "状态"),
                cells: venues.map { Line.Span(words.state($0), $0.health == .ok ? .plain : $0.health.style) }),
            Table.Column(
                title: words.pick("peer", "对端"), minimum: 12, dropped: 2,
                cells: venues.map { Line.Span($0.link.peer ?? Figure.unknown) }),
            numbers("Mbit/s") { Line.Span(Figure.decimal($0.link.sendMbps)) },
            numbers(words.pick("RTT ms", "往返ms"), dropped: 4) { Line.Span(Figure.milliseconds($0.link.rttMs)) },
            numbers(words.pick("loss %", "丢包%"), dropped: 5) { venue in
                let loss = venue.link.lossPercent
                return Line.Span(Figure.decimal(loss), (loss ?? 0) >= 1 ? .yellow : .plain)
            },
            numbers(words.pick("delay ms", "延时ms"), dropped: 3) { venue in
                let estimated = venue.latency.source == "estimated" ? "~" : ""
                return Line.Span(estimated + Figure.decimal(venue.latency.ms, digits: 0))
            },
            numbers(words.pick("since", "连接于"), dropped: 1) { venue in
                Line.Span(clock.since(venue.link.connectedSince, now: now))
            },
        ]
        return Table(columns: columns).lines(width: width)
    }
}
