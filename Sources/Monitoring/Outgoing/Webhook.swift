import Foundation
import Glibc
import LinuxSystem
import VenuecastModel

/// Posts a message, signed. The request is made by curl, in a process of its own: TLS and whatever answers there are its
/// matter, and the worst that can happen ends with it. Proxies of the environment do not count. Everything is
/// handed over in files that nobody else can read.
struct Webhook: Sendable {
    var url: String
    var secretFile: String
    /// For files of requests; made where it is missing.
    var directory: String

    private static let deadline = Duration.seconds(15)
    private static let curlSeconds = 10

    /// - Returns: nil when the other side has taken it (2xx), else why not.
    func post(_ message: AlarmMessage) async -> String? {
        guard let curl = Self.curl() else { return "curl is not installed (apt-get install curl)" }
        let base = "\(directory)/\(message.delivery)"
        let files = ["\(base).json", "\(base).curl", "\(base).answer"]
        let unprepared = await offPool { () -> String? in self.prepare(message, files) }
        if let unprepared { return unprepared }
        let failure = await ChildRun(
            arguments: [curl, "--disable", "--config", files[1]], output: .file(files[2]), deadline: Self.deadline
        ).failure()
        return await offPool {
            defer { for file in files { unlink(file) } }
            return Self.judge(failure, (try? Files.read(files[2], limit: 65_536)) ?? [])
        }
    }

    private func prepare(_ message: AlarmMessage, _ files: [String]) -> String? {
        do {
            let body = Array(try VenuecastJSON.encode(message))
            let secret = WebhookSignature.secret(try Files.read(secretFile, limit: 4096))
            let signature = WebhookSignature.header(body, secret: secret, at: Int(wallClockSeconds()))
            try Files.ensureDirectory(directory, mode: 0o700)
            try Files.writeAtomically(files[0], body, mode: 0o600)
            try Files.writeAtomically(files[1], Array(options(files[0], signature, message).utf8), mode: 0o600)
            return nil
        } catch {
            for file in files { unlink(file) }
            return "\(error)"
        }
    }

    /// - Parameter answer: what curl said.
    private static func judge(_ failure: String?, _ answer: [UInt8]) -> String? {
        let said = answer.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        if let failure { return said.first { $0.hasPrefix("curl: ") } ?? "curl \(failure)" }
        guard let code = said.last.flatMap({ Int($0) }) else { return "curl said nothing" }
        return (200...299).contains(code) ? nil : "it answered with HTTP status \(code)"
    }

    /// curl's configuration, one option a line (curl(1), --config).
    private func options(_ body: String, _ signature: String, _ message: AlarmMessage) -> String {
        func quoted(_ text: String) -> String {
            "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
        return """
            url = \(quoted(url))
            request = "POST"
            proto = "=http,https"
            max-time = \(Self.curlSeconds)
            silent
            show-error
            output = "/dev/null"
            write-out = "\\n%{http_code}\\n"
            data-binary = \(quoted("@" + body))
            header = "Content-Type: application/json"
            header = "Expect:"
            user-agent = "venuecast/\(Venuecast.version)"
            header = \(quoted("X-Venuecast-Delivery: \(message.delivery)"))
            header = \(quoted("X-Venuecast-Signature: \(signature)"))

            """
    }

    private static func curl() -> String? {
        let path = currentEnvironment()["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/curl" }.first { access($0, X_OK) == 0 }
    }
}
