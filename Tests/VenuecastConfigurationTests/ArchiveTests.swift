import ArchiveAccess
import Foundation
import Testing

@testable import VenuecastConfiguration

@Suite struct ArchiveConfigurationTests {
    let workspace: Workspace
    init() throws { workspace = try Workspace() }

    /// Valid from and to the days that are given from now.
    private func certificate(_ name: String, _ from: Int, _ to: Int) throws {
        let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let style = Date.ISO8601FormatStyle().year().month().day().dateSeparator(.omitted)
        let times = [from, to].map { "\(Date().addingTimeInterval(Double($0) * 86_400).formatted(style))120000Z" }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/\(root)/Fixtures/make-certificate")
        process.arguments = ["\(workspace.directory)/keys", name] + times
        process.standardError = FileHandle(forWritingAtPath: "/dev/null")
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    private func archive(_ lines: String, token: String = "keys/good") async throws
        -> (configuration: Configuration?, problems: [String])
    {
        let text =
            MonitoringConfigurationTests.minimum + "[archive]\n\(lines)\n[[archive.tokens]]\nname = \"市电视台\"\n"
            + "file = \"\(token)\"\n"
        let checked = try await workspace.check(text)
        return (checked.configuration, checked.problems.map(\.description).filter { $0.contains("archive") })
    }

    @Test func isReadWithAllThatItNames() async throws {
        #expect(try await workspace.check(MonitoringConfigurationTests.minimum).configuration?.archive == nil)
        try certificate("a", -1, 400)
        let (configuration, problems) = try await archive(
            "listen = \"[::]:8443\"\ncertificateFile = \"keys/a.pem\"\nkeyFile = \"keys/a.key\"")
        let settings = try #require(configuration?.archive)
        #expect(problems.isEmpty && settings.listen == "[::]:8443" && settings.host == "::" && settings.usesTLS)
        #expect(settings.tokens == [.init(name: "市电视台", file: "\(workspace.directory)/keys/good")])
        let plain = try await archive("listen = \"127.0.0.1:8443\"")
        #expect(plain.configuration?.archive?.usesTLS == false && plain.problems.isEmpty)
    }

    @Test func whatIsWrongIsFoundBeforehand() async throws {
        try certificate("a", -1, 400)
        try certificate("b", -1, 400)
        try workspace.write("keys/open", "0123456789abcdef0123", mode: 0o644)
        try workspace.write("keys/short", "0123", mode: 0o600)
        try workspace.write("keys/none", "no certificate", mode: 0o600)
        let pair = "certificateFile = \"keys/a.pem\"\nkeyFile = \"keys/a.key\""
        for (lines, token, cause) in [
            ("listen = \"0.0.0.0:8443\"", "keys/good", "in the clear"),
            ("listen = \"0.0.0.0\"\n\(pair)", "keys/good", "is not an address and a port"),
            ("listen = \"::1:8443\"\n\(pair)", "keys/good", "is not an address and a port"),
            (pair, "keys/good", "archive.listen: is missing"),
            ("listen = \"0.0.0.0:1\"\ncertificateFile = \"keys/a.pem\"", "keys/good", "archive.keyFile: is missing"),
            (
                "listen = \"0.0.0.0:1\"\ncertificateFile = \"keys/a.pem\"\nkeyFile = \"keys/b.key\"", "keys/good",
                "is not that of the certificate"
            ),
            (
                "listen = \"0.0.0.0:1\"\ncertificateFile = \"keys/none\"\nkeyFile = \"keys/a.key\"", "keys/good",
                "holds no certificate"
            ),
            (
                "listen = \"0.0.0.0:1\"\ncertificateFile = \"keys/a.pem\"\nkeyFile = \"keys/none\"", "keys/good",
                "holds no private key"
            ),
            (
                "listen = \"0.0.0.0:1\"\ncertificateFile = \"keys/a.pem\"\nkeyFile = \"keys/open\"", "keys/good",
                "open to others"
            ),
            ("listen = \"0.0.0.0:1\"\n\(pair)", "keys/open", "open to others"),
            ("listen = \"0.0.0.0:1\"\n\(pair)", "keys/short", "holds no token"),
            ("listen = \"0.0.0.0:1\"\n\(pair)", "keys/nowhere", "there is no file"),
            ("listen = \"0.0.0.0:1\"\n\(pair)\ntoken = \"x\"", "keys/good", "the key \"token\" is unknown"),
            (
                "listen = \"0.0.0.0:1\"\n\(pair)\n[[archive.tokens]]\nname = \"x\"\nfile = \"keys/good\"", "keys/good",
                "is the same token as in archive.tokens[0]"
            ),
            (
                "listen = \"0.0.0.0:1\"\n\(pair)\n[[archive.tokens]]\nname = \"x\"\ntoken = \"swordfish\"", "keys/good",
                "has no place in a configuration"
            ),
        ] {
            let (configuration, problems) = try await archive(lines, token: token)
            #expect(configuration == nil && problems.contains { $0.contains(cause) }, "\(cause): \(problems)")
            #expect(!problems.contains { $0.contains(Workspace.secret) || $0.contains("swordfish") })
        }
    }

    /// Of which no daemon stays away in the middle of a session.
    @Test func aCertificateOutOfItsTimeIsAWarning() async throws {
        for (name, from, to, cause) in [
            ("expired", -30, -2, "expired on"), ("early", 3, 30, "is valid only from"), ("ending", -300, 20, "ends on"),
        ] {
            try certificate(name, from, to)
            let (configuration, problems) = try await archive(
                "listen = \"0.0.0.0:1\"\ncertificateFile = \"keys/\(name).pem\"\nkeyFile = \"keys/\(name).key\"")
            #expect(configuration != nil && problems.count == 1 && problems[0].contains(cause), "\(problems)")
        }
    }

    @Test func deliveriesAreAsTheStationAsks() async throws {
        let none = try await workspace.check(MonitoringConfigurationTests.minimum).configuration
        #expect(none?.delivery == Configuration.Delivery())
        let text = "[delivery]\nmxf = true\nsound = \"stereo\"\nhandleSeconds = 2.5\nproxies = true\nmaster = false\n"
        let delivery = try await workspace.check(MonitoringConfigurationTests.minimum + text).configuration?.delivery
        #expect(delivery?.mxf == true && delivery?.sound == "stereo" && delivery?.handleSeconds == 2.5)
        #expect(delivery?.proxies == true && delivery?.master == false && delivery?.gbk == nil)
        for (line, cause) in [
            ("sound = \"5.1\"", "is not \"mono\" or \"stereo\""), ("handleSeconds = -1", "from 0 to 600"),
            ("mxf = \"yes\"", "true or false"), ("proxys = true", "write proxies"),
        ] {
            let checked = try await workspace.check(MonitoringConfigurationTests.minimum + "[delivery]\n\(line)\n")
            #expect(checked.configuration == nil && checked.problems.contains { $0.description.contains(cause) })
        }
    }
}
