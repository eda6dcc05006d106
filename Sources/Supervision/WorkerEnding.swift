import LinuxSystem
import WorkerProtocol

/// How a worker's process came to its end, unasked; or how it did not, when it was to.
public struct WorkerEnding: Sendable, Equatable {
    /// Seconds since 1970.
    public var at: Double
    /// A sentence's predicate: `was killed by signal 11 (SIGSEGV)`, `gave no answer for 5 s and was killed`.
    public var cause: String
    /// What it left as its last words.
    public var lastWords: String?
    /// The latest errors and warnings of its pipeline that it had reported, newest last.
    public var lastErrors: [String]

    public init(at: Double, cause: String, lastWords: String? = nil, lastErrors: [String] = []) {
        self.at = at
        self.cause = cause
        self.lastWords = lastWords
        self.lastErrors = lastErrors
    }

    /// How many are kept of one worker, and how many complaints of each.
    public static let kept = 8
    /// Characters of each.
    public static let longestComplaint = 1000

    /// All of it in one sentence: its own words where it left some, else the last thing it had complained of.
    public var sentence: String {
        if let lastWords { return "it \(cause): \(lastWords)" }
        if let last = lastErrors.last { return "it \(cause); before that it said: \(last)" }
        return "it \(cause)"
    }
}

extension WorkerReport {
    /// No more complaints than are kept, and none longer than anybody reads: a worker that is ill sends what it likes.
    var clipped: WorkerReport {
        var clipped = self
        clipped.lastErrors = lastErrors.suffix(WorkerEnding.kept).map { error in
            let start = error.prefix(WorkerEnding.longestComplaint)
            return start.endIndex == error.endIndex ? error : String(start) + "…"
        }
        return clipped
    }
}
