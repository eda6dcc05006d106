import Foundation
import Glibc
import VenuecastModel

/// One number, with what it ought to be.
struct Figure: Encodable, Sendable {
    var name: String
    var value: Double?
    var unit: String
    /// As the issue words it; nil for a number that is told and not judged.
    var target: String?
    var met: Bool?
    var note: String?

    /// - Parameter atMost: met when the value is not larger.
    static func limited(_ name: String, _ value: Double?, _ unit: String, atMost: Double, note: String? = nil) -> Figure
    {
        Figure(
            name: name, value: value, unit: unit, target: "≤ \(plain(atMost)) \(unit)",
            met: value.map { $0 <= atMost } ?? false, note: note)
    }

    /// - Parameter atLeast: met when the value is not smaller.
    static func reached(_ name: String, _ value: Double?, _ unit: String, atLeast: Double, note: String? = nil)
        -> Figure
    {
        Figure(
            name: name, value: value, unit: unit, target: "≥ \(plain(atLeast)) \(unit)",
            met: value.map { $0 >= atLeast } ?? false, note: note)
    }

    static func told(_ name: String, _ value: Double?, _ unit: String, note: String? = nil) -> Figure {
        Figure(name: name, value: value, unit: unit, note: note)
    }

    var shown: String { value.map { "\(Self.plain($0)) \(unit)" } ?? "–" }

    private static func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : String(format: "%.3g", value)
    }
}

/// Everything one run printed.
struct Report: Encodable, Sendable {
    var version = Venuecast.version
    var date = VenuecastJSON.format(Date())
    var machine = Machine.describe()
    var figures: [Figure] = []

    func table() -> String {
        let heads = ["figure", "measured", "target", ""]
        let rows = figures.map { figure in
            [
                figure.name, figure.shown, figure.target ?? "",
                figure.met.map { $0 ? "met" : "MISSED" } ?? "",
            ]
        }
        let widths = heads.indices.map { column in ([heads] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            "| "
                + zip(cells, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
                .joined(separator: " | ") + " |"
        }
        let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
        let notes = figures.compactMap { figure in figure.note.map { "- \(figure.name): \($0)" } }
        return ([line(heads), rule] + rows.map(line) + notes).joined(separator: "\n")
    }
}

enum Machine {
    static func describe() -> String {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        var name = utsname()
        uname(&name)
        let release = withUnsafePointer(to: &name.release) {
            $0.withMemoryRebound(to: CChar.self, capacity: 65) { String(cString: $0) }
        }
        let gigabytes = Int(
            (Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e9).rounded())
        return "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) × \(model ?? "unknown CPU"), \(gigabytes) GB, Linux \(release)"
    }
}

extension [Double] {
    /// Nearest rank; nil when there is nothing.
    func percentile(_ percent: Double) -> Double? {
        guard !isEmpty else { return nil }
        let sorted = sorted()
        return sorted[Swift.max(0, Int((Double(count) * percent / 100).rounded(.up)) - 1)]
    }

    var median: Double? { percentile(50) }
}
