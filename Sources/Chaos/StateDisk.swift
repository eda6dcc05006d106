import Glibc
import LinuxSystem
import Rig

/// A small file system for the state directory, which can be filled and frozen. Needs root.
struct StateDisk: Sendable {
    let workspace: Workspace
    let mount: String
    private var filler: String { "\(mount)/filler" }

    static let isPossible = getuid() == 0

    init(workspace: Workspace, mount: String) async throws {
        self.workspace = workspace
        self.mount = mount
        let image = workspace.file("state.img")
        try await shell(
            "truncate -s 48M '\(image)' && mkfs.ext4 -q '\(image)' && mkdir -p '\(mount)' && mount -o loop '\(image)' '\(mount)'"
        )
    }

    func fill() async throws {
        // It ends with an error once there is no room: that is what is wanted.
        try await shell(
            "dd if=/dev/zero of='\(filler)' bs=64k 2>/dev/null; dd if=/dev/zero of='\(filler).2' bs=1 2>/dev/null; true"
        )
    }

    func makeRoom() async throws {
        try await shell("rm -f '\(filler)' '\(filler).2'")
    }

    func freeze() async throws { try await shell("fsfreeze --freeze '\(mount)'") }
    func thaw() async throws { try await shell("fsfreeze --unfreeze '\(mount)'") }

    func remove() async {
        try? await shell("fsfreeze --unfreeze '\(mount)' 2>/dev/null; umount '\(mount)' || umount -l '\(mount)'")
    }

    private func shell(_ line: String) async throws {
        let process = try workspace.shell(line, log: "disk.log")
        guard await process.waitForExit(timeout: .seconds(30)) == .exited(code: 0) else {
            throw RigError("this did not succeed: \(line)")
        }
    }
}
