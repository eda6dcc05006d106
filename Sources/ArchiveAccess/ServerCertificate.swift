import Foundation
import LinuxSystem
import NIOSSL

/// A certificate and its key, read and held against each other.
public struct ServerCertificate: Sendable {
    public let context: NIOSSLContext
    public let notBefore: Date
    public let notAfter: Date

    /// So long before its end it is said that it ends.
    public static let notice = TimeInterval(30 * 86_400)

    public enum Validity: Sendable, Equatable {
        case good
        case ending
        case notYet
        case expired
    }

    public func validity(at time: Date) -> Validity {
        if time < notBefore { return .notYet }
        if time >= notAfter { return .expired }
        return time >= notAfter - Self.notice ? .ending : .good
    }

    /// Blocks.
    public static func load(certificateFile: String, keyFile: String) throws(ArchiveFault) -> ServerCertificate {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(Files.read(certificateFile))
        } catch let error as SystemError {
            throw ArchiveFault("\(error)", "correct certificateFile")
        } catch {
            throw ArchiveFault(
                "\(certificateFile) holds no certificate", "put it there as PEM, and those of its authorities behind it"
            )
        }
        guard let own = chain.first else {
            throw ArchiveFault(
                "\(certificateFile) holds no certificate", "put it there as PEM, and those of its authorities behind it"
            )
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: Files.read(keyFile), format: .pem)
        } catch let error as SystemError {
            throw ArchiveFault("\(error)", "correct keyFile")
        } catch {
            throw ArchiveFault(
                "\(keyFile) holds no private key without a passphrase",
                "put it there as PEM (openssl pkey -in … -out …)")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return ServerCertificate(
                context: try NIOSSLContext(configuration: configuration),
                notBefore: Date(timeIntervalSince1970: TimeInterval(own.notValidBefore)),
                notAfter: Date(timeIntervalSince1970: TimeInterval(own.notValidAfter)))
        } catch {
            throw ArchiveFault(
                "the key in \(keyFile) is not that of the certificate in \(certificateFile)",
                "put both there that belong together")
        }
    }
}
