import Foundation
import LinuxSystem
import Rig
import Testing

/// The units as `make install` leaves them, looked at by systemd's own tools.
@Suite struct SystemdUnitTests {
    private static let units = ["venuecastd.service", "venuecast-stopped.service"]

    @Test func systemdFindsNothingWrongWithTheUnits() async throws {
        try await installed { workspace in
            let units = Self.units.map { workspace.file("lib/systemd/system/\($0)") }
            let verdict = try await workspace.run("systemd-analyze", ["verify", "--man=no"] + units)
            #expect(verdict.code == 0)
            #expect(verdict.output + verdict.complaint == "")
        }
    }

    /// 2.0 of 10; what is left open has its reason in the unit.
    @Test(arguments: units) func littleIsExposed(unit: String) async throws {
        try await installed { workspace in
            let verdict = try await workspace.run(
                "systemd-analyze",
                [
                    "security", "--offline=true", "--threshold=20", "--no-pager",
                    workspace.file("lib/systemd/system/\(unit)"),
                ])
            #expect(verdict.code == 0, "\(verdict.output)\(verdict.complaint)")
        }
    }

    /// Each exception that systemd sees is named in the unit's comments.
    @Test func whatIsExposedHasItsReasonInTheUnit() async throws {
        let unit = "\(SystemdMachine.checkout)/Systemd/venuecastd.service"
        let workspace = try Workspace()
        defer { workspace.cleanUp() }
        let verdict = try await workspace.run(
            "systemd-analyze", ["security", "--offline=true", "--json=short", unit])
        struct Finding: Decodable {
            var name: String
            var set: Bool?
            var exposure: String?
        }
        let findings = try JSONDecoder().decode([Finding].self, from: Data(verdict.output.utf8))
        let reasons = try Workspace.text(of: unit).split(separator: "\n").filter { $0.hasPrefix("#") }.joined()
        for finding in findings where finding.set == false && finding.exposure != nil {
            // `SystemCallFilter=~@resources`, `RootDirectory=/RootImage=`, `RestrictAddressFamilies=~AF_(INET|INET6)`
            let words = finding.name.split { "=~/(|)".contains($0) }.map(String.init)
            #expect(words.contains { reasons.contains($0) }, "\(finding.name)")
        }
    }

    @Test func whatIsInstalledCanBeTakenAwayAgain() async throws {
        try await installed { workspace in
            let version = try await workspace.succeed(workspace.file("bin/venuecastd"), ["--version"])
            #expect(!version.isEmpty)
            // It finds the installed pipelines, and not those of this checkout.
            let example = workspace.file("etc/venuecast/venuecast.toml.example")
            try await workspace.succeed(workspace.file("bin/venuectl"), ["config", "check", example])
            try await workspace.succeed(
                "make", ["--directory", SystemdMachine.checkout, "uninstall"] + settings(workspace))
            let left = try await workspace.succeed(
                "find", ["bin", "lib", "share", "etc"].map(workspace.file) + ["-type", "f"])
            #expect(left == "")
        }
    }

    private func installed(_ body: (Workspace) async throws -> Void) async throws {
        let workspace = try Workspace()
        defer { workspace.cleanUp() }
        try await workspace.succeed(
            "make",
            ["--directory", SystemdMachine.checkout, "install", "BUILT=\(Executables.directory)"] + settings(workspace))
        try await body(workspace)
    }

    private func settings(_ workspace: Workspace) -> [String] {
        ["PREFIX=\(workspace.path)", "SYSCONFDIR=\(workspace.file("etc"))"]
    }
}
