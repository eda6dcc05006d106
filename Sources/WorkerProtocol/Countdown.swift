/// Where the live programme shows what is left of a report's time. What is recorded never has it.
public struct CountdownPlace: Codable, Sendable, Equatable {
    public enum Corner: String, Codable, Sendable, CaseIterable {
        case topLeft = "top-left"
        case topRight = "top-right"
        case bottomLeft = "bottom-left"
        case bottomRight = "bottom-right"
    }

    public var corner: Corner
    /// It is shown from so many seconds before the limit on.
    public var lastSeconds: Double

    public init(corner: Corner, lastSeconds: Double) {
        self.corner = corner
        self.lastSeconds = lastSeconds
    }
}
