import Foundation
import Hummingbird
import Synchronization
import VenuecastModel

/// What a request asks to change, as the record has it: `POST /v1/venues/jimo/stop` is `stop` of `venue/jimo`.
struct Order: Sendable, Equatable {
    var subject: String
    var action: String
    /// The body's values that are one each.
    var values: [String: String]

    private static let bodyLimit = 200
    private static let valueCount = 8

    init(path: String, body: ByteBuffer?) {
        var parts = path.split(separator: "/").map { String($0).removingPercentEncoding ?? String($0) }
        if parts.first == "v1" { parts.removeFirst() }
        action = parts.count > 1 ? parts.removeLast() : parts.first ?? ""
        switch parts.first {
        case "reload"?: subject = "daemon"
        case "workers"?, "venues"?, "sessions"?, "reports"?, "alarms"?, "recordings"?, "markers"?, "inputs"?:
            subject = ([String(parts[0].dropLast())] + parts.dropFirst()).joined(separator: "/")
        case let first?: subject = ([first] + parts.dropFirst()).joined(separator: "/")
        case nil: subject = "daemon"
        }
        values = body.map(Self.values) ?? [:]
    }

    var draft: EventDraft {
        EventDraft(EventKind.order, subject, details: values.merging(["action": action]) { $1 })
    }

    private static func values(_ body: ByteBuffer) -> [String: String] {
        guard let object = try? JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any]
        else {
            return [:]
        }
        let known = object.sorted { $0.key < $1.key }.prefix(valueCount).compactMap { key, value -> (String, String)? in
            let text: String? =
                switch value {
                case let text as String: text
                case let number as NSNumber:
                    // JSON's true and false come as numbers as well.
                    String(cString: number.objCType) == "c" ? "\(number.boolValue)" : "\(number)"
                default: nil
                }
            return text.map { (String(key.prefix(40)), String($0.prefix(bodyLimit))) }
        }
        return Dictionary(known, uniquingKeysWith: { $1 })
    }
}

/// How many refused orders of one user are put on record: somebody who may only read does not fill the disk by asking.
final class RefusalBudget: Sendable {
    private struct Account {
        var left: Double
        var at: ContinuousClock.Instant
        var withheld = 0
    }

    private let most: Double
    private let perSecond: Double
    private let accounts = Mutex<[uid_t?: Account]>([:])

    init(most: Double = 60, perSecond: Double = 1) {
        self.most = most
        self.perSecond = perSecond
    }

    /// - Returns: how many were kept off the record since the last one on it; nil: so is this one.
    func spend(_ uid: uid_t?, at now: ContinuousClock.Instant = .now) -> Int? {
        accounts.withLock { accounts in
            var account = accounts[uid] ?? Account(left: most, at: now)
            let elapsed = account.at.duration(to: now).components
            let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
            account.left = min(most, account.left + seconds * perSecond)
            account.at = now
            defer { accounts[uid] = account }
            guard account.left >= 1 else {
                account.withheld += 1
                return nil
            }
            account.left -= 1
            defer { account.withheld = 0 }
            return account.withheld
        }
    }
}
