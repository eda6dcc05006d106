/// How long to wait before a worker that ended unasked is started again. The first restart is immediate; then
/// 0.5, 1, 2, 4 … 30 s.
public struct BackOff: Sendable, Equatable {
    /// How a worker's life ended.
    public enum Ending: Sendable, Equatable {
        /// - Parameter readyFor: how long it had been ready; nil when it never was.
        case failed(readyFor: Duration?)
        /// It says that its specification or pipeline is unusable: another try soon would fail the same way.
        case unusable
    }

    public static let longest = Duration.seconds(30)
    /// Ready for so long, and what was before is forgiven.
    public static let forgivenAfter = Duration.seconds(30)
    /// Ready for so long, and it is started again at once; short enough that a link killed twice in a row comes back
    /// quickly, long enough that a crash loop does not eat a core.
    public static let provenAfter = Duration.seconds(5)

    private var failures = 0

    public init() {}

    /// Takes note of an ending and says how long to wait.
    public mutating func delay(after ending: Ending) -> Duration {
        switch ending {
        case .unusable:
            failures = max(failures + 1, 5)
        case .failed(let readyFor):
            if let readyFor, readyFor >= Self.forgivenAfter { failures = 0 }
            failures += 1
            if let readyFor, readyFor >= Self.provenAfter { return .zero }
        }
        if failures == 1 { return .zero }
        // Beyond six doublings it is the longest one anyway.
        return min(.milliseconds(500) * (1 << min(failures - 2, 6)), Self.longest)
    }
}
