/// Something in a configuration that is wrong, or that somebody ought to know; printed as one sentence.
public struct Problem: Sendable, Equatable, Codable, CustomStringConvertible {
    public enum Severity: String, Sendable, Codable {
        /// The configuration is refused.
        case error
        case warning
    }

    public var severity: Severity
    /// The configuration file.
    public var file: String
    /// In that file, from 1; nil where the place is not in the file (a key that is missing altogether).
    public var line: Int?
    /// A key path such as `venues[2].link.url`, counted from 0 as in JSON; of a syntax error `FILE:LINE`.
    public var place: String
    /// Without a full stop; never the content of a secret.
    public var cause: String
    /// What to do, as an order; without a full stop.
    public var nextStep: String

    public init(
        severity: Severity, file: String, line: Int? = nil, place: String, cause: String, nextStep: String
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.place = place
        self.cause = cause
        self.nextStep = nextStep
    }

    public var description: String {
        let location = line.map { "\(file):\($0)" } ?? file
        let name = place == location ? location : "\(location): \(place)"
        return "\(severity.rawValue): \(name): \(cause); \(nextStep)."
    }
}

/// A configuration that is refused, with everything that is wrong with it.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// In the order of the file; warnings too.
    public var problems: [Problem]

    public init(problems: [Problem]) {
        self.problems = problems
    }

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
