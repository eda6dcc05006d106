import Foundation
import Glibc
import LinuxSystem

/// Programs that are not ours.
enum Outside {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static func fixture(_ name: String) -> String { "\(root)/Tests/Fixtures/\(name)" }

    /// One that `Scripts/setup-tests` installed.
    static func tool(_ name: String) throws -> String {
        let path = "\(root)/.build/test-tools/bin/\(name)"
        guard Files.exists(path) else { throw Failure(description: "\(path) is missing: run Scripts/setup-tests") }
        return path
    }

    /// - Returns: what it wrote to both outputs; throws when it ends otherwise than expected.
    @discardableResult
    static func run(_ line: String, in directory: String = "/tmp", code: Int32 = 0) async throws -> String {
        let output = "/tmp/vcd-\(UUID().uuidString).out"
        defer { unlink(output) }
        let process = try ProcessHandle.spawn(
            SpawnRequest(executable: "/bin/bash", arguments: ["-c", line], output: .file(output), directory: directory))
        let status = await process.waitForExit(timeout: .seconds(60))
        let text = String(decoding: (try? Files.read(output, limit: 256 << 20)) ?? [], as: UTF8.self)
        guard status == .exited(code: code) else {
            kill(-process.pid, SIGKILL)
            throw Failure(description: "\(line): \(status?.description ?? "did not end"): \(text)")
        }
        return text
    }
}

/// A directory that goes away with what is in it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/vcdXXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError(code: errno, operation: "make a directory") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = file(name)
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Files.writeAtomically(path, bytes, mode: 0o644)
        return path
    }
}
