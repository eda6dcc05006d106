import Foundation
import VenuecastModel

/// Times as people and other programs read them.
enum HouseFormatter {
    static func date(_ wall: Int64) -> Date { Date(timeIntervalSince1970: Double(wall) / 1e9) }

    /// RFC 3339 with milliseconds.
    static func stamp(_ wall: Int64) -> String { VenuecastJSON.format(date(wall)) }

    /// `14:03:10`, local.
    static func timeOfDay(_ wall: Int64) -> String {
        String(stamp(wall).dropFirst(11).prefix(8))
    }
}

extension Moment {
    public var date: Date { HouseFormatter.date(wall) }
}
