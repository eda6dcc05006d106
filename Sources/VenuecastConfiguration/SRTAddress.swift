/// An `srt://` address taken apart.
public struct SRTAddress: Sendable, Equatable {
    public enum Mode: String, Sendable, CaseIterable {
        case listener, caller, rendezvous
    }

    public var mode: Mode
    /// Empty: every address of this machine (listener). IPv6 without brackets.
    public var host: String
    public var port: Int
    /// The options after `?`, percent-decoded, without `mode`.
    public var options: [String: String]

    /// What is wrong with an address; never repeats the address, which may hold a secret.
    struct Fault: Error, Equatable {
        var cause: String
        var nextStep: String
    }

    /// Parses `srt://HOST:PORT?mode=…&option=value`.
    init(_ text: String) throws(Fault) {
        let form = "write srt://HOST:PORT?mode=listener, caller or rendezvous"
        guard text.lowercased().hasPrefix("srt://") else {
            throw Fault(
                cause: "the address does not begin with srt://, and nothing else is carried yet", nextStep: form)
        }
        let parts = text.dropFirst("srt://".count).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var authority = parts[0]
        if authority.hasSuffix("/") { authority.removeLast() }
        guard !authority.contains("@") else {
            throw Fault(
                cause: "the address holds a user name or a password, and a secret has no place in it",
                nextStep: "remove what stands before the @ and name a passphraseFile")
        }
        (host, port) = try Self.hostAndPort(authority, form: form)
        options = try Self.options(parts.count > 1 ? parts[1] : "")
        if options["passphrase"] != nil {
            throw Fault(
                cause: "the address holds a passphrase, which every log and process list would show",
                nextStep: "put it into a file of its own (chmod 600), name that as passphraseFile and remove it here")
        }
        if let name = options.removeValue(forKey: "mode") {
            guard let mode = Mode(rawValue: name) else {
                throw Fault(
                    cause: "the mode \(name.quoted) is not known", nextStep: "write mode=listener, caller or rendezvous"
                )
            }
            self.mode = mode
        } else {
            // As srtsink has it.
            mode = host.isEmpty ? .listener : .caller
        }
        if host.isEmpty, mode != .listener {
            throw Fault(
                cause: "the mode \(mode.rawValue) needs the other side's host, and the address has none",
                nextStep: "write srt://HOST:\(port)?mode=\(mode.rawValue)")
        }
        if mode != .listener, Self.wildcards.contains(host) {
            throw Fault(
                cause: "nobody can be called at \(host)", nextStep: "write the other side's address, or mode=listener")
        }
    }

    private static func hostAndPort(_ authority: Substring, form: String) throws(Fault) -> (String, Int) {
        let host: Substring
        let rest: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else {
                throw Fault(cause: "the address opens a [ and does not close it", nextStep: form)
            }
            host = authority[authority.index(after: authority.startIndex)..<end]
            rest = authority[authority.index(after: end)...]
        } else {
            let end = authority.firstIndex(of: ":") ?? authority.endIndex
            host = authority[..<end]
            rest = authority[end...]
        }
        guard rest.hasPrefix(":"), rest.count > 1 else {
            throw Fault(cause: "the address has no port", nextStep: form)
        }
        guard let port = Int(rest.dropFirst()), (1...65535).contains(port), rest.dropFirst().allSatisfy(\.isNumber)
        else {
            throw Fault(cause: "the address's port is not a number from 1 to 65535", nextStep: form)
        }
        guard host.utf8.allSatisfy(isHostByte) else {
            throw Fault(cause: "the address's host has a character that no host has", nextStep: form)
        }
        return (String(host), port)
    }

    private static func options(_ query: Substring) throws(Fault) -> [String: String] {
        var options: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(sides[0]), let value = decoded(sides.count > 1 ? sides[1] : "") else {
                throw Fault(
                    cause: "an option after the ? has a % that does not begin a code such as %20",
                    nextStep: "write %25 for a % that is meant")
            }
            guard options.updateValue(value, forKey: name) == nil else {
                throw Fault(cause: "the option \(name.quoted) stands there twice", nextStep: "remove one of them")
            }
        }
        return options
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Letters, digits and `.-_:%` (a name, an address, an IPv6 zone).
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: ".-_:%".utf8.contains(byte)
        }
    }
}

extension SRTAddress {
    static let wildcards: Set<String> = ["", "0.0.0.0", "::", "*"]

    /// What `srtsink` and `srtsrc` of GStreamer 1.22 read from an address.
    static let knownOptions: Set<String> = [
        "bindtodevice", "congestion", "conntimeo", "drifttracer", "enforcedencryption", "fc", "inputbw", "iptos",
        "ipttl", "ipv6only", "kmpreannounce", "kmrefreshrate", "latency", "linger", "localaddress", "localport",
        "lossmaxttl", "maxbw", "messageapi", "minversion", "mode", "mss", "nakreport", "oheadbw", "packetfilter",
        "passphrase", "payloadsize", "pbkeylen", "peeridletimeo", "peerlatency", "poll-timeout", "rcvbuf",
        "rcvlatency", "retransmitalgo", "sndbuf", "snddropdelay", "streamid", "tlpktdrop", "transtype", "tsbpdmode",
    ]

    /// The address and port this end binds by itself; nil for a caller, whose port the system chooses.
    var listening: (host: String, port: Int)? {
        switch mode {
        case .listener: (host, port)
        case .rendezvous: (options["localaddress"] ?? "", options["localport"].flatMap { Int($0) } ?? port)
        case .caller: nil
        }
    }
}

extension String {
    /// An address that tries to be more than one: what separates, quotes or ends things in a pipeline's text.
    var addressFault: SRTAddress.Fault? {
        if isEmpty {
            return SRTAddress.Fault(cause: "the address is empty", nextStep: "write the address in full")
        }
        if utf8.count > 2048 {
            return SRTAddress.Fault(cause: "the address is longer than 2048 bytes", nextStep: "shorten it")
        }
        let refused = unicodeScalars.contains {
            $0.properties.isWhitespace || $0.properties.generalCategory == .control
                || $0.properties.generalCategory == .format || "!\"'`\\<>{}|^".unicodeScalars.contains($0)
        }
        guard refused else { return nil }
        return SRTAddress.Fault(
            cause:
                "the address contains a blank, a quote, an exclamation mark or another character that no address has",
            nextStep: "remove it, or write it as a % code (%20 for a blank) if it belongs to a name")
    }
}
