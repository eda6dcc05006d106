import WorkerProtocol

/// What a probe looks at.
enum ProbeAddress: Sendable, Equatable {
    case srt(LinkAddress)
    case udp(host: String, port: UInt16)
    case file(String)

    /// - Throws: a sentence, when it is none of these.
    init(_ text: String) throws {
        let lower = text.lowercased()
        if lower.hasPrefix("srt://") {
            self = .srt(try LinkAddress(text))
        } else if lower.hasPrefix("udp://") {
            self = try Self.udp(text)
        } else if let end = text.firstRange(of: "://"), lower[..<end.lowerBound] != "file" {
            throw PipelineFile.Failure(
                description: "\"\(text)\": only srt://, udp:// and files can be looked at; write srt://HOST:PORT, "
                    + "srt://:PORT?mode=listener, udp://ADDRESS:PORT or a path.")
        } else {
            self = .file(lower.hasPrefix("file://") ? String(text.dropFirst(7)) : text)
        }
    }

    private static func udp(_ text: String) throws -> ProbeAddress {
        let authority = text.dropFirst(6).prefix { $0 != "/" && $0 != "?" }.drop { $0 == "@" }
        guard let colon = authority.lastIndex(of: ":"),
            let port = UInt16(authority[authority.index(after: colon)...]), port > 0
        else {
            throw PipelineFile.Failure(description: "\"\(text)\": names no port; write udp://ADDRESS:PORT.")
        }
        let host = authority[..<colon].filter { $0 != "[" && $0 != "]" }
        return .udp(host: host.isEmpty ? "0.0.0.0" : host, port: port)
    }

    var name: String {
        switch self {
        case .srt(let address):
            address.peer ?? LinkAddress.endpoint(address.localAddress(address.host), address.localPort)
        case .udp(let host, let port): LinkAddress.endpoint(host, port)
        case .file(let path): path
        }
    }

    /// For sentences about what a source gave up for.
    var source: SourceAddress {
        switch self {
        case .srt(let address): .srt(address)
        case .udp: .other
        case .file(let path): .file(path: path)
        }
    }
}
