import Foundation
import LinuxSystem
import VenuecastModel

/// What became of an alarm.
public enum AlarmChange: Sendable, Equatable {
    public enum Clearing: String, Sendable, Equatable {
        /// The facts say so.
        case over
        /// An operator has stopped the venue.
        case silenced
        /// It is a consequence of another alarm now.
        case explained
    }

    case raised(AlarmStatus)
    case cleared(AlarmStatus, Clearing)
    /// Other words, severity, consequences; nobody need be told.
    case changed(AlarmStatus)
}

/// Decides over time what is an alarm: raised once when a condition has lasted, cleared when it has been gone for a while.
/// Pure: facts and times in, changes out.
public struct AlarmLedger: Sendable {
    struct Track: Sendable {
        var condition: AlarmCondition?
        var activeSince: MonotonicInstant?
        var inactiveSince: MonotonicInstant?
        /// The last moment at which another one explained it.
        var explainedAt: MonotonicInstant?
        /// When it came, lately.
        var arrivals: [MonotonicInstant] = []
        var alarm: AlarmStatus?
        /// Raised by the daemon before, and not seen since.
        var isRestored = false
        /// Its alarm was counted once more, and nobody has seen that yet.
        var hasReturned = false
    }

    var tracks: [String: Track] = [:]
    /// Subjects of venues that have been connected.
    private(set) var seen: Set<String> = []
    /// Venues that were lost together.
    var group: (members: Set<String>, count: Int)?
    private var number: Int

    public init() {
        number = 0
    }

    // MARK: From one daemon to the next

    /// What outlives the daemon.
    public struct Saved: Codable, Sendable, Equatable {
        public struct Entry: Codable, Sendable, Equatable {
            public var key: String
            public var alarm: AlarmStatus
        }

        /// Of the last alarm.
        public var number: Int
        public var alarms: [Entry]

        public init(number: Int, alarms: [Entry]) {
            self.number = number
            self.alarms = alarms
        }
    }

    public var saved: Saved {
        let alarms = tracks.compactMap { key, track in track.alarm.map { Saved.Entry(key: key, alarm: $0) } }
        return Saved(number: number, alarms: alarms.sorted { $0.key < $1.key })
    }

    public init(_ saved: Saved, at now: MonotonicInstant) {
        number = saved.number
        for entry in saved.alarms {
            tracks[entry.key] = Track(inactiveSince: now, alarm: entry.alarm, isRestored: true)
            if entry.key.hasPrefix("venue/") { seen.insert(entry.alarm.subject) }
            if entry.key == Self.manyKey {
                let members = Set(entry.alarm.consequences.map(\.subject))
                seen.formUnion(members)
                group = (members, members.count)
            }
        }
    }

    // MARK: Now

    /// The gravest first, those nobody has acknowledged before the others, then by age.
    public var alarms: [AlarmStatus] {
        tracks.values.compactMap(\.alarm).sorted { left, right in
            let ranks = [left, right].map { ($0.severity == .critical ? 0 : 2) + ($0.acknowledgedBy == nil ? 0 : 1) }
            if ranks[0] != ranks[1] { return ranks[0] < ranks[1] }
            return (left.raisedAt, left.id) < (right.raisedAt, right.id)
        }
    }

    /// - Returns: the alarm as it is now; nil where there is none with that id.
    public mutating func acknowledge(_ id: String, by name: String?, at time: Date?) -> AlarmStatus? {
        guard let key = tracks.first(where: { $0.value.alarm?.id == id })?.key else { return nil }
        tracks[key]?.alarm?.acknowledgedBy = name
        tracks[key]?.alarm?.acknowledgedAt = time
        return tracks[key]?.alarm
    }

    /// - Parameters:
    ///   - now: only grows, and does not jump.
    ///   - time: for people.
    public mutating func observe(
        _ facts: AlarmFacts, _ policy: AlarmPolicy, at now: MonotonicInstant, time: Date
    ) -> [AlarmChange] {
        let silenced = facts.silenced
        seen.formUnion(facts.connected)
        seen.subtract(silenced)
        note(facts.conditions(policy, seen: seen), policy, now)
        // Seen to be well: it need not wait for what may still come after a start.
        let well = facts.well
        for (key, track) in tracks where track.isRestored && well.contains(Self.subject(key)) {
            tracks[key]?.isRestored = false
            tracks[key]?.inactiveSince = now
        }
        regroup(facts, policy, now)

        var changes: [AlarmChange] = []
        for key in tracks.keys.sorted() {
            guard var track = tracks[key] else { continue }
            let isSilenced = silenced.contains(Self.subject(key))
            let isExplained = isExplained(key, track, by: { $0.activeSince != nil })
            if isExplained { track.explainedAt = now }
            // What was told already stands until the other is told.
            let isAbsorbed =
                isExplained && (track.alarm == nil || self.isExplained(key, track, by: { $0.alarm != nil }))
            if isSilenced || isAbsorbed {
                if let alarm = track.alarm { changes.append(.cleared(alarm, isSilenced ? .silenced : .explained)) }
                track.alarm = nil
            } else if track.alarm == nil {
                if isRipe(track, policy, now), let condition = track.condition {
                    number += 1
                    let alarm = AlarmStatus(condition, id: "A\(number)", time: time)
                    track.alarm = alarm
                    changes.append(.raised(alarm))
                }
            } else if isOver(track, policy, now) {
                changes.append(.cleared(track.alarm!, .over))
                track.alarm = nil
            }
            tracks[key] = isSilenced ? nil : track
        }
        changes += adjust(facts)
        forget(policy, now)
        return changes
    }

    // MARK: Steps

    private mutating func note(_ conditions: [AlarmCondition], _ policy: AlarmPolicy, _ now: MonotonicInstant) {
        var rest = Set(tracks.keys)
        // The group's condition is made of the others' and is kept by `regroup`.
        rest.remove(Self.manyKey)
        for condition in conditions {
            rest.remove(condition.key)
            activate(condition, policy, now)
        }
        for key in rest { deactivate(key, now) }
    }

    mutating func activate(_ condition: AlarmCondition, _ policy: AlarmPolicy, _ now: MonotonicInstant) {
        var track = tracks[condition.key] ?? Track()
        if track.activeSince == nil {
            track.activeSince = now
            track.arrivals = (track.arrivals + [now]).filter { $0.duration(to: now) <= policy.flapWindow }.suffix(50)
            // One of the daemon before is the same still.
            if !track.isRestored, track.alarm != nil {
                track.alarm?.count += 1
                track.hasReturned = true
            }
            track.isRestored = false
        }
        track.inactiveSince = nil
        track.condition = condition
        tracks[condition.key] = track
    }

    mutating func deactivate(_ key: String, _ now: MonotonicInstant) {
        if tracks[key]?.inactiveSince == nil { tracks[key]?.inactiveSince = now }
        tracks[key]?.activeSince = nil
    }

    private func isExplained(_ key: String, _ track: Track, by isThere: (Track) -> Bool) -> Bool {
        guard let condition = track.condition, track.activeSince != nil || track.alarm != nil else { return false }
        var others = condition.explainedBy
        if condition.kind == "lost", let group, group.members.contains(condition.subject) {
            others.append(Self.manyKey)
        }
        return others.contains { $0 != key && tracks[$0].map(isThere) == true }
    }

    /// Whether a condition has lasted, or has come again and again.
    func isRipe(_ track: Track, _ policy: AlarmPolicy, _ now: MonotonicInstant) -> Bool {
        guard let since = track.activeSince, let condition = track.condition else { return false }
        // What was another one's consequence has all its time again when that is over.
        let begun = max(since, track.explainedAt ?? since)
        return begun.duration(to: now) >= condition.hold || isFlapping(track, policy, now)
    }

    private func isFlapping(_ track: Track, _ policy: AlarmPolicy, _ now: MonotonicInstant) -> Bool {
        let own = track.arrivals.filter { arrival in track.explainedAt.map { $0 < arrival } ?? true }
        return own.count { $0.duration(to: now) <= policy.flapWindow } >= policy.flaps
    }

    private func isOver(_ track: Track, _ policy: AlarmPolicy, _ now: MonotonicInstant) -> Bool {
        guard track.activeSince == nil, let since = track.inactiveSince else { return false }
        let patience =
            track.isRestored
            ? max(policy.restored, policy.clear) : isFlapping(track, policy, now) ? policy.flapClear : policy.clear
        return since.duration(to: now) >= patience
    }

    /// The words as the facts are now, and what else there is because of the same cause.
    private mutating func adjust(_ facts: AlarmFacts) -> [AlarmChange] {
        var changes: [AlarmChange] = []
        for (key, track) in tracks {
            guard let condition = track.condition, var alarm = track.alarm else { continue }
            let before = alarm
            if track.activeSince != nil {
                alarm.update(condition)
                alarm.consequences = consequences(of: key)
            }
            if alarm == before, !track.hasReturned { continue }
            tracks[key]?.alarm = alarm
            tracks[key]?.hasReturned = false
            changes.append(.changed(alarm))
        }
        return changes
    }

    private func consequences(of key: String) -> [AlarmStatus.Consequence] {
        tracks.values.compactMap { track -> AlarmStatus.Consequence? in
            guard let condition = track.condition, track.activeSince != nil else { return nil }
            let isMember =
                key == Self.manyKey && condition.kind == "lost" && group?.members.contains(condition.subject) == true
            guard isMember || condition.explainedBy.contains(key) else { return nil }
            return .init(subject: condition.subject, text: condition.words.cause, textZh: condition.words.causeZh)
        }.sorted { $0.subject < $1.subject }
    }

    /// What has been well for long enough takes no memory.
    private mutating func forget(_ policy: AlarmPolicy, _ now: MonotonicInstant) {
        tracks = tracks.filter { _, track in
            guard track.alarm == nil, track.activeSince == nil, let since = track.inactiveSince else { return true }
            return since.duration(to: now) <= policy.flapWindow
        }
    }

    private static func subject(_ key: String) -> String { String(key.prefix { $0 != "#" }) }
}

extension AlarmStatus {
    init(_ condition: AlarmCondition, id: String, time: Date) {
        self.init(
            id: id, severity: condition.severity, subject: condition.subject, code: condition.code,
            cause: condition.words.cause, causeZh: condition.words.causeZh, action: condition.words.action,
            actionZh: condition.words.actionZh, raisedAt: time)
    }

    mutating func update(_ condition: AlarmCondition) {
        severity = condition.severity
        code = condition.code
        cause = condition.words.cause
        causeZh = condition.words.causeZh
        action = condition.words.action
        actionZh = condition.words.actionZh
    }
}
