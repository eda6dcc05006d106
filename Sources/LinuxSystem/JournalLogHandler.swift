import Glibc
import Logging

/// Logs to stderr, one line and one `write` for each entry. Under systemd (`JOURNAL_STREAM` is set) a line starts with its
/// priority (`<6>`) and the journal adds the time; elsewhere it starts with time and level.
public struct JournalLogHandler: LogHandler {
    public var logLevel: Logger.Level = .info
    public var metadata: Logger.Metadata = [:]
    private let label: String
    private let isJournal: Bool

    public init(label: String) {
        self.init(label: label, isJournal: getenv("JOURNAL_STREAM") != nil)
    }

    init(label: String, isJournal: Bool) {
        self.label = label
        self.isJournal = isJournal
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let line = Array(line(event, time: wallClockSeconds()).utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }

    func line(_ event: LogEvent, time: Double) -> String {
        var text = isJournal ? "<\(priority(event.level))>" : "\(timestamp(time)) \(event.level) "
        text += "\(label): "
        text += escaped(event.message.description)
        if let error = event.error { text += ": " + escaped("\(error)") }
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            let value = escaped(value.description)
            text += value.contains(" ") ? " \(key)=\"\(value)\"" : " \(key)=\(value)"
        }
        return text + "\n"
    }

    /// sd-daemon(3).
    private func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// An entry is one line, and nothing in it steers a terminal.
    private func escaped(_ text: String) -> String {
        if !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += " "
            default:
                if scalar.properties.generalCategory == .control {
                    result += "\\u{\(String(scalar.value, radix: 16))}"
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }

    /// RFC 3339, local time with offset, milliseconds.
    private func timestamp(_ seconds: Double) -> String {
        var whole = time_t(seconds)
        var parts = tm()
        localtime_r(&whole, &parts)
        let milliseconds = Int((seconds - Double(whole)) * 1000)
        let offset = abs(parts.tm_gmtoff) / 60
        return "\(Int(parts.tm_year) + 1900)-\(two(Int(parts.tm_mon) + 1))-\(two(Int(parts.tm_mday)))"
            + "T\(two(Int(parts.tm_hour))):\(two(Int(parts.tm_min))):\(two(Int(parts.tm_sec)))"
            + ".\(milliseconds < 100 ? "0" : "")\(two(milliseconds))"
            + "\(parts.tm_gmtoff < 0 ? "-" : "+")\(two(offset / 60)):\(two(offset % 60))"
    }

    private func two(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
