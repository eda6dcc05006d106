import Foundation
import Glibc
import LinuxSystem
import VenuecastModel

/// A small machine that runs systemd, with Venuecast installed by `make install`. Its network is ours, so that our
/// receivers reach its venues.
public final class SystemdMachine: Sendable {
    /// Why none can be booted here; nil: it can.
    public static let obstacle: String? = {
        guard let pipe = popen("'\(fixture)' check 2>&1", "r") else { return "a shell cannot be started" }
        var words = [CChar](repeating: 0, count: 1024)
        let count = fread(&words, 1, words.count, pipe)
        let text = String(decoding: words[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return pclose(pipe) == 0 ? nil : text.trimmingCharacters(in: .whitespacesAndNewlines)
    }()

    public static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    private static let fixture = "\(checkout)/Tests/Fixtures/systemd-machine"

    private let workspace: Workspace
    private let fixture: ProcessHandle
    /// The process id of its systemd, here.
    private let initPid: pid_t

    /// - Parameters:
    ///   - configuration: a file of ours that becomes `/etc/venuecast/venuecast.toml`.
    ///   - dropIn: lines of `[Service]` for `venuecastd.service`.
    ///   - stateDisk: whether `/var/lib/venuecast` is a file system of its own.
    public static func boot(_ workspace: Workspace, configuration: String, dropIn: String = "", stateDisk: Bool = false)
        async throws -> SystemdMachine
    {
        let directory = workspace.file("machine")
        let overlay = "\(directory)/overlay"
        try await install(
            workspace, "DESTDIR=\(overlay)", "PREFIX=/srv/venuecast", "UNITDIR=/etc/systemd/system",
            "SYSUSERSDIR=/etc/sysusers.d", "TMPFILESDIR=/etc/tmpfiles.d")
        try await workspace.succeed("cp", [configuration, "\(overlay)/etc/venuecast/venuecast.toml"])
        try await workspace.succeed("chmod", ["0644", "\(overlay)/etc/venuecast/venuecast.toml"])
        func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
            let path = "\(directory)/\(name)"
            try Files.ensureDirectory(String(path[..<path.lastIndex(of: "/")!]), mode: 0o755)
            try Files.writeAtomically(path, Array(text.utf8), mode: mode)
        }
        try write("overlay/etc/systemd/system/machine.target", "[Unit]\nWants=systemd-journald.service\n")
        // Our Swift libraries may lie where a service may not look.
        let place = try swiftLibraries()
        if let place { try write("binds", "\(place) /srv/swift\n") }
        let libraries = "[Service]\n" + (place == nil ? "" : "Environment=LD_LIBRARY_PATH=/srv/swift\n")
        try write("overlay/etc/systemd/system/venuecast-stopped.service.d/test.conf", libraries)
        try write("overlay/etc/systemd/system/venuecastd.service.d/test.conf", libraries + priorities() + dropIn)
        try write(
            "prepare",
            "#!/bin/sh\nset -e\nsystemd-sysusers /etc/sysusers.d/venuecast.conf\n"
                + "systemd-tmpfiles --create /etc/tmpfiles.d/venuecast.conf\n", mode: 0o755)
        if stateDisk {
            try await workspace.succeed("mkfs.ext4", ["-q", "\(directory)/disk", "64M"])
            try write("diskAt", "/var/lib/venuecast")
        }
        return try await SystemdMachine(workspace, directory)
    }

    private init(_ workspace: Workspace, _ directory: String) async throws {
        self.workspace = workspace
        fixture = try workspace.spawn(Self.fixture, ["boot", directory], log: "machine.log")
        initPid = try await waitFor(
            "systemd's process", seen: { (try? Workspace.text(of: workspace.file("machine.log"))) ?? "" }
        ) {
            pid_t(try Workspace.text(of: "\(directory)/init").trimmingCharacters(in: .whitespacesAndNewlines))
        }
        // Where the rig's client looks.
        symlink(path("/run/venuecast"), workspace.file("run"))
        try await waitFor("systemd has booted") { [self] in
            try await systemctl("is-system-running").output.hasPrefix("running") ? true : nil
        }
    }

    /// Everything on it is killed.
    public func end() async throws {
        fixture.signal(SIGTERM)
        if await fixture.waitForExit(timeout: .seconds(10)) == nil { throw RigError("the machine does not end") }
    }

    /// One of its files, as we see it.
    public func path(_ path: String) -> String { "/proc/\(initPid)/root\(path)" }

    /// Runs something on it, as root.
    @discardableResult
    public func run(_ arguments: String...) async throws -> ProgramOutcome {
        try await workspace.run("nsenter", ["--target", "\(initPid)", "--all", "--"] + arguments)
    }

    @discardableResult
    public func systemctl(_ arguments: String...) async throws -> ProgramOutcome {
        try await workspace.run("nsenter", ["--target", "\(initPid)", "--all", "--", "systemctl"] + arguments)
    }

    /// Returns when the daemon has said that it is ready.
    public func start() async throws {
        let answer = try await systemctl("start", "venuecastd")
        if answer.code != 0 { throw RigError("systemctl start failed: \(answer.complaint)") }
        if try await property("ActiveState") != "active" { throw RigError("venuecastd is not active") }
    }

    /// A property of `venuecastd.service`.
    public func property(_ name: String) async throws -> String {
        try await systemctl("show", "--value", "--property=\(name)", "venuecastd.service").output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Our processes on it, with their ids here.
    public func processes() throws -> [pid_t] {
        let namespace = try link("/proc/\(initPid)/ns/pid")
        return try Files.list("/proc").compactMap { pid_t($0) }.filter { pid in
            guard (try? link("/proc/\(pid)/ns/pid")) == namespace, ProcessFacts.isAlive(pid) else { return false }
            return (try? link("/proc/\(pid)/exe"))?.hasPrefix("/srv/venuecast/") ?? false
        }
    }

    /// What venuecastd and systemd said.
    public func journal() async -> String {
        let answer = try? await run("journalctl", "--no-pager", "--output=cat", "--lines=60")
        return answer?.output ?? "no journal"
    }

    // MARK: -

    /// `make install` of what was built with these tests.
    public static func install(_ workspace: Workspace, _ settings: String...) async throws {
        try await workspace.succeed(
            "make", ["--directory", checkout, "install", "BUILT=\(Executables.directory)"] + settings)
    }

    /// Nil where they are part of the programs.
    private static func swiftLibraries() throws -> String? {
        let maps = try Workspace.text(of: "/proc/self/maps")
        guard let line = maps.split(separator: "\n").first(where: { $0.hasSuffix("/libswiftCore.so") }),
            let start = line.firstIndex(of: "/"), let end = line.lastIndex(of: "/")
        else { return nil }
        return String(line[start..<end])
    }

    /// The unit's limits allow real-time scheduling. A test machine may have taken the right to raise limits away from
    /// its root (`CAP_SYS_RESOURCE`, bit 24): there the service gets the capability instead.
    private static func priorities() throws -> String {
        let line = try Workspace.text(of: "/proc/self/status").split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let capabilities = line.flatMap { UInt64($0.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16) }
        let mayRaiseLimits = (capabilities ?? 0) & (1 << 24) != 0
        return mayRaiseLimits ? "" : "CapabilityBoundingSet=CAP_SYS_NICE\nAmbientCapabilities=CAP_SYS_NICE\n"
    }

    private func link(_ path: String) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: path)
    }
}
