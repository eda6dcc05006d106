/// Why something is refused or failed, and what to do next; in both languages.
public struct DeliveryError: Error, CustomStringConvertible, Sendable {
    public let text: String
    public let textZh: String

    public init(_ what: String, _ whatZh: String, next: String, _ nextZh: String) {
        text = "\(what) \(next)"
        textZh = whatZh + nextZh
    }

    public var description: String { text }
}
