import LinuxSystem
import VenuecastModel

extension ClockStatus {
    public init(_ keeping: ClockKeeping) {
        self.init(
            source: keeping.keeper.rawValue, synchronised: keeping.isSynchronised,
            uncertaintyMs: keeping.uncertaintyMs.map { ($0 * 1000).rounded() / 1000 })
    }
}

extension EventDraft {
    init(_ disturbance: ClockWatch.Disturbance) {
        switch disturbance {
        case .stepped(let milliseconds):
            self.init(
                EventKind.clock, "daemon",
                details: ["what": "stepped", "milliseconds": "\(Int(milliseconds.rounded()))"])
        case .suspended(let seconds):
            self.init(
                EventKind.clock, "daemon", details: ["what": "suspended", "seconds": "\(Int(seconds.rounded()))"])
        }
    }
}
