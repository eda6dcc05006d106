import Foundation
import Glibc

/// Where the program writes and what it is told about it; a test has its own.
public struct Console: Sendable {
    public struct Size: Sendable, Equatable {
        public var columns: Int
        public var rows: Int

        public init(columns: Int, rows: Int) {
            self.columns = columns
            self.rows = rows
        }
    }

    public var environment: [String: String]
    /// Standard output, as it is.
    public var write: @Sendable (String) -> Void
    /// Standard error, as it is.
    public var complain: @Sendable (String) -> Void
    /// Of the terminal at standard output; nil when there is none.
    public var size: @Sendable () -> Size?

    public init(
        environment: [String: String], write: @escaping @Sendable (String) -> Void,
        complain: @escaping @Sendable (String) -> Void, size: @escaping @Sendable () -> Size?
    ) {
        self.environment = environment
        self.write = write
        self.complain = complain
        self.size = size
    }

    public static func standard() -> Console {
        Console(
            environment: ProcessInfo.processInfo.environment,
            write: { put($0, to: STDOUT_FILENO) },
            complain: { put($0, to: STDERR_FILENO) },
            size: {
                var window = winsize()
                guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0 else {
                    return nil
                }
                // A serial console says 0.
                return Size(
                    columns: window.ws_col > 0 ? Int(window.ws_col) : 80,
                    rows: window.ws_row > 0 ? Int(window.ws_row) : 24)
            })
    }

    var colour: Bool {
        size() != nil && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    func print(_ lines: [Line]) {
        // Without a terminal nothing is cut off: somebody else reads it.
        let width = size()?.columns ?? 1000
        let colour = colour
        write(lines.map { $0.rendered(width: width, colour: colour) + "\n" }.joined())
    }

    private static func put(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Nobody reads any more: there is nothing left to do.
            if count < 0 { exit(1) }
            bytes = bytes.dropFirst(count)
        }
    }
}
