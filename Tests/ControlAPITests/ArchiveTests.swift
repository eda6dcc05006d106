import ArchiveAccess
import ControlClient
import Foundation
import Glibc
import LinuxSystem
import class Rig.Port
import Synchronization
import Testing
import VenuecastModel
import VenuectlKit

@testable import ControlAPI

/// Recordings over TCP, with TLS and tokens, asked for by programs that are not ours and by `recording fetch`.
@Suite(.timeLimit(.minutes(2))) struct ArchiveTests {
    /// An authority, certificates of its, two tokens and a port that nobody has.
    private struct Keys: Sendable {
        let directory: String
        private let reserved: Port
        var port: Int { reserved.number }
        static let station = "0123456789abcdef-station"
        static let other = "0123456789abcdef-other+/="

        init() async throws {
            var template = Array("/tmp/venuecast-keys-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw Late(description: "a directory of its own: errno \(errno)") }
            directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            reserved = try Port.reserve()
            for (name, secret) in [("station", Self.station), ("other", Self.other)] {
                try Files.writeAtomically("\(directory)/\(name)", Array("\(secret)\n".utf8))
            }
            try await certificate("good", from: -1, to: 400)
        }

        var ca: String { "\(directory)/ca.pem" }
        var url: String { "https://localhost:\(port)" }

        /// - Parameters: days from now.
        func certificate(_ name: String, from: Int, to: Int) async throws {
            let times = [from, to].map { days in
                String(
                    VenuecastJSON.format(Date().addingTimeInterval(Double(days) * 86_400)).prefix(10).filter {
                        $0 != "-"
                    }) + "120000Z"
            }
            let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
            try await ArchiveTests.shell(
                ["/\(root)/Fixtures/make-certificate", directory, name] + times, output: "\(directory)/openssl.log")
        }

        func settings(
            _ certificate: String? = "good", host: String = "127.0.0.1", tokens: [String] = ["station", "other"],
            port: Int? = nil
        ) -> ArchiveSettings {
            ArchiveSettings(
                host: host, port: port ?? self.port, certificateFile: certificate.map { "\(directory)/\($0).pem" },
                keyFile: certificate.map { "\(directory)/\($0).key" },
                tokens: tokens.map { .init(name: "\($0) 台", file: "\(directory)/\($0)") })
        }
    }

    private func run(
        _ limits: ControlLimits = ControlLimits(),
        _ body: @escaping @Sendable (Stage, Keys, ArchiveGate, FileTests.Archive) async throws -> Void
    ) async throws {
        let keys = try await Keys()
        defer { try? FileManager.default.removeItem(atPath: keys.directory) }
        let gate = ArchiveGate()
        try gate.adopt(keys.settings())
        try await Stage.run(limits: limits, gate: gate) { stage in
            try await eventually("it listens") { gate.status()?.health == .ok ? true : nil }
            try await body(stage, keys, gate, FileTests.Archive(stage))
        }
    }

    private static func shell(_ words: [String], output: String) async throws {
        let process = try ProcessHandle.spawn(
            SpawnRequest(executable: "/usr/bin/env", arguments: words, output: .file(output)))
        let status = await process.waitForExit(timeout: .seconds(40))
        guard status == .exited(code: 0) else {
            process.signal(SIGKILL)
            let text = String(decoding: (try? Files.read(output)) ?? [], as: UTF8.self)
            throw Late(description: "\(words.joined(separator: " ")): \(text)")
        }
    }

    private func fetch(_ keys: Keys, _ target: String, _ more: String...) async -> (code: Int32, text: String) {
        let text = Mutex("")
        let console = Console(
            environment: [:], write: { more in text.withLock { $0 += more } },
            complain: { more in text.withLock { $0 += more } }, size: { nil })
        let code = await Venuectl.run(["recording", "fetch", "S1", target] + more, console: console)
        return (code, text.withLock { $0 })
    }

    @Test func curlAndBrowsersGetInWithAToken() async throws {
        try await run { stage, keys, _, archive in
            func ask(_ path: String, _ arguments: String...) async throws -> (status: Int, text: String) {
                let words = ["--cacert", keys.ca] + arguments + ["\(keys.url)\(path)"]
                return try await stage.curl(words)
            }
            let bearer = "Authorization: Bearer \(Keys.station)"
            let page = try await ask("/recordings", "-u", "任何人:\(Keys.other)")
            #expect(page.status == 200 && page.text.contains("/v1/recordings/S1/files") && !page.text.contains("S3"))
            let path = String(FileTests.Archive.clipURL.dropFirst("http://localhost".count))
            let file = "\(stage.directory)/clip"
            try Files.writeAtomically(file, Array(archive.clip.prefix(100_000)))
            #expect(try await ask(path, "-H", bearer, "-C", "-", "-o", file).status == 206)
            #expect(try Files.read(file, limit: 1 << 24) == archive.clip)
            let head = try await ask(path, "-H", bearer, "--head")
            #expect(head.status == 200 && head.text.lowercased().contains("content-length: 600001"))

            // Nobody, somebody wrong, and all that is nearly right.
            for arguments in [
                [], ["-H", "Authorization: Bearer \(Keys.station)x"], ["-H", "Authorization: Bearer"],
                ["-H", "Authorization: \(Keys.station)"], ["-H", "Authorization: Basic !!"], ["-u", "x:"],
                ["-u", "\(Keys.station):"], ["-H", "Authorization: Bearer \(Keys.station.dropLast())"],
            ] {
                let answer = try await stage.curl(["--cacert", keys.ca, "-i"] + arguments + ["\(keys.url)/recordings"])
                #expect(answer.status == 401, "\(arguments)")
                #expect(answer.text.contains("Basic realm=") && answer.text.contains("application/problem+json"))
                #expect(answer.text.contains("nextStep") && answer.text.contains("令牌"))
            }
            #expect(try await ask("/v1/program/mute", "-X", "POST").status == 401)
            // With it, recordings and nothing else.
            for path in ["/v1/status", "/v1/events", "/metrics", "/v1/venues"] {
                #expect(try await ask(path, "-H", bearer).status == 403, "\(path)")
            }
            for path in ["/v1/program/mute", "/v1/reload", "/v1/sessions/S1/start"] {
                #expect(try await ask(path, "-H", bearer, "-X", "POST").status == 403, "\(path)")
            }
            for path in ["/v1/recordings/S3", "/v1/recordings/S3/files/secret.txt", "/v1/recordings/S1/files/../../x"] {
                #expect(try await ask(path, "-H", bearer, "--path-as-is").status == 404, "\(path)")
            }
            let refused = try await eventually("it is on record") {
                let events = try await stage.client.get("/v1/events?subject=archive", as: [Event].self)
                return events.isEmpty ? nil : events
            }
            #expect(refused[0].outcome == .refused && refused[0].details["from"] == "127.0.0.1")
            let orders = try await stage.client.get("/v1/events?subject=program", as: [Event].self)
            #expect(orders.last?.who?.user == "station 台" && orders.last?.who?.uid == nil)
            #expect(orders.last?.who?.role == "archive" && orders.last?.details["from"] == "127.0.0.1")

            // No secret is written down anywhere.
            let log = stage.log.entries.map { "\($0.message) \($0.metadata)" }.joined()
            let events = String(decoding: try await stage.client.data(get: "/v1/events"), as: UTF8.self)
            for secret in [Keys.station, Keys.other] { #expect(!log.contains(secret) && !events.contains(secret)) }
            #expect(log.contains("no valid token"))
        }
    }

    @Test func speaksTLSAndNothingElse() async throws {
        try await run { stage, keys, _, _ in
            let output = "\(stage.directory)/s_client"
            func handshake(_ arguments: String...) async throws -> String {
                try? await Self.shell(
                    [
                        "sh", "-c",
                        "echo | openssl s_client -connect 127.0.0.1:\(keys.port) -CAfile \(keys.ca) "
                            + arguments.joined(separator: " "),
                    ], output: output)
                defer { unlink(output) }
                return String(decoding: try Files.read(output), as: UTF8.self)
            }
            let modern = try await handshake(
                "-verify_return_error", "-verify_hostname", "localhost", "-alpn", "h2,http/1.1")
            #expect(modern.contains("Verification: OK") && modern.contains("ALPN protocol: http/1.1"), "\(modern)")
            #expect(try await handshake("-tls1_2").contains("Verification: OK"))
            let old = try await handshake("-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0")
            #expect(old.contains("Cipher is (NONE)"), "\(old)")
            let plain = try? await stage.curl("http://localhost:\(keys.port)/recordings")
            #expect(plain?.status == 0)
        }
    }

    @Test func aDeliveryIsFetchedOverTheNetwork() async throws {
        try await run { stage, keys, _, archive in
            let target = "\(stage.directory)/target"
            try Files.ensureDirectory(target)
            let token = "\(keys.directory)/station"
            let (code, text) = await fetch(keys, target, "--url", keys.url, "--token-file", token, "--ca", keys.ca)
            #expect(code == 0 && text.contains("all 3 files are as they were"), "\(text)")
            let name = "20121126_S1/clips/20121126_S1_01_市 财政局.mov"
            #expect(try Files.read("\(target)/\(name)", limit: 1 << 24) == archive.clip)
            let receipt = String(decoding: try Files.read("\(archive.session)/receipts.jsonl"), as: UTF8.self)
            #expect(receipt.contains("\"user\":\"station 台\"") && !receipt.contains("\"uid\""), "\(receipt)")
            let events = try await stage.client.get("/v1/events?subject=recording/S1", as: [Event].self)
            #expect(events.last?.who?.user == "station 台" && events.last?.details["action"] == "receipt")
            // By number as well; what is there is not fetched again.
            let address = "https://127.0.0.1:\(keys.port)/"
            #expect(await fetch(keys, target, "--url", address, "--token-file", token, "--ca", keys.ca).code == 0)
            let list = Mutex("")
            let console = Console(
                environment: [:], write: { more in list.withLock { $0 += more } }, complain: { _ in }, size: { nil })
            let listed = await Venuectl.run(
                ["recording", "list", "--url", keys.url, "--token-file", token, "--ca", keys.ca], console: console)
            #expect(listed == 0)
            #expect(list.withLock { $0.contains("S1") && !$0.contains("S3") })
        }
    }

    @Test func fetchIsRefusedWithTheCause() async throws {
        try await run { stage, keys, gate, _ in
            let target = "\(stage.directory)/target"
            try Files.ensureDirectory(target)
            let token = "\(keys.directory)/station"
            // Nobody here knows the authority; another machine's name.
            let unknown = await fetch(keys, target, "--url", keys.url, "--token-file", token)
            #expect(unknown.code == 1 && unknown.text.contains("not trusted"), "\(unknown.text)")
            let other = await fetch(
                keys, target, "--url", "https://127.0.0.2:\(keys.port)", "--token-file", token, "--ca", keys.ca)
            #expect(other.code == 1, "\(other.text)")
            for (certificate, from, to) in [("expired", -30, -1), ("early", 2, 30)] {
                try await keys.certificate(certificate, from: from, to: to)
                try gate.adopt(keys.settings(certificate))
                let answer = await fetch(keys, target, "--url", keys.url, "--token-file", token, "--ca", keys.ca)
                #expect(answer.code == 1 && answer.text.contains("not trusted"), "\(answer.text)")
            }
            try gate.adopt(keys.settings())
            // Tokens.
            let wrong = "\(keys.directory)/wrong"
            try Files.writeAtomically(wrong, Array("something-else-entirely".utf8))
            for (file, cause) in [
                (wrong, "There is no valid token"), ("\(keys.directory)/nowhere", "No such file"),
                (keys.ca, "open to others"),
            ] {
                if file == keys.ca { chmod(file, 0o644) }
                let answer = await fetch(keys, target, "--url", keys.url, "--token-file", file, "--ca", keys.ca)
                #expect(answer.code == 1 && answer.text.contains(cause), "\(answer.text)")
                #expect(!answer.text.contains("something-else"))
            }
            // Addresses.
            for (url, cause) in [
                ("ftp://localhost", "is no address"),
                ("https://x:\(Keys.station)@localhost:1", "no place in an address"),
                ("http://archive.example", "in the clear"), ("https://localhost:1", "cannot be reached"),
                ("https://localhost:\(keys.port)/v1", "is no address"),
            ] {
                let answer = await fetch(keys, target, "--url", url, "--token-file", token, "--ca", keys.ca)
                #expect(answer.code == 1 && answer.text.contains(cause), "\(answer.text)")
                #expect(!answer.text.contains(Keys.station))
            }
            #expect(await fetch(keys, target, "--url", keys.url).code == 2)
            #expect(await fetch(keys, target, "--token-file", token).code == 2)
            let chinese = await fetch(
                keys, target, "--url", keys.url, "--token-file", wrong, "--ca", keys.ca, "--lang", "zh")
            #expect(chinese.text.contains("没有有效的令牌"), "\(chinese.text)")
            #expect(try Files.list(target).isEmpty)
        }
    }

    @Test func aReloadTakesNewCertificatesAndTokens() async throws {
        try await run { stage, keys, gate, _ in
            func status(_ token: String, port: Int? = nil) async throws -> Int {
                try await stage.curl(
                    "--cacert", keys.ca, "-H", "Authorization: Bearer \(token)",
                    "https://localhost:\(port ?? keys.port)/recordings"
                ).status
            }
            #expect(try await status(Keys.other) == 200)
            // Under the same name: a new content.
            try Files.writeAtomically("\(keys.directory)/station", Array("a-new-token-of-the-station".utf8))
            try await keys.certificate("good", from: -1, to: 20)
            try gate.adopt(keys.settings(tokens: ["station"]))
            #expect(try await status(Keys.station) == 401)
            #expect(try await status(Keys.other) == 401)
            #expect(try await status("a-new-token-of-the-station") == 200)
            #expect(gate.status()?.reasons.map(\.code) == ["certificate-ending"] && gate.status()?.health == .degraded)
            // What cannot be used changes nothing.
            try Files.writeAtomically("\(keys.directory)/good.key", [1])
            #expect(throws: ArchiveFault.self) { try gate.adopt(keys.settings()) }
            #expect(try await status("a-new-token-of-the-station") == 200)

            // Elsewhere, where somebody else is at first.
            let elsewhere = try Port.reserve()
            defer { withExtendedLifetime(elsewhere) {} }
            let port = elsewhere.number
            let blocker = try Blocker(port)
            try await keys.certificate("good", from: -1, to: 400)
            try gate.adopt(keys.settings(tokens: ["station"], port: port))
            let failed = try await eventually("it says why") {
                gate.status().flatMap { $0.health == .failed ? $0 : nil }
            }
            #expect(failed.reasons[0].text.contains("Address already in use"), "\(failed)")
            blocker.end()
            try await eventually("it listens there") { gate.status()?.health == .ok ? true : nil }
            #expect(try await status("a-new-token-of-the-station", port: port) == 200)
            #expect(try await status("a-new-token-of-the-station") == 0, "and no more where it was")
            // Nowhere.
            try gate.adopt(nil)
            #expect(gate.status() == nil)
            try await eventually("it is gone") { try await status("x", port: port) == 0 ? true : nil }
        }
    }

    @Test func whoIsSilentIsCutOff() async throws {
        var limits = ControlLimits(connectionsPerProcess: 4)
        limits.patience = .milliseconds(500)
        try await run(limits) { stage, keys, _, _ in
            let silent = try (0..<6).map { _ in try RawConnection(port: keys.port) }
            for connection in silent {
                #expect(await connection.readToEnd() != nil, "it is closed")
            }
            let answer = try await stage.curl(
                "--cacert", keys.ca, "-H", "Authorization: Bearer \(Keys.station)", "\(keys.url)/recordings")
            #expect(answer.status == 200)
        }
    }

    /// Without TLS on loopback alone: for a tunnel, or a proxy that has it.
    @Test func loopbackMayDoWithoutTLS() async throws {
        try await run { stage, keys, gate, _ in
            let elsewhere = try Port.reserve()
            defer { withExtendedLifetime(elsewhere) {} }
            let port = elsewhere.number
            try gate.adopt(keys.settings(nil, port: port))
            try await eventually("it listens") { gate.status()?.health == .ok ? true : nil }
            let target = "\(stage.directory)/target"
            try Files.ensureDirectory(target)
            let token = "\(keys.directory)/station"
            #expect(await fetch(keys, target, "--url", "http://127.0.0.1:\(port)", "--token-file", token).code == 0)
            #expect(try await stage.curl("http://127.0.0.1:\(port)/recordings").status == 401)
        }
    }

    private final class Blocker {
        private let descriptor: Int32

        init(_ port: Int) throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard result == 0, listen(descriptor, 1) == 0 else { throw Late(description: "the port \(port): \(errno)") }
        }

        func end() { close(descriptor) }
    }
}
