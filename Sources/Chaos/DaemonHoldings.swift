import Foundation
import LinuxSystem
import Rig

/// What one daemon holds: open descriptors by kind, and memory.
struct DaemonHoldings: Sendable {
    let pid: pid_t?
    /// `socket`, `anon_inode:[pidfd]`, or a file's path.
    let kinds: [String: Int]
    let memory: UInt64

    init(_ rig: Rig) async throws {
        // Connections of questions just asked close by and by.
        try await Task.sleep(for: .seconds(2))
        pid = rig.daemonPid
        let directory = "/proc/\(pid ?? 0)/fd"
        var kinds: [String: Int] = [:]
        for name in try Files.list(directory) {
            // It may be gone by now.
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\(name)") else {
                continue
            }
            let kind = target.prefix { $0 != ":" }
            kinds[kind == "socket" || kind == "pipe" ? String(kind) : target, default: 0] += 1
        }
        self.kinds = kinds
        memory = ProcessFacts.proportionalMemory(pid ?? 0) ?? 0
    }

    /// - Returns: a sentence for each that has grown, of the same daemon.
    func grown(_ rig: Rig) async throws -> [String] {
        let now = try await DaemonHoldings(rig)
        guard now.pid == pid else { return [] }
        var broken: [String] = []
        let (before, after) = (kinds.values.reduce(0, +), now.kinds.values.reduce(0, +))
        if after > before + 4 {
            let more = now.kinds.filter { $0.value > kinds[$0.key] ?? 0 }
                .map { "\($0.key): \(kinds[$0.key] ?? 0) to \($0.value)" }.sorted()
            broken.append("venuecastd had \(before) descriptors and has \(after) (\(more.joined(separator: ", ")))")
        }
        if now.memory > memory + memory / 2 + (8 << 20) {
            broken.append("venuecastd had \(memory >> 20) MB and has \(now.memory >> 20) MB")
        }
        return broken
    }
}
