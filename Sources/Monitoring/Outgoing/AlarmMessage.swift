import Crypto
import Foundation
import LinuxSystem
import VenuecastModel

/// What is told of an alarm to somebody outside: the body of a webhook's request.
public struct AlarmMessage: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        case raised, acknowledged, cleared
    }

    /// The same for each try: whoever has it already need not take it again.
    public var delivery: String
    public var event: Kind
    public var time: Date
    public var activity: String
    public var alarm: AlarmStatus

    public init(_ event: Kind, _ alarm: AlarmStatus, activity: String, time: Date, delivery: String = UUID().uuidString)
    {
        self.delivery = delivery.lowercased()
        self.event = event
        self.time = time
        self.activity = activity
        self.alarm = alarm
    }

    /// As environment variables, for a command.
    var environment: [String: String] {
        [
            "VENUECAST_EVENT": event.rawValue, "VENUECAST_ACTIVITY": activity, "VENUECAST_ALARM": alarm.id,
            "VENUECAST_SEVERITY": alarm.severity.rawValue, "VENUECAST_SUBJECT": alarm.subject,
            "VENUECAST_CODE": alarm.code, "VENUECAST_CAUSE": alarm.cause, "VENUECAST_CAUSE_ZH": alarm.causeZh,
            "VENUECAST_ACTION": alarm.action, "VENUECAST_ACTION_ZH": alarm.actionZh,
            "VENUECAST_ACKNOWLEDGED_BY": alarm.acknowledgedBy ?? "",
            "VENUECAST_CONSEQUENCES": alarm.consequences.map(\.subject).joined(separator: " "),
        ].mapValues { $0.replacing("\0", with: "") }
    }
}

/// `t=1353045600,v1=HEX`: HMAC-SHA-256 over the time, a point and the body, so that neither can be changed nor sent again
/// much later.
public enum WebhookSignature {
    public static func header(_ body: [UInt8], secret: [UInt8], at time: Int) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: secret))
        code.update(data: Data("\(time).".utf8))
        code.update(data: Data(body))
        return "t=\(time),v1=\(code.finalize().hexadecimal)"
    }

    /// One line's end, which an editor leaves, does not count.
    static func secret(_ content: [UInt8]) -> [UInt8] {
        var bytes = content
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return bytes
    }
}
