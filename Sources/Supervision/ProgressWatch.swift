import LinuxSystem
import WorkerProtocol

/// Tells a worker that is ill from one that gets nothing, by its two counters alone.
public struct ProgressWatch: Sendable, Equatable {
    public enum Verdict: Sendable, Equatable {
        case moving
        /// Its input stands still: not its fault.
        case starved
        /// Its output has stood still for long while its input went on.
        case stuck
    }

    /// Output at rest for so long, with input, is an illness.
    public let patience: Duration
    /// Input at rest for so long is starvation.
    public let hunger: Duration

    private var last: WorkerReport.Progress?
    private var inputMovedAt = MonotonicInstant(nanoseconds: 0)
    /// Since when input has come in and nothing has gone out.
    private var standingSince: MonotonicInstant?

    public init(patience: Duration = .seconds(5), hunger: Duration = .seconds(2)) {
        self.patience = patience
        self.hunger = hunger
    }

    /// To be called for each report, at any interval shorter than `patience`.
    public mutating func observe(_ progress: WorkerReport.Progress, at now: MonotonicInstant) -> Verdict {
        guard let previous = last else {
            last = progress
            inputMovedAt = now
            return .moving
        }
        last = progress
        let inputMoved = progress.input != previous.input
        if inputMoved { inputMovedAt = now }
        if progress.output != previous.output {
            standingSince = nil
        } else if inputMoved, standingSince == nil {
            standingSince = now
        }
        if inputMovedAt.duration(to: now) >= hunger {
            standingSince = nil
            return .starved
        }
        if let standingSince, standingSince.duration(to: now) >= patience { return .stuck }
        return .moving
    }
}
