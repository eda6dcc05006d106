/// How a thing is: `off` when it is meant to be off.
public enum Health: String, Codable, Sendable, CaseIterable {
    case ok, degraded, failed, off

    /// The worse of the two; what is meant to be off is not worse than anything.
    public func worse(_ other: Health) -> Health {
        severity >= other.severity ? self : other
    }

    private var severity: Int {
        switch self {
        case .off: 0
        case .ok: 1
        case .degraded: 2
        case .failed: 3
        }
    }
}

/// Why something is not as it should be: a word for programs, a sentence for people with cause and next step.
public struct Reason: Codable, Sendable, Equatable {
    /// `absent`, `passphrase-rejected`, `unresolved`, `stalled`, `no-picture` …
    public var code: String
    public var text: String
    /// The same in Chinese.
    public var textZh: String

    public init(code: String, text: String, textZh: String) {
        self.code = code
        self.text = text
        self.textZh = textZh
    }
}
