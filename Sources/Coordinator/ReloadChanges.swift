import Foundation
import Supervision
import VenuecastModel
import WorkerProtocol

/// What becomes of the workers when one set of them takes the place of another; pure.
enum ReloadChanges {
    /// In the order of the new plan, what is removed last.
    static func between(_ old: [DesiredWorker], _ new: [DesiredWorker]) -> [ReloadReport.Change] {
        let before = Dictionary(uniqueKeysWithValues: old.map { ($0.id, $0) })
        let changed = new.compactMap { worker -> ReloadReport.Change? in
            guard let previous = before[worker.id] else {
                return ReloadReport.Change(worker: worker.id, change: .added)
            }
            if previous.digest == worker.digest { return nil }
            let isAdjustment =
                previous.contents == worker.contents
                && previous.specification.adjustment(to: worker.specification) != nil
            return ReloadReport.Change(
                worker: worker.id, change: isAdjustment ? .adjusted : .restarted, because: because(previous, worker))
        }
        let kept = Set(new.map(\.id))
        return changed
            + old.filter { !kept.contains($0.id) }.map { ReloadReport.Change(worker: $0.id, change: .removed) }
    }

    private static func because(_ old: DesiredWorker, _ new: DesiredWorker) -> [String] {
        let (before, after) = (leaves(old.specification), leaves(new.specification))
        let keys = Set(before.keys).union(after.keys).sorted().filter { before[$0] != after[$0] }
        let values = keys.map { "\($0): \(before[$0] ?? "–") → \(after[$0] ?? "–")" }
        let paths = Set(old.contents.keys).intersection(new.contents.keys).sorted()
        return values
            + paths.filter { old.contents[$0] != new.contents[$0] }.map { "the content of \($0) has changed" }
    }

    /// Every value of a specification by its path; none of them is a secret.
    private static func leaves(_ specification: WorkerSpecification) -> [String: String] {
        guard let data = try? JSONEncoder().encode(specification),
            let tree = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { return [:] }
        var result: [String: String] = [:]
        collect(tree, path: "", into: &result)
        return result
    }

    /// A camera's user and password may stand in its address.
    private static func withoutCredentials(_ value: String) -> String {
        guard let scheme = value.firstRange(of: "://") else { return value }
        let authority = value[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        guard let at = authority.lastIndex(of: "@") else { return value }
        return value[..<scheme.upperBound] + "…" + value[at...]
    }

    private static func collect(_ value: Any, path: String, into result: inout [String: String]) {
        switch value {
        case let table as [String: Any]:
            for (key, value) in table {
                // How Swift writes an enumeration's case, which says nothing to a person.
                let isCase = key == "_0" || (path.isEmpty && (key == "role" || table.count == 1))
                collect(value, path: isCase ? path : path.isEmpty ? key : "\(path).\(key)", into: &result)
            }
        case let list as [Any]:
            for (index, value) in list.enumerated() { collect(value, path: "\(path)[\(index)]", into: &result) }
        default:
            result[path] = withoutCredentials("\(value)")
        }
    }
}
