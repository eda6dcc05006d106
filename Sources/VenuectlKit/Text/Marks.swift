import Foundation
import VenuecastModel

extension Health {
    var mark: Line.Span {
        switch self {
        case .ok: Line.Span("✓", .green)
        case .degraded: Line.Span("!", .yellow)
        case .failed: Line.Span("✗", .red)
        case .off: Line.Span("–", .dim)
        }
    }

    var style: Line.Style { mark.style }
}

/// Numbers for people; what is not known is a dash.
enum Figure {
    static let unknown = "–"

    static func decimal(_ value: Double?, digits: Int = 1) -> String {
        value.map { String(format: "%.\(digits)f", $0) } ?? unknown
    }

    /// Milliseconds: a digit behind the point where it matters.
    static func milliseconds(_ value: Double?) -> String {
        decimal(value, digits: (value ?? 0) < 10 ? 1 : 0)
    }

    static func bytes(_ value: UInt64?) -> String {
        guard let value else { return unknown }
        let units = ["B", "kB", "MB", "GB", "TB"]
        var size = Double(value)
        var unit = 0
        while size >= 1000, unit < units.count - 1 {
            size /= 1000
            unit += 1
        }
        return unit == 0 ? "\(value) B" : String(format: size < 10 ? "%.1f %@" : "%.0f %@", size, units[unit])
    }

    /// From −60 to 0 dBFS.
    static func levelBar(_ peakDbfs: Double?, cells: Int = 8) -> Line.Span {
        guard let peakDbfs else { return Line.Span("[\(String(repeating: "?", count: cells))]", .yellow) }
        let filled = min(cells, max(0, Int(((peakDbfs + 60) / 60 * Double(cells)).rounded())))
        let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: cells - filled)
        // Clipping, or next to nothing, is what somebody must look at.
        return Line.Span("[\(bar)]", peakDbfs > -1 ? .red : peakDbfs < -50 ? .yellow : .green)
    }
}

/// Times of day, as the technician's clock shows them.
struct Clock: Sendable {
    let zone: TimeZone

    func time(_ date: Date) -> String {
        text(date, "HH:mm:ss")
    }

    func dayAndTime(_ date: Date) -> String {
        text(date, "yyyy-MM-dd HH:mm:ss")
    }

    /// The time alone while it is less than a day ago.
    func since(_ date: Date?, now: Date) -> String {
        guard let date else { return Figure.unknown }
        return now.timeIntervalSince(date) < 86_400 ? time(date) : text(date, "MM-dd HH:mm")
    }

    private func text(_ date: Date, _ format: String) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = zone
        formatter.dateFormat = format
        return formatter.string(from: date)
    }
}
