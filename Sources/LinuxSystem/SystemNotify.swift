import CLinux
import Glibc

/// What a service tells the manager that started it (sd_notify(3)). Nothing happens where there is none.
public enum SystemNotify: Sendable, Equatable {
    case ready
    case stopping
    /// To be repeated within `watchdogInterval`.
    case alive
    /// One line for whoever asks how the service is.
    case status(String)

    /// Whether there is one.
    public static var isListenedTo: Bool { getenv("NOTIFY_SOCKET") != nil }

    /// - Returns: whether it was handed over. Never waits: a manager that does not read loses it.
    @discardableResult
    public static func send(_ messages: SystemNotify...) -> Bool {
        guard let address = getenv("NOTIFY_SOCKET") else { return false }
        let text = messages.map(\.assignment).joined(separator: "\n")
        return clinux_notify(address, text, text.utf8.count) == 0
    }

    /// After so long without `.alive` the manager takes this process for hung; nil when it does not look.
    public static func watchdogInterval(
        _ environment: [String: String] = currentEnvironment(), pid: pid_t = getpid()
    ) -> Duration? {
        guard let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text), microseconds > 0 else {
            return nil
        }
        // Inherited from a parent, it is meant for that one.
        if let owner = environment["WATCHDOG_PID"], pid_t(owner) != pid { return nil }
        return .microseconds(microseconds)
    }

    /// As the protocol writes it: one `NAME=value` a line.
    var assignment: String {
        switch self {
        case .ready: "READY=1"
        case .stopping: "STOPPING=1"
        case .alive: "WATCHDOG=1"
        case .status(let line): "STATUS=\(line.replacing("\n", with: " "))"
        }
    }
}
