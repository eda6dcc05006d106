import LinuxSystem
import Logging
import VenuecastModel

/// Tells alarms to those they are for: the journal at once, a webhook and a command in their own time.
final class Outbox: Sendable {
    private let settings: @Sendable () -> AlarmSettings
    private let logger: Logger
    private let webhook: Courier
    private let command: Courier

    /// - Parameter directory: for files of requests.
    init(directory: String, logger: Logger, settings: @escaping @Sendable () -> AlarmSettings) {
        self.settings = settings
        self.logger = logger
        webhook = Courier("webhook", shelf: MessageShelf(path: "\(directory)/webhook.json"), logger: logger) {
            message in
            guard let target = settings().webhook else { return nil }
            return await Webhook(url: target.url, secretFile: target.secretFile, directory: directory).post(message)
        }
        command = Courier("command", shelf: MessageShelf(path: "\(directory)/command.json"), logger: logger) {
            message in
            guard let target = settings().command, !target.arguments.isEmpty else { return nil }
            let run = ChildRun(
                arguments: target.arguments, environment: message.environment, deadline: target.deadline)
            return await run.failure().map { "\(target.arguments[0]) \($0)" }
        }
    }

    func tell(_ message: AlarmMessage) {
        log(message.event, message.alarm)
        if settings().webhook != nil { webhook.take(message) }
        if settings().command != nil { command.take(message) }
    }

    /// Why some do not get there; nil while all do. A way that is not configured any more has none.
    var trouble: String? {
        let settings = settings()
        return (settings.webhook == nil ? nil : webhook.trouble) ?? (settings.command == nil ? nil : command.trouble)
    }
    var waiting: Int { webhook.waiting + command.waiting }
    /// Given up: too old, or too many.
    var lost: Int { webhook.lost + command.lost }

    /// Until it is cancelled.
    func run() async {
        async let first: Void = webhook.run()
        async let second: Void = command.run()
        _ = await (first, second)
    }

    /// With a priority of the journal's: critical, warning, notice.
    private func log(_ kind: AlarmMessage.Kind, _ alarm: AlarmStatus) {
        let level: Logger.Level =
            kind != .raised ? .notice : alarm.severity == .critical ? .critical : .warning
        var metadata: Logger.Metadata = [
            "alarm": "\(alarm.id)", "subject": "\(alarm.subject)", "code": "\(alarm.code)",
        ]
        if let by = alarm.acknowledgedBy { metadata["acknowledgedBy"] = "\(by)" }
        if kind == .raised { metadata["action"] = "\(alarm.action)" }
        logger.log(level: level, "alarm \(kind.rawValue): \(alarm.cause)", metadata: metadata)
    }
}
