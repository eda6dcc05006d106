import WorkerProtocol

/// Why a probe cannot begin.
struct ProbeRefusal: Error {
    let reason: Reason
}

/// What a probe looks at.
enum ProbeAddress: Sendable, Equatable {
    case srt(LinkAddress)
    case udp(host: String, port: UInt16)
    case file(String)

    init(_ text: String) throws(ProbeRefusal) {
        let lower = text.lowercased()
        if lower.hasPrefix("srt://") {
            self = .srt(try Self.srt(text))
        } else if lower.hasPrefix("udp://") {
            self = try Self.udp(text)
        } else if let end = text.firstRange(of: "://"), lower[..<end.lowerBound] != "file" {
            throw ProbeRefusal(reason: .probe(unknownKind: text))
        } else {
            self = .file(lower.hasPrefix("file://") ? String(text.dropFirst(7)) : text)
        }
    }

    private static func srt(_ text: String) throws(ProbeRefusal) -> LinkAddress {
        // First: whatever else is wrong is said with the address.
        if text.contains("passphrase=") { throw ProbeRefusal(reason: .passphraseInAddress) }
        do {
            return try LinkAddress(text)
        } catch {
            throw ProbeRefusal(reason: .probe(wrongSRT: text, "\(error)"))
        }
    }

    private static func udp(_ text: String) throws(ProbeRefusal) -> ProbeAddress {
        let authority = text.dropFirst(6).prefix { $0 != "/" && $0 != "?" }.drop { $0 == "@" }
        guard let colon = authority.lastIndex(of: ":"),
            let port = UInt16(authority[authority.index(after: colon)...]), port > 0
        else {
            throw ProbeRefusal(reason: .probe(noPort: text))
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

    /// To be looked up before anything is opened.
    var host: String? {
        switch self {
        case .srt(let address): address.host
        case .udp(let host, _): host
        case .file: nil
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
