import Glibc
import LinuxSystem
import Synchronization

/// A directory of its own for one run, with a short path (sockets have 107 bytes), and everything that must go with it.
public final class Workspace: Sendable {
    public let path: String
    private let processes = Mutex<[ProcessHandle]>([])
    private let isKept = Mutex(false)

    public init() throws {
        var template = Array("/tmp/vc.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw RigError("cannot make a directory under /tmp: \(String(cString: strerror(errno)))")
        }
        path = String(cString: made)
    }

    deinit {
        cleanUp()
    }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    public func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        try Files.writeAtomically(file(name), Array(text.utf8), mode: mode)
        return file(name)
    }

    /// Starts a program in a session of its own; it is killed with the workspace at the latest.
    public func spawn(
        _ program: String, _ arguments: [String], log: String, environment: [String: String] = [:]
    ) throws -> ProcessHandle {
        let request = SpawnRequest(
            executable: try Executables.find(program), arguments: arguments,
            environment: currentEnvironment().merging(environment) { $1 }, output: .file(file(log)))
        let handle = try ProcessHandle.spawn(request)
        processes.withLock { $0.append(handle) }
        return handle
    }

    /// A line for the shell, whose process becomes the program's (`exec`).
    public func shell(_ line: String, log: String) throws -> ProcessHandle {
        try spawn("/bin/sh", ["-c", line], log: log)
    }

    /// The directory stays after the end, for whoever wants to know what happened.
    public func keep() {
        isKept.withLock { $0 = true }
    }

    /// Kills what is left and removes the directory, unless it is kept.
    public func cleanUp() {
        let left = processes.withLock { processes in
            defer { processes = [] }
            return processes
        }
        for process in left where process.exitStatus == nil {
            // It may be stopped; SIGKILL reaches it all the same. Its session is its own: so are its children.
            kill(-process.pid, SIGKILL)
            process.signal(SIGKILL)
        }
        if !isKept.withLock({ $0 }) { Self.remove(path) }
    }

    private static func remove(_ path: String) {
        for name in (try? Files.list(path)) ?? [] {
            let child = "\(path)/\(name)"
            var status = stat()
            guard lstat(child, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { remove(child) } else { unlink(child) }
        }
        rmdir(path)
    }
}

/// What went wrong, as a sentence.
public struct RigError: Error, CustomStringConvertible, Sendable {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// Where programs are: ours beside the one that runs, the rest in PATH.
public enum Executables {
    /// `.build/debug` or `.build/release`, also for tests, whose bundle lies there.
    public static let directory: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var candidates = [own]
        candidates += CommandLine.arguments
        for path in candidates where path.contains("/.build/") || path.hasPrefix("/") {
            var directory = path
            while let slash = directory.lastIndex(of: "/"), slash != directory.startIndex {
                directory = String(directory[..<slash])
                if Files.exists("\(directory)/venuecastd") { return directory }
            }
        }
        return "."
    }()

    public static func find(_ name: String) throws -> String {
        if name.contains("/") { return name }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        for directory in [directory] + path.split(separator: ":").map(String.init) {
            let candidate = "\(directory)/\(name)"
            if access(candidate, X_OK) == 0 { return candidate }
        }
        throw RigError("\(name) is not installed: run `make setup`.")
    }
}
