import Dispatch
import Glibc

/// The terminal's other screen, for a picture that changes.
enum LiveScreen {
    /// What the terminal did with keys before.
    struct Keys {
        var settings: termios?
    }

    static func enter(_ console: Console) -> Keys {
        console.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J")
        var settings = termios()
        guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else { return Keys() }
        var quiet = settings
        // Keys do not show, and come without Return; Ctrl-C stays what it is.
        quiet.c_lflag &= ~tcflag_t(ECHO | ICANON)
        tcsetattr(STDIN_FILENO, TCSANOW, &quiet)
        return Keys(settings: settings)
    }

    static func leave(_ console: Console, _ keys: Keys) {
        console.write("\u{1B}[?25h\u{1B}[?1049l")
        // What was typed at the picture is not meant for the shell.
        if var settings = keys.settings { tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
    }

    /// Everything in one piece, each line erased just before it is written: nothing flickers.
    /// - Parameter rows: of the terminal; no more lines than that.
    static func frame(_ lines: [String], rows: Int) -> String {
        let body = lines.prefix(rows).map { "\u{1B}[K" + $0 }.joined(separator: "\r\n")
        // Below the last line; where there is no room below, this would erase the line itself.
        let rest = lines.count < rows ? "\r\n\u{1B}[J" : ""
        return "\u{1B}[?2026h\u{1B}[H" + body + rest + "\u{1B}[?2026l"
    }
}

/// Ctrl-C, q, and the signals that end a program, as a stream that finishes.
enum QuitRequests {
    static func all() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let queue = DispatchQueue(label: "venuectl.quit")
        var sources: [any DispatchSourceProtocol] = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { continuation.finish() }
            return source
        }
        if isatty(STDIN_FILENO) == 1 {
            let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
            source.setEventHandler {
                var keys = [UInt8](repeating: 0, count: 64)
                let count = read(STDIN_FILENO, &keys, keys.count)
                if count > 0, !keys[..<count].contains(UInt8(ascii: "q")) { return }
                continuation.finish()
            }
            sources.append(source)
        }
        for source in sources { source.activate() }
        // Dispatch sources may be used from any thread; here they are only kept.
        nonisolated(unsafe) let kept = sources
        continuation.onTermination = { _ in
            for source in kept { source.cancel() }
        }
        return stream
    }
}
