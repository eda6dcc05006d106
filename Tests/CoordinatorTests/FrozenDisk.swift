import Foundation
import Glibc
import LinuxSystem

func withFileSystem(_ body: (String) async throws -> Void) async throws {
    try await withDirectory { directory in
        let (image, mount) = ("\(directory)/image", "\(directory)/disk")
        try shell("truncate -s 8M '\(image)' && mkfs.ext4 -q '\(image)' && mkdir '\(mount)'")
        try shell("mount -o loop '\(image)' '\(mount)'")
        do {
            try await body(mount)
        } catch {
            try? shell("umount -l '\(mount)'")
            throw error
        }
        try shell("umount '\(mount)'")
    }
}

func shell(_ line: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw SystemError(code: EIO, operation: "carry out", path: line)
    }
}
