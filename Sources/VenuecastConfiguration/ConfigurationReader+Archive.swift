import ArchiveAccess
import Foundation

extension ConfigurationReader {
    func readArchive(_ root: Section) -> ArchiveSettings? {
        guard let section = root.section("archive") else { return nil }
        section.require("listen", "write listen = \"0.0.0.0:8443\"")
        section.require("tokens", "add [[archive.tokens]] with name and file: who may fetch, and a secret for each")
        let address = section.text("listen").flatMap { text in
            ArchiveSettings.address(text)
                ?? section.wrongValue("listen", .text(text), "an address and a port, such as \"0.0.0.0:8443\"")
        }
        var settings = ArchiveSettings(host: address?.host ?? "", port: address?.port ?? 0)
        settings.certificateFile = readableFile(section, "certificateFile")
        settings.keyFile = secretFile(section, "keyFile")
        settings.tokens = readTokens(section)
        checkCertificate(section, settings)
        section.finish()
        return settings
    }

    private func checkCertificate(_ section: Section, _ settings: ArchiveSettings) {
        switch (section.has("certificateFile"), section.has("keyFile")) {
        case (true, false): section.error("keyFile", "is missing", "name the file with the certificate's key")
        case (false, true): section.error("certificateFile", "is missing", "name the file with the key's certificate")
        case (false, false):
            if !settings.host.isEmpty, !ArchiveSettings.isLoopback(settings.host) {
                section.error(
                    "certificateFile", "is missing, and without it tokens would cross the network in the clear",
                    "name a certificate and its key, or listen on 127.0.0.1")
            }
        case (true, true):
            guard let certificateFile = settings.certificateFile, let keyFile = settings.keyFile else { return }
            do throws(ArchiveFault) {
                let certificate = try ServerCertificate.load(certificateFile: certificateFile, keyFile: keyFile)
                if let (cause, next) = Self.words(certificate) { section.warning("certificateFile", cause, next) }
            } catch {
                section.error("certificateFile", error.cause, error.nextStep)
            }
        }
    }

    /// A warning: a daemon that has to start in the middle of a session is not to stay away because of it.
    private static func words(_ certificate: ServerCertificate) -> (cause: String, nextStep: String)? {
        func day(_ time: Date) -> String { String(time.formatted(.iso8601).prefix(10)) }
        let next = "put a new one there"
        return switch certificate.validity(at: Date()) {
        case .good: nil
        case .ending: ("the certificate ends on \(day(certificate.notAfter))", next)
        case .expired: ("the certificate expired on \(day(certificate.notAfter)): nobody will trust it", next)
        case .notYet: ("the certificate is valid only from \(day(certificate.notBefore))", "\(next), or set the clock")
        }
    }

    private func readTokens(_ section: Section) -> [ArchiveSettings.Token] {
        var tokens: [(place: Section, token: ArchiveToken)] = []
        let tables = section.sections("tokens")
        let settings = tables.compactMap { table -> ArchiveSettings.Token? in
            table.require("name", "write name = \"…\", who it is: in events and receipts")
            table.require("file", "write file = \"keys/….token\", which holds the token")
            for key in ["token", "secret"] where table.has(key) {
                table.expect([key])
                table.error(
                    key, "a secret has no place in a configuration",
                    "put it into a file of its own (chmod 600), name that as file and remove it here")
            }
            let name = name(table)
            let file = secretFile(table, "file")
            table.finish()
            guard let name, let file else { return nil }
            let token = ArchiveSettings.Token(name: name, file: file)
            do throws(ArchiveFault) {
                let secret = try ArchiveToken.load(token)
                for (other, known) in tokens {
                    if known.name == name {
                        table.error("name", "\(name.quoted) is the name in \(other.path) already", "give each its own")
                    }
                    if known.isSame(as: secret) {
                        table.error("file", "is the same token as in \(other.path)", "give each its own")
                    }
                }
                tokens.append((table, secret))
            } catch {
                table.error("file", error.cause, error.nextStep)
            }
            return token
        }
        if case .array(let elements)? = section.node("tokens"), elements.isEmpty {
            section.error("tokens", "there is none, so that nobody could enter", "add [[archive.tokens]]")
        }
        return settings
    }

    /// A file that is read; absolute. Nil after reporting that it cannot be.
    private func readableFile(_ section: Section, _ key: String) -> String? {
        guard let path = section.text(key).map(absolute) else { return nil }
        if let fault = PlainFile.fault(path) {
            section.error(key, fault.cause, fault.nextStep)
            return nil
        }
        return path
    }

    /// Likewise, and nobody else's.
    private func secretFile(_ section: Section, _ key: String) -> String? {
        guard let path = readableFile(section, key) else { return nil }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 == 0 else {
            section.error(key, "the secret in \(path) is open to others than its owner", "run chmod 600 \(path)")
            return nil
        }
        return path
    }

    // MARK: Deliveries

    func readDelivery(_ root: Section) -> Configuration.Delivery {
        var delivery = Configuration.Delivery()
        guard let section = root.section("delivery") else { return delivery }
        delivery.handleSeconds = section.number("handleSeconds", 0...600, unit: " s")
        delivery.sound = section.text("sound").flatMap { sound in
            ["mono", "stereo"].contains(sound)
                ? sound : section.wrongValue("sound", .text(sound), "\"mono\" or \"stereo\"")
        }
        delivery.mxf = section.boolean("mxf")
        delivery.proxies = section.boolean("proxies")
        delivery.master = section.boolean("master")
        delivery.asciiNames = section.boolean("asciiNames")
        delivery.gbk = section.boolean("gbk")
        section.finish()
        return delivery
    }
}
