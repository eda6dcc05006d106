/// The body of `POST /v1/reload`; may be left out.
public struct ReloadRequest: Codable, Sendable, Equatable {
    /// Says what would change, and changes nothing.
    public var dryRun: Bool?
    /// Only with `dryRun`: another file than the daemon's own, absolute.
    public var file: String?
    /// Also where it endangers a session that runs.
    public var yes: Bool?

    public init(dryRun: Bool? = nil, file: String? = nil, yes: Bool? = nil) {
        self.yes = yes
        self.dryRun = dryRun
        self.file = file
    }
}

/// What a reload changes, or would change.
public struct ReloadReport: Codable, Sendable, Equatable {
    public struct Change: Codable, Sendable, Equatable {
        public enum Kind: String, Codable, Sendable {
            case added, removed
            /// A new process takes its place.
            case restarted
            /// Changed on air; its process goes on.
            case adjusted
        }

        /// `link/shinan`.
        public var worker: String
        public var change: Kind
        /// `latencyMs: 200 → 800`; empty for `added` and `removed`.
        public var because: [String]

        public init(worker: String, change: Kind, because: [String] = []) {
            self.worker = worker
            self.change = change
            self.because = because
        }
    }

    public var dryRun: Bool
    /// The file that was read.
    public var file: String
    public var changes: [Change]
    /// What is noticed and refuses nothing: sentences.
    public var warnings: [String]
    /// The same in Chinese, as far as there is a translation; an older daemon says none.
    public var warningsZh: [String]?

    public init(
        dryRun: Bool, file: String, changes: [Change], warnings: [String], warningsZh: [String]? = nil
    ) {
        self.warningsZh = warningsZh
        self.dryRun = dryRun
        self.file = file
        self.changes = changes
        self.warnings = warnings
    }
}
