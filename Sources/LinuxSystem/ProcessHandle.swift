import CLinux
import Dispatch
import Glibc

/// How a process ended.
public enum ExitStatus: Sendable, Equatable, CustomStringConvertible {
    case exited(code: Int32)
    case signalled(Int32)
    /// It has ended, and was not our child, so that nobody tells us how.
    case unknown

    public var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .signalled(let number): "was killed by signal \(number)\(Self.name(of: number).map { " (\($0))" } ?? "")"
        case .unknown: "ended, cause unknown"
        }
    }

    private static func name(of signal: Int32) -> String? {
        switch signal {
        case SIGHUP: "SIGHUP"
        case SIGINT: "SIGINT"
        case SIGQUIT: "SIGQUIT"
        case SIGILL: "SIGILL"
        case SIGABRT: "SIGABRT"
        case SIGBUS: "SIGBUS"
        case SIGFPE: "SIGFPE"
        case SIGKILL: "SIGKILL"
        case SIGSEGV: "SIGSEGV"
        case SIGPIPE: "SIGPIPE"
        case SIGTERM: "SIGTERM"
        case SIGTRAP: "SIGTRAP"
        default: nil
        }
    }
}

/// What to start, and how.
public struct SpawnRequest: Sendable {
    public enum Output: Sendable, Equatable {
        /// Our own stdout and stderr.
        case inherited
        /// Both are appended to a file.
        case file(String)
    }

    /// An absolute path.
    public var executable: String
    /// Without the program's own name.
    public var arguments: [String]
    /// All of it; nothing is inherited.
    public var environment: [String: String]
    public var output: Output
    /// Nil is our own.
    public var directory: String?

    public init(
        executable: String, arguments: [String] = [], environment: [String: String] = currentEnvironment(),
        output: Output = .inherited, directory: String? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.output = output
        self.directory = directory
    }
}

/// Our own environment variables.
public func currentEnvironment() -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
        let pair = String(cString: text)
        if let equals = pair.firstIndex(of: "=") {
            result[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
        }
        entry += 1
    }
    return result
}

/// A running process, held by a pidfd: a signal can never reach another one that got its number. A child is reaped
/// whether or not anybody waits for it or keeps the handle.
public final class ProcessHandle: Sendable {
    public let pid: pid_t
    private let core: ProcessCore

    private init(pid: pid_t, pidfd: Int32) {
        self.pid = pid
        core = ProcessCore(pidfd: pidfd)
        core.start()
    }

    /// Starts a process in a session of its own, with /dev/null as stdin, no descriptor above 2, default signal
    /// dispositions and an empty signal mask. It outlives us. Takes about a millisecond, until the child has `exec`ed.
    public static func spawn(_ request: SpawnRequest) throws -> ProcessHandle {
        let words = [request.executable] + request.arguments
        let settings = request.environment.map { "\($0.key)=\($0.value)" }
        var output: String?
        if case .file(let path) = request.output { output = path }
        var pidfd: Int32 = -1
        let pid = withCStrings(words) { arguments in
            withCStrings(settings) { environment in
                withOptionalCString(output) { output in
                    withOptionalCString(request.directory) { directory in
                        clinux_spawn(request.executable, arguments, environment, output, directory, &pidfd)
                    }
                }
            }
        }
        _ = try SystemError.check(pid, "start", path: request.executable)
        return ProcessHandle(pid: pid, pidfd: pidfd)
    }

    /// Takes hold of a process that need not be our child. Its exit is noticed, its status is `.unknown` then.
    /// - Throws: `ESRCH` when there is none.
    public static func open(pid: pid_t) throws -> ProcessHandle {
        ProcessHandle(pid: pid, pidfd: try SystemError.check(clinux_pidfd_open(pid), "take hold of process \(pid)"))
    }

    /// Nil while it runs.
    public var exitStatus: ExitStatus? { core.status }

    /// - Returns: false when it has ended, or may not be signalled by us.
    @discardableResult
    public func signal(_ number: Int32) -> Bool {
        core.signal(number)
    }

    /// Calls `handler` once, on a queue of the handle's own, when the process has ended; at once if it has already.
    public func onExit(_ handler: @escaping @Sendable (ExitStatus) -> Void) {
        core.onExit(handler)
    }

    /// - Returns: nil when it still runs after `timeout`.
    public func waitForExit(timeout: Duration) async -> ExitStatus? {
        let core = core
        return await withCheckedContinuation { continuation in
            let once = OnceResumer<ExitStatus?>(continuation)
            core.onExit { once.resume($0) }
            core.queue.asyncAfter(deadline: .now() + .nanoseconds(Int(timeout.inNanoseconds))) { once.resume(nil) }
        }
    }
}
