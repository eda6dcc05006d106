import Foundation
import VenuecastModel

/// What a monitoring plugin says (monitoring-plugins.org): a state, one line, and figures behind a bar.
struct PluginResult: Error, Sendable, Equatable {
    enum State: Int32, Sendable {
        case ok = 0
        case warning, critical, unknown

        var word: String {
            switch self {
            case .ok: "OK"
            case .warning: "WARNING"
            case .critical: "CRITICAL"
            case .unknown: "UNKNOWN"
            }
        }

        init(_ health: Health) {
            switch health {
            case .ok, .off: self = .ok
            case .degraded: self = .warning
            case .failed: self = .critical
            }
        }
    }

    struct Figure: Sendable, Equatable {
        var name: String
        var value: Double
        /// `s`, `%`, `B`, `c` for a counter, or nothing.
        var unit = ""
        var minimum: Double?
        var maximum: Double?

        var text: String {
            func plain(_ value: Double?) -> String {
                guard let value else { return "" }
                return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
            }
            let range =
                maximum != nil ? ";;;\(plain(minimum));\(plain(maximum))" : minimum != nil ? ";;;\(plain(minimum))" : ""
            return "\(name)=\(plain(value))\(unit)\(range)"
        }
    }

    var state: State
    var text: String
    var figures: [Figure] = []

    var line: String {
        // A bar begins the figures, and a line's end what some systems do not show.
        let plain = text.replacing("|", with: "/").replacing("\n", with: " ")
        let figures = figures.map(\.text).joined(separator: " ")
        return "VENUECAST \(state.word) - \(plain)" + (figures.isEmpty ? "" : " | \(figures)")
    }

    var json: Data {
        get throws {
            struct Shape: Encodable {
                var state: String
                var code: Int32
                var text: String
                var figures: [String: Double]
            }
            return try VenuecastJSON.encode(
                Shape(
                    state: state.word, code: state.rawValue, text: text,
                    figures: Dictionary(figures.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })))
        }
    }
}

/// From status to plugin results; pure.
struct PluginChecks: Sendable {
    let words: Words
    let status: ActivityStatus

    private typealias Figure = PluginResult.Figure

    func venue(_ id: String) -> PluginResult {
        guard let venue = status.venues.first(where: { $0.id == id }) else {
            let known = status.venues.map(\.id).joined(separator: ", ")
            return PluginResult(
                state: .unknown,
                text: words.pick("there is no venue “\(id)”; known: \(known)", "没有分会场“\(id)”，现有：\(known)"))
        }
        let link = venue.link
        let figures = [
            link.sendMbps.map { Figure(name: "send_mbps", value: $0, minimum: 0) },
            link.rttMs.map { Figure(name: "rtt", value: $0 / 1000, unit: "s", minimum: 0) },
            link.lossPercent.map { Figure(name: "loss", value: $0, unit: "%", minimum: 0, maximum: 100) },
            link.bytesSent.map { Figure(name: "bytes_sent", value: Double($0), unit: "c", minimum: 0) },
            venue.latency.ms.map { Figure(name: "latency", value: $0 / 1000, unit: "s", minimum: 0) },
        ].compactMap { $0 }
        let head = "\(venue.name) \(venue.id): \(words.state(venue.state))"
        return result(venue.health, head, venue.reasons, figures)
    }

    func program() -> PluginResult {
        let program = status.program
        let figures = [
            program.framesPerSecond.map { Figure(name: "fps", value: $0, minimum: 0) },
            program.bitrateKbps.map { Figure(name: "bitrate_kbps", value: $0, minimum: 0) },
            program.frames.map { Figure(name: "frames", value: Double($0), unit: "c", minimum: 0) },
            program.audio.peakDbfs.map { Figure(name: "peak_dbfs", value: $0) },
        ].compactMap { $0 }
        let head =
            program.onAir.map { words.pick("on air: \($0)", "播出：\($0)") } ?? words.pick("nothing on air", "无播出")
        return result(program.health, head, program.reasons, figures)
    }

    func recording() -> PluginResult {
        let recording = status.recording
        let figures = [
            recording.bytesWritten.map { Figure(name: "bytes_written", value: Double($0), unit: "c", minimum: 0) },
            recording.lastWriteAgeMs.map { Figure(name: "last_write_age", value: $0 / 1000, unit: "s", minimum: 0) },
            recording.freeBytes.map { Figure(name: "free", value: Double($0), unit: "B", minimum: 0) },
            recording.hoursLeft.map { Figure(name: "left", value: $0 * 3600, unit: "s", minimum: 0) },
        ].compactMap { $0 }
        let head =
            recording.health == .off
            ? words.pick("no session, nothing to record", "无场次，不需录制")
            : words.pick("recording: \(recording.state.rawValue)", "录制：\(recording.state.rawValue)")
        return result(recording.health, head, recording.reasons, figures)
    }

    func all() -> PluginResult {
        let counts = Health.allCases.map { health in
            Figure(
                name: "venues_\(health.rawValue)", value: Double(status.venues.count { $0.health == health }),
                minimum: 0,
                maximum: Double(status.venues.count))
        }
        // The worst first: a line may be cut off.
        let parts =
            [(status.program.health, "program", status.program.reasons)]
            + status.venues.map { ($0.health, $0.id, $0.reasons) }
            + [(status.recording.health, "recording", status.recording.reasons)]
            + status.inputs.map { ($0.health, $0.id, $0.reasons) }
        let bad = [Health.failed, .degraded].flatMap { health in parts.filter { $0.0 == health } }
        let text = bad.isEmpty ? words.count(status.venues) : bad.map { named($0.1, $0.2) }.joined(separator: "; ")
        let fps = status.program.framesPerSecond.map { Figure(name: "fps", value: $0, minimum: 0) }
        return PluginResult(state: .init(status.health), text: text, figures: counts + [fps].compactMap { $0 })
    }

    private func named(_ name: String, _ reasons: [Reason]) -> String {
        guard let first = reasons.first else { return name }
        return "\(name): \(first.code)"
    }

    private func result(
        _ health: Health, _ head: String, _ reasons: [Reason], _ figures: [PluginResult.Figure]
    ) -> PluginResult {
        let text = ([head] + reasons.map(words.reason)).joined(separator: "; ")
        return PluginResult(state: .init(health), text: text, figures: figures)
    }
}
