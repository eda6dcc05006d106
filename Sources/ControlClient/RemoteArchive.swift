import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// A daemon's archive over the network: TLS, and a token that says who we are.
public struct RemoteArchive: Sendable {
    /// As it was given, without anything behind the port.
    public let url: String
    let host: String
    let port: Int
    let token: String
    private let context: NIOSSLContext?

    /// Why an address or an authority cannot be used.
    public struct Fault: Error, Sendable {
        public let text: String
        public let textZh: String
    }

    /// Reads the authority's file. Blocks.
    /// - Parameters:
    ///   - url: `https://HOST[:PORT]`; `http` for this machine alone, through which a tunnel may lead.
    ///   - authority: PEM; nil: those that this machine trusts.
    public init(url: String, token: String, authority: String?) throws(Fault) {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
            let scheme = parts.scheme?.lowercased(), ["https", "http"].contains(scheme),
            ["", "/"].contains(parts.path), parts.query == nil, parts.fragment == nil
        else {
            throw Fault(
                text: "“\(Self.withoutSecrets(url))” is no address: write https://HOST:PORT.",
                textZh: "“\(Self.withoutSecrets(url))”不是有效地址：请写成 https://主机:端口。")
        }
        guard parts.user == nil, parts.password == nil else {
            throw Fault(
                text: "A secret has no place in an address: put the token into a file and name it with --token-file.",
                textZh: "地址中不得包含密码：请将令牌写入文件，并用 --token-file 指定。")
        }
        let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        guard scheme == "https" || name == "localhost" || name == "::1" || name.hasPrefix("127.") else {
            throw Fault(
                text: "A token may not cross the network in the clear: use https://.", textZh: "令牌不得明文传输：请使用 https://。")
        }
        self.host = name
        port = parts.port ?? (scheme == "https" ? 443 : 80)
        self.token = token
        self.url = "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
        guard scheme == "https" else {
            context = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let authority { configuration.trustRoots = .file(authority) }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Fault(
                text:
                    "\(authority ?? "the system's authorities") cannot be read as certificates: name a PEM file with --ca.",
                textZh: "无法读取证书 \(authority ?? "")：请用 --ca 指定 PEM 文件。")
        }
    }

    private static func withoutSecrets(_ url: String) -> String {
        url.lastIndex(of: "@").map { "…\(url[$0...])" } ?? url
    }

    var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    func addTLS(to channel: any Channel) throws {
        guard let context else { return }
        let isNumber = host.contains(":") || host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
        try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(context: context, serverHostname: isNumber ? nil : host))
    }

    // MARK: Why not

    /// Of an error on a connection: that the other end is not to be relied on; nil: it is something else.
    func refusal(_ error: any Error) -> ControlClientError? {
        if error is NIOSSLExtraError { return .notTrusted(url: url, detail: "it is not that of \(host)") }
        guard case NIOSSLError.handshakeFailed(let cause) = error else { return nil }
        let text = "\(cause)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return .notTrusted(url: url, detail: "it expired, or its authority is not known here")
        }
        return .notTrusted(url: url, detail: text)
    }

    func explain(_ error: any Error, _ timeout: Duration) -> ControlClientError {
        if let refusal = refusal(error) { return refusal }
        if let error = error as? NIOConnectionError {
            guard let first = error.connectionErrors.first?.error else {
                return .unreachable(url: url, detail: "there is no machine of that name")
            }
            return explain(first, timeout)
        }
        if let error = error as? IOError {
            return .unreachable(url: url, detail: String(cString: strerror(error.errnoCode)))
        }
        if error is ChannelError { return .timedOut(path: url, after: timeout) }
        return .unreachable(url: url, detail: "\(error)")
    }
}

extension ClientBootstrap {
    func connect(to client: ControlClient) -> EventLoopFuture<any Channel> {
        guard let remote = client.remote else { return connect(unixDomainSocketPath: client.socket) }
        return connect(host: remote.host, port: remote.port)
    }
}
