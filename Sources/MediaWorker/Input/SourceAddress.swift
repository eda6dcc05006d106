import WorkerProtocol

/// Where an input's media come from, as far as it is known from the pipeline file's placeholders.
enum SourceAddress: Sendable, Equatable {
    case file(path: String)
    case srt(LinkAddress)
    case rtsp(host: String, port: UInt16)
    /// A test picture, a device, an address of another kind.
    case other

    /// - Throws: a sentence, when there is an address that can never work.
    init(file: PipelineFile, values: [String: PlaceholderValue]) throws {
        let readsFile = file.assignments.contains { $0.property == "location" && $0.placeholder == "path" }
        if readsFile, case .text(let path)? = values["path"] {
            self = .file(path: path)
        } else if case .text(let url)? = values["url"] {
            try self.init(url: url)
        } else {
            self = .other
        }
    }

    init(url: String) throws {
        guard let end = url.firstRange(of: "://") else {
            self = .other
            return
        }
        switch url[..<end.lowerBound].lowercased() {
        case "srt": self = .srt(try LinkAddress(url))
        case "rtsp", "rtspt", "rtspu": self = Self.rtsp(url[end.upperBound...], defaultPort: 554)
        case "rtsps": self = Self.rtsp(url[end.upperBound...], defaultPort: 322)
        default: self = .other
        }
    }

    private static func rtsp(_ rest: Substring, defaultPort: UInt16) -> SourceAddress {
        var authority = rest.prefix { $0 != "/" && $0 != "?" }
        // What stands before it is a secret.
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        if authority.hasPrefix("[") {
            let host = authority.dropFirst().prefix { $0 != "]" }
            let port = authority.dropFirst(host.count + 2)
            return .rtsp(host: String(host), port: UInt16(port.dropFirst()) ?? defaultPort)
        }
        let host = authority.prefix { $0 != ":" }
        return .rtsp(host: String(host), port: UInt16(authority.dropFirst(host.count + 1)) ?? defaultPort)
    }

    var isFile: Bool { if case .file = self { true } else { false } }

    /// Waits to be called.
    var isListener: Bool { if case .srt(let address) = self { address.mode == .listener } else { false } }

    /// To be looked up before anything is opened.
    var host: String? {
        switch self {
        case .srt(let address): address.host
        case .rtsp(let host, _): host
        case .file, .other: nil
        }
    }

    /// As people read it; never with a secret.
    var name: String {
        switch self {
        case .file(let path): path
        case .srt(let address):
            address.peer ?? LinkAddress.endpoint(address.localAddress(address.host), address.localPort)
        case .rtsp(let host, let port): LinkAddress.endpoint(host, port)
        case .other: "the source"
        }
    }
}
