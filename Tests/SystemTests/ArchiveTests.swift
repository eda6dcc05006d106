import Foundation
import Glibc
import LinuxSystem
import Rig
import Testing
import VenuecastModel

extension SystemTests {
    /// A real daemon that serves its recordings over the network.
    @Suite(.timeLimit(.minutes(2))) struct ArchiveTests {
        private func make(_ stage: SessionStage, _ days: ClosedRange<Int>) async throws {
            let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
            let times = [days.lowerBound, days.upperBound].map { day in
                String(
                    VenuecastJSON.format(Date().addingTimeInterval(Double(day) * 86_400)).prefix(10).filter {
                        $0 != "-"
                    }) + "120000Z"
            }
            try await shell(
                stage, ["/\(root)/Fixtures/make-certificate", stage.workspace.file("keys"), "archive"] + times)
        }

        @discardableResult
        private func shell(_ stage: SessionStage, _ words: [String]) async throws -> String {
            let output = stage.workspace.file("shell-\(UUID().uuidString)")
            let process = try ProcessHandle.spawn(
                SpawnRequest(executable: "/usr/bin/env", arguments: words, output: .file(output)))
            guard await process.waitForExit(timeout: .seconds(30)) != nil else {
                process.signal(SIGKILL)
                throw RigError("\(words) does not end")
            }
            return String(decoding: try Files.read(output), as: UTF8.self)
        }

        @Test func servesRecordingsAndTakesNewKeysOnReload() async throws {
            let stage = try SessionStage(venues: 0)
            let port = try Port.reserve()
            try Files.ensureDirectory(stage.workspace.file("keys"))
            try await make(stage, -40 ... -1)
            let token = "keys-are-known-to-those-who-have-them"
            try stage.workspace.write("keys/token", token)
            try stage.rig.editConfiguration {
                $0 + """

                    [alarms]
                    impairedSeconds = 1
                    clearSeconds = 1
                    [archive]
                    listen = "127.0.0.1:\(port.number)"
                    certificateFile = "keys/archive.pem"
                    keyFile = "keys/archive.key"
                    [[archive.tokens]]
                    name = "市电视台"
                    file = "keys/token"

                    """
            }
            func ask(_ token: String) async throws -> String {
                try await shell(
                    stage,
                    [
                        "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert",
                        stage.workspace.file("keys/ca.pem"), "-u", "x:\(token)",
                        "https://localhost:\(port.number)/recordings",
                    ])
            }
            try await stage.stage.run {
                try stage.rig.startDaemon()
                let checked = try await stage.venuectl("config", "check", stage.rig.configuration)
                #expect(checked.code == 0 && (checked.output + checked.complaint).contains("expired on"), "\(checked)")
                // Nobody trusts it, and somebody is told.
                let alarmed = try await stage.rig.status("an alarm about the certificate") { status in
                    status.alarms.contains { $0.subject == "archive" && $0.code == "certificate-expired" }
                }
                #expect(alarmed.archive?.health == .failed)
                #expect(try await ask(token) == "000")
                let pid = try #require(stage.rig.daemonPid)
                try await make(stage, -1...400)
                kill(pid, SIGHUP)
                try await stage.rig.status("the new one is in force") { status in
                    status.archive?.health == .ok && !status.alarms.contains { $0.subject == "archive" }
                }
                #expect(try await ask(token) == "200")
                #expect(try await ask("something-else-entirely") == "401")
                // Another token under the old name.
                try stage.workspace.write("keys/token", "another-token-than-before")
                kill(pid, SIGHUP)
                try await waitFor("the new token") { try await ask("another-token-than-before") == "200" ? true : nil }
                #expect(try await ask(token) == "401")
                let log = stage.rig.log
                #expect(!log.contains(token) && !log.contains("another-token"))
            }
        }
    }
}
