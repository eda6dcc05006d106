import Glibc
import LinuxSystem
import Rig

/// Ever more venues on one machine, at 2 Mbit/s each, until one of them loses something.
enum Capacity {
    private static let most = 128
    private static let steps = [1, 12, 24, 36, 48, 64, 80, 96, 112, 128]

    static func run() async throws -> [Figure] {
        let rig = try Rig(
            workspace: try Workspace(), inputs: Bench.testInput("camera", pattern: "smpte"),
            program: Bench.program(["camera"], kbps: 1800, audioKbps: 96), venues: try Bench.venues(most))
        return try await Bench.with(rig) { rig in
            try rig.startDaemon()
            try await rig.status("all links listen", within: .seconds(60)) { status in
                status.venues.allSatisfy { $0.state == .waiting }
            }
            var started = 0
            var good = 0
            var gaveOut = "nothing: the search ended at \(most)"
            var lines: [String] = []
            for count in steps {
                for receiver in rig.receivers[started..<count] { try receiver.start() }
                started = count
                let step = try await measure(rig, count)
                lines.append(step.words)
                print("    \(step.words)")
                fflush(nil)
                if let trouble = step.trouble {
                    gaveOut = trouble
                    break
                }
                good = count
            }
            return [
                .told("venues at 2 Mbit/s without a continuity error", Double(good), "venues", note: gaveOut)
            ] + lines.map { .told("  \($0)", nil, "") }
        }
    }

    private static func measure(_ rig: Rig, _ count: Int) async throws -> (words: String, trouble: String?) {
        let receivers = Array(rig.receivers[..<count])
        do {
            for receiver in receivers {
                try await waitFor("pictures at \(receiver.name)", within: .seconds(20)) {
                    receiver.snapshot().pictures > 10 ? true : nil
                }
            }
        } catch {
            return ("\(count) venues: not all get pictures", "\(error)")
        }
        try await Task.sleep(for: .seconds(3))
        let pids = try await Bench.pids(rig)
        let links = rig.venues[..<count].compactMap { pids["link/\($0.id)"] }
        let others = pids.filter { !$0.key.hasPrefix("link/") }.map(\.value)
        let far = receivers.compactMap(\.pid).flatMap(ProcessMeter.tree)
        let before = receivers.map { $0.snapshot() }
        let percent = try await ProcessMeter.percent(
            ["links": links, "others": others, "far": far, "daemon": [rig.daemonPid ?? 0]], over: .seconds(8))
        let memory = links.compactMap { ProcessFacts.proportionalMemory($0) }.reduce(0, +) / UInt64(max(1, links.count))
        let seen = receivers.map { $0.snapshot() }
        let errors = zip(seen, before).map { $0.continuityErrors - $1.continuityErrors }.reduce(0, +)
        let slowest = zip(seen, before).map { $0.pictures - $1.pictures }.min() ?? 0
        func whole(_ key: String) -> Int { Int((percent[key] ?? 0).rounded()) }
        let words =
            "\(count) venues: links \(whole("links")) % of a core (\(memory / 1000) kB PSS each), programme and input "
            + "\(whole("others")) %, daemon \(whole("daemon")) %, the receivers' own \(whole("far")) %"
        let total = percent.values.reduce(0, +)
        let cause = total > 170 ? "the two cores were full (\(Int(total)) %)" : "not the processor (\(Int(total)) %)"
        if errors > 0 { return (words, "\(errors) continuity errors at \(count) venues; \(cause)") }
        if slowest < 160 { return (words, "a receiver got \(slowest) of 200 pictures at \(count) venues; \(cause)") }
        return (words, nil)
    }
}
