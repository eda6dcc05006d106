import LinuxSystem
import VenuecastModel

/// Venues that are lost at the same time have one cause: that is one alarm, with them as its consequences.
extension AlarmLedger {
    static let manyKey = AlarmCondition.key("venues", "many-lost")

    mutating func regroup(_ facts: AlarmFacts, _ policy: AlarmPolicy, _ now: MonotonicInstant) {
        let lost = lostVenues()
        if let known = group {
            let left = known.members.intersection(lost.keys)
            // Most of them are back: what is left has causes of its own. Those of the daemon before are not seen yet.
            let isWaiting = tracks[Self.manyKey]?.isRestored == true && lost.isEmpty
            if isWaiting { return }
            if left.count < 2 || left.count * 2 < known.count { group = nil }
        } else if let first = lost.values.filter({ isRipe($0, policy, now) }).compactMap(\.activeSince).min() {
            let together = lost.filter { _, track in
                guard let since = track.activeSince else { return false }
                return Self.distance(since, first) <= policy.together
            }
            let enabled = facts.status.venues.count { $0.health != .off }
            if together.count >= policy.many, together.count * 2 >= enabled {
                group = (Set(together.keys), together.count)
            }
        }
        join(lost, policy)
        guard let group else { return deactivate(Self.manyKey, now) }
        let enabled = facts.status.venues.count { $0.health != .off }
        activate(
            AlarmCondition(
                kind: "many-lost", subject: "venues", severity: .critical, code: "many-venues-lost",
                words: .many(group.members.intersection(lost.keys).count, of: enabled), hold: .zero),
            policy, now)
    }

    /// By subject: those that had been connected, and that nothing else explains.
    private func lostVenues() -> [String: Track] {
        var lost: [String: Track] = [:]
        for track in tracks.values {
            guard let condition = track.condition, condition.kind == "lost", condition.wasConnected,
                condition.subject.hasPrefix("venue/"), track.activeSince != nil,
                !condition.explainedBy.contains(where: { tracks[$0]?.activeSince != nil })
            else { continue }
            lost[condition.subject] = track
        }
        return lost
    }

    /// Those that follow soon belong to it.
    private mutating func join(_ lost: [String: Track], _ policy: AlarmPolicy) {
        guard let known = group, let first = known.members.compactMap({ lost[$0]?.activeSince }).min() else { return }
        let late = lost.filter { subject, track in
            guard !known.members.contains(subject), track.alarm == nil, let since = track.activeSince else {
                return false
            }
            return Self.distance(since, first) <= policy.together
        }
        group = (known.members.union(late.keys), known.count + late.count)
    }

    private static func distance(_ left: MonotonicInstant, _ right: MonotonicInstant) -> Duration {
        let between = left.duration(to: right)
        return between < .zero ? .zero - between : between
    }
}
