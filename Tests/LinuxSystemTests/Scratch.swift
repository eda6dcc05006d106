import Glibc
import LinuxSystem

/// A directory of a test's own.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/vclinux.XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit { Self.remove(path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func text(_ name: String) -> String {
        String(decoding: (try? Files.read(file(name))) ?? [], as: UTF8.self)
    }

    private static func remove(_ path: String) {
        for name in (try? Files.list(path)) ?? [] {
            if unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        }
        rmdir(path)
    }
}

/// Waits for a fact; a generous deadline stands for "never".
func eventually(_ what: String, within deadline: Duration = .seconds(10), _ fact: () -> Bool) async throws {
    let end = MonotonicInstant.now.advanced(by: deadline)
    while !fact() {
        guard MonotonicInstant.now < end else {
            throw SystemError(code: ETIMEDOUT, operation: "see within \(deadline)", advice: what)
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

func shell(_ line: String, output: SpawnRequest.Output = .inherited) throws -> ProcessHandle {
    try ProcessHandle.spawn(SpawnRequest(executable: "/bin/sh", arguments: ["-c", line], output: output))
}
