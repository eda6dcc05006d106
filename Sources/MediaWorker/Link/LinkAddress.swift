/// An `srt://` address taken apart: who calls whom, and the options that SRT gets.
struct LinkAddress: Sendable, Equatable {
    enum Mode: String, Sendable {
        case listener, caller, rendezvous
    }

    struct Option: Sendable, Equatable {
        var name: String
        /// Percent-encoded as it was written.
        var value: String
    }

    var mode: Mode
    /// Without brackets; nil for any address of this machine.
    var host: String?
    var port: UInt16
    /// All but `mode`, in the order of the address.
    private(set) var options: [Option]

    /// - Throws: a sentence, when it is no address or names no port.
    init(_ url: String) throws {
        func wrong(_ what: String) -> PipelineFile.Failure {
            PipelineFile.Failure(
                description: "\"\(url)\": \(what); write srt://HOST:PORT, or srt://:PORT?mode=listener.")
        }
        guard url.lowercased().hasPrefix("srt://") else { throw wrong("does not begin with srt://") }
        let parts = url.dropFirst(6).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let authority = parts[0].prefix { $0 != "/" }
        guard let colon = authority.lastIndex(of: ":"),
            let port = UInt16(authority[authority.index(after: colon)...]), port > 0
        else { throw wrong("names no port") }
        self.port = port
        let host = authority[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
        self.host = host.isEmpty ? nil : String(host)

        var options: [Option] = []
        var mode = host.isEmpty ? Mode.listener : .caller
        for item in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let option = Option(name: String(pair[0]), value: pair.count > 1 ? String(pair[1]) : "")
            switch option.name {
            case "mode":
                guard let named = Mode(rawValue: option.value) else {
                    throw wrong("mode is \"\(option.value)\" and not listener, caller or rendezvous")
                }
                mode = named
            case "passphrase":
                // Never repeated.
                throw PipelineFile.Failure(
                    description: "the url holds a passphrase, which belongs in a file (passphraseFile); remove it here."
                )
            default: options.append(option)
            }
        }
        if host.isEmpty, mode != .listener { throw wrong("names no host to reach as \(mode.rawValue)") }
        self.mode = mode
        self.options = options
    }

    func value(of option: String) -> String? {
        options.last { $0.name == option }?.value
    }

    /// Where a listener or a rendezvous binds.
    /// - Parameter numericHost: what `host` stands for.
    func localAddress(_ numericHost: String?) -> String {
        if let named = value(of: "localaddress") { return named }
        if mode == .listener, let numericHost { return numericHost }
        return numericHost?.contains(":") == true ? "::" : "0.0.0.0"
    }

    var localPort: UInt16 { value(of: "localport").flatMap(UInt16.init) ?? port }

    /// The far side as people read it; nil for a listener.
    var peer: String? { mode == .listener ? nil : host.map { Self.endpoint($0, port) } }

    /// What `srtsink` gets: the host as a number, so that it looks nothing up.
    func uri(numericHost: String?) -> String {
        var options = [Option(name: "mode", value: mode.rawValue)] + options
        if mode == .rendezvous {
            // Left to itself srtsink would bind the far side's address.
            if value(of: "localaddress") == nil {
                options.append(Option(name: "localaddress", value: localAddress(numericHost)))
            }
            if value(of: "localport") == nil { options.append(Option(name: "localport", value: String(localPort))) }
        }
        let query = options.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        return "srt://\(Self.endpoint(numericHost ?? "0.0.0.0", port))?\(query)"
    }

    static func endpoint(_ host: String, _ port: UInt16) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
