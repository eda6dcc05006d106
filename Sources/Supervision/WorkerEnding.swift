import LinuxSystem

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

    /// How many are kept of one worker.
    public static let kept = 8

    /// All of it in one sentence: its own words where it left some, else the last thing it had complained of.
    public var sentence: String {
        if let lastWords { return "it \(cause): \(lastWords)" }
        if let last = lastErrors.last { return "it \(cause); before that it said: \(last)" }
        return "it \(cause)"
    }
}
