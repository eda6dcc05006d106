import Foundation

/// Recordings over the network.
public struct ArchiveStatus: Codable, Sendable, Equatable {
    public var health: Health
    /// As it was configured: `0.0.0.0:8443`.
    public var listen: String
    /// Of the certificate in force; null where there is none.
    @Nullable public var certificateExpires: Date?
    public var reasons: [Reason]

    public init(health: Health, listen: String, certificateExpires: Date? = nil, reasons: [Reason] = []) {
        self.health = health
        self.listen = listen
        self.reasons = reasons
        self.certificateExpires = certificateExpires
    }
}
