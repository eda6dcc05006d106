/// Recordings over the network, as the configuration has it: where, with which certificate, and for whom.
public struct ArchiveSettings: Sendable, Equatable {
    public struct Token: Sendable, Equatable {
        /// Who it is; in events and receipts.
        public var name: String
        public var file: String

        public init(name: String, file: String) {
            self.name = name
            self.file = file
        }
    }

    public var host: String
    public var port: Int
    /// The certificate and those that lead to its authority, PEM; nil: no TLS, which loopback alone may have.
    public var certificateFile: String?
    public var keyFile: String?
    public var tokens: [Token]

    public init(
        host: String, port: Int, certificateFile: String? = nil, keyFile: String? = nil, tokens: [Token] = []
    ) {
        self.host = host
        self.port = port
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.tokens = tokens
    }

    public var usesTLS: Bool { certificateFile != nil }

    /// As it is written: `0.0.0.0:8443`, `[::]:8443`.
    public var listen: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Nothing that is sent there leaves this machine.
    public static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.split(separator: ".").count == 4)
    }

    /// - Parameter text: `HOST:PORT`; an IPv6 address in brackets.
    public static func address(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        let isPlain = host.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || [0x2D, 0x2E, 0x3A].contains(byte)
        }
        return host.isEmpty || !isPlain ? nil : (String(host), port)
    }
}

/// Why something that the settings name cannot be used. Never holds what is in a file.
public struct ArchiveFault: Error, Sendable, Equatable, CustomStringConvertible {
    public var cause: String
    public var nextStep: String

    public init(_ cause: String, _ nextStep: String) {
        self.cause = cause
        self.nextStep = nextStep
    }

    public var description: String { "\(cause): \(nextStep)" }
}
