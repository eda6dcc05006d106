import Foundation
import Glibc
import LinuxSystem
import Rig

/// What one process holds: open descriptors by kind, and memory.
struct ProcessHoldings: Sendable {
    /// `socket`, `anon_inode:[pidfd]`, or a file's path.
    var kinds: [String: Int]
    /// Bytes (PSS).
    var memory: UInt64

    init(kinds: [String: Int], memory: UInt64) {
        self.kinds = kinds
        self.memory = memory
    }

    /// - Returns: nil where it is gone.
    init?(_ pid: pid_t) {
        let directory = "/proc/\(pid)/fd"
        guard let names = try? Files.list(directory), let memory = ProcessFacts.proportionalMemory(pid) else {
            return nil
        }
        kinds = [:]
        for name in names {
            // It may be gone by now.
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\(name)") else {
                continue
            }
            let kind = target.prefix { $0 != ":" }
            kinds[kind == "socket" || kind == "pipe" ? String(kind) : target, default: 0] += 1
        }
        self.memory = memory
    }

    /// What may come and go without being a leak.
    struct Slack: Sendable {
        var descriptors: Int
        /// Bytes, beyond half of what there was.
        var memory: UInt64

        /// Of the daemon: connections of whoever asks.
        static let daemon = Slack(descriptors: 4, memory: 8 << 20)
        /// Of a worker: readers of its feeds, and the pools of its pipelines, which fill with what happens.
        static let worker = Slack(descriptors: 8, memory: 32 << 20)
    }

    /// - Returns: a sentence for each that has grown since `self`.
    func grown(to now: ProcessHoldings, name: String, _ slack: Slack) -> [String] {
        var broken: [String] = []
        let (before, after) = (kinds.values.reduce(0, +), now.kinds.values.reduce(0, +))
        if after > before + slack.descriptors {
            let more = now.kinds.filter { $0.value > kinds[$0.key] ?? 0 }
                .map { "\($0.key): \(kinds[$0.key] ?? 0) to \($0.value)" }.sorted()
            broken.append("\(name) had \(before) descriptors and has \(after) (\(more.joined(separator: ", ")))")
        }
        if now.memory > memory + memory / 2 + slack.memory {
            broken.append("\(name) had \(memory >> 20) MB and has \(now.memory >> 20) MB")
        }
        return broken
    }
}

/// What the daemon and every worker held when each was first met: one that begins anew begins from nothing.
struct Holdings: Sendable {
    private struct Holder {
        var name: String
        var slack: ProcessHoldings.Slack
        var first: ProcessHoldings
    }

    private var holders: [pid_t: Holder] = [:]

    /// To be called when all is well: meets who is new, and forgets who is gone.
    mutating func meet(_ rig: Rig) async throws {
        let present = Self.processes(rig)
        holders = holders.filter { present[$0.key] != nil }
        let new = present.filter { holders[$0.key] == nil }
        if new.isEmpty { return }
        try await Self.settle()
        for (pid, (name, slack)) in new {
            if let first = ProcessHoldings(pid) { holders[pid] = Holder(name: name, slack: slack, first: first) }
        }
    }

    /// - Returns: a sentence for each that has grown, of the same processes.
    func grown(_ rig: Rig) async throws -> [String] {
        try await Self.settle()
        let present = Self.processes(rig)
        return holders.sorted { $0.key < $1.key }.flatMap { pid, holder -> [String] in
            guard present[pid] != nil, let now = ProcessHoldings(pid) else { return [] }
            return holder.first.grown(to: now, name: holder.name, holder.slack)
        }
    }

    /// Connections of questions just asked close by and by.
    private static func settle() async throws { try await Task.sleep(for: .seconds(2)) }

    private static func processes(_ rig: Rig) -> [pid_t: (name: String, slack: ProcessHoldings.Slack)] {
        var found: [pid_t: (name: String, slack: ProcessHoldings.Slack)] = [:]
        for pid in rig.workerPids() {
            guard let path = ProcessFacts.arguments(pid)?.last, let slash = path.lastIndex(of: "/") else { continue }
            found[pid] = (String(path[path.index(after: slash)...].dropLast(".json".count)), .worker)
        }
        if let daemon = rig.daemonPid { found[daemon] = ("venuecastd", .daemon) }
        return found
    }
}
