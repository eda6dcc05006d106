import Foundation
import LinuxSystem
import NIOSSL
import Synchronization
import VenuecastModel

/// What the archive's listener shows and asks for at this moment. A reload puts new certificates and tokens in it, and
/// the next connection sees them; those that are open go on.
public final class ArchiveGate: Sendable {
    /// Where to listen; another one is another listener.
    public struct Address: Sendable, Equatable {
        public var host: String
        public var port: Int
        public var usesTLS: Bool
    }

    private enum Listening: Sendable, Equatable {
        case starting
        case on
        case failed(String)
    }

    private struct State {
        var settings: ArchiveSettings?
        var certificate: ServerCertificate?
        var tokens: [ArchiveToken] = []
        var listening = Listening.starting
    }

    private let state = Mutex(State())
    /// Each time it changes; nil: nowhere. For one reader.
    public let addresses: AsyncStream<Address?>
    private let moved: AsyncStream<Address?>.Continuation

    public init() {
        (addresses, moved) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Reads what the settings name, and from then on that counts. Blocks.
    /// - Throws: what cannot be used; everything stays as it was then.
    public func adopt(_ settings: ArchiveSettings?) throws(ArchiveFault) {
        var certificate: ServerCertificate?
        if let settings, let certificateFile = settings.certificateFile, let keyFile = settings.keyFile {
            certificate = try ServerCertificate.load(certificateFile: certificateFile, keyFile: keyFile)
        }
        var tokens: [ArchiveToken] = []
        for token in settings?.tokens ?? [] { tokens.append(try ArchiveToken.load(token)) }
        let (before, after) = state.withLock { state in
            let before = state.settings.map(Address.init)
            (state.settings, state.certificate, state.tokens) = (settings, certificate, tokens)
            let after = settings.map(Address.init)
            if before != after { state.listening = .starting }
            return (before, after)
        }
        if before != after { moved.yield(after) }
    }

    /// For the next connection; nil: there is none without TLS.
    public var context: NIOSSLContext? { state.withLock { $0.certificate?.context } }

    /// - Parameter authorization: the header of that name.
    /// - Returns: whose token it is; nil: it is nobody's.
    public func owner(_ authorization: String?) -> String? {
        guard let authorization, let secret = Authorization.secret(authorization) else { return nil }
        let tokens = state.withLock { $0.tokens }
        // Each is tried, so that it takes as long whoever it is.
        return tokens.reduce(nil) { owner, token in token.isOpened(by: secret) ? token.name : owner }
    }

    // MARK: How it is

    /// Whoever listens says so; `failure` says why not.
    public func noteListening(_ address: Address, failure: String?) {
        state.withLock { state in
            guard state.settings.map(Address.init) == address else { return }
            state.listening = failure.map { .failed($0) } ?? .on
        }
    }

    /// Nil: it is not configured.
    public func status(at time: Date = Date()) -> ArchiveStatus? {
        let state = state.withLock { $0 }
        guard let settings = state.settings else { return nil }
        var reasons: [Reason] = []
        if case .failed(let cause) = state.listening { reasons.append(.cannotListen(settings.listen, cause)) }
        var isUsable = reasons.isEmpty
        if let certificate = state.certificate {
            let validity = certificate.validity(at: time)
            if let reason = Reason(validity, certificate) { reasons.append(reason) }
            isUsable = isUsable && (validity == .good || validity == .ending)
        }
        let health: Health = !isUsable ? .failed : reasons.isEmpty && state.listening == .on ? .ok : .degraded
        return ArchiveStatus(
            health: health, listen: settings.listen, certificateExpires: state.certificate?.notAfter, reasons: reasons)
    }
}

extension ArchiveGate.Address {
    init(_ settings: ArchiveSettings) {
        self.init(host: settings.host, port: settings.port, usesTLS: settings.usesTLS)
    }
}

extension Reason {
    fileprivate static func cannotListen(_ listen: String, _ cause: String) -> Reason {
        Reason(
            code: "cannot-listen",
            text: "Nobody can listen at \(listen): \(cause). Free the port, or change listen under [archive].",
            textZh: "无法在 \(listen) 监听：\(cause)。请释放该端口，或修改 [archive] 中的 listen。")
    }

    init?(_ validity: ServerCertificate.Validity, _ certificate: ServerCertificate) {
        func day(_ time: Date) -> String { String(VenuecastJSON.format(time).prefix(10)) }
        let next = "Put a new one there and run `venuectl config reload`."
        let nextZh = "请放入新证书，并执行 venuectl config reload。"
        switch validity {
        case .good: return nil
        case .ending:
            self.init(
                code: "certificate-ending",
                text: "The archive's certificate ends on \(day(certificate.notAfter)). \(next)",
                textZh: "归档服务的证书将于 \(day(certificate.notAfter)) 到期。\(nextZh)")
        case .notYet:
            self.init(
                code: "certificate-not-yet-valid",
                text: "The archive's certificate is valid only from \(day(certificate.notBefore)). \(next)",
                textZh: "归档服务的证书自 \(day(certificate.notBefore)) 起才有效。\(nextZh)")
        case .expired:
            self.init(
                code: "certificate-expired",
                text: "The archive's certificate expired on \(day(certificate.notAfter)). \(next)",
                textZh: "归档服务的证书已于 \(day(certificate.notAfter)) 过期。\(nextZh)")
        }
    }
}
