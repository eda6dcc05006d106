/// How a process is brought to its end: one rung after the other, each with its patience. Who survives the last one is
/// abandoned (a process in uninterruptible sleep survives even SIGKILL).
public struct StopLadder: Sendable, Equatable {
    public enum Action: Sendable, Equatable {
        /// `stop` on its control socket; skipped where there is no connection.
        case ask
        case terminate
        case kill
    }

    public struct Rung: Sendable, Equatable {
        public var action: Action
        /// How long to wait for the end before the next rung.
        public var patience: Duration

        public init(_ action: Action, patience: Duration) {
            self.action = action
            self.patience = patience
        }
    }

    public private(set) var rungs: [Rung]

    public init(_ rungs: [Rung]) {
        self.rungs = rungs
    }

    public static let standard = StopLadder([
        Rung(.ask, patience: .seconds(2)), Rung(.terminate, patience: .seconds(2)), Rung(.kill, patience: .seconds(2)),
    ])

    /// For one that is ill: nothing gentle is of use any more.
    public var killingOnly: StopLadder {
        StopLadder(rungs.filter { $0.action == .kill })
    }

    /// The next thing to do; nil: abandon it.
    public mutating func next() -> Rung? {
        rungs.isEmpty ? nil : rungs.removeFirst()
    }
}
