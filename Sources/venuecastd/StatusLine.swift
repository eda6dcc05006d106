import VenuecastModel

/// How everything is, in one line for `systemctl status`:
/// `on air: camera; 11 of 12 venues ok; jimo: nobody connected`.
enum StatusLine {
    /// Kinds of trouble, and names of each, before the rest is only counted.
    private static let most = 4
    private static let absent = "nobody connected"

    static func of(_ status: ActivityStatus) -> String {
        ([program(status.program), venues(status.venues)] + troubles(status)).joined(separator: "; ")
    }

    private static func program(_ program: ProgramStatus) -> String {
        guard let onAir = program.onAir else { return "no programme" }
        let notes = [program.mode == "manual" ? "taken" : nil, program.audio.muted == true ? "muted" : nil]
            .compactMap { $0 }
        return "on air: \(onAir)" + (notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))")
    }

    private static func venues(_ venues: [VenueStatus]) -> String {
        let meant = venues.filter { $0.health != .off }
        let ok = meant.filter { $0.health == .ok }.count
        let off = venues.count - meant.count
        return "\(ok) of \(meant.count) venues ok" + (off == 0 ? "" : ", \(off) off")
    }

    /// `jimo, pingdu: nobody connected`, in the order of the configuration.
    private static func troubles(_ status: ActivityStatus) -> [String] {
        var kinds: [(reason: String, subjects: [String])] = []
        func note(_ subject: String, _ health: Health, _ reasons: [Reason], else word: String) {
            guard health == .degraded || health == .failed else { return }
            let reason = reasons.first.map { words($0.code) } ?? word
            if let index = kinds.firstIndex(where: { $0.reason == reason }) {
                kinds[index].subjects.append(subject)
            } else {
                kinds.append((reason, [subject]))
            }
        }
        note("programme", status.program.health, status.program.reasons, else: "starting")
        for venue in status.venues {
            let isAbsent = venue.state == .waiting
            note(venue.id, venue.health, isAbsent ? [] : venue.reasons, else: isAbsent ? absent : venue.state.rawValue)
        }
        for input in status.inputs { note("input \(input.id)", input.health, input.reasons, else: "starting") }
        let shown = kinds.prefix(most).map { "\(names($0.subjects)): \($0.reason)" }
        return kinds.count > most ? shown + ["and \(kinds.count - most) more"] : shown
    }

    private static func names(_ subjects: [String]) -> String {
        let shown = subjects.prefix(most).joined(separator: ", ")
        return subjects.count > most ? "\(shown) and \(subjects.count - most) more" : shown
    }

    private static func words(_ code: String) -> String {
        code == "absent" ? absent : code.replacing("-", with: " ")
    }
}
