import Foundation
import Glibc
import LinuxSystem
import Rig

/// Twelve venues for an hour (or `SOAK_MINUTES`): whether memory and descriptors of any process grow.
enum Soak {
    private struct Sample {
        var memory: Double
        var descriptors: Double
    }

    static func run() async throws -> [Figure] {
        let minutes = getenv("SOAK_MINUTES").flatMap { Double(String(cString: $0)) } ?? 60
        let rig = try Rig(
            workspace: try Workspace(),
            inputs: Bench.testInput("camera", pattern: "smpte") + Bench.testInput("standby", pattern: "ball"),
            program: Bench.program(["camera", "standby"], kbps: 1200, audioKbps: 96), venues: try Bench.venues(12))
        return try await Bench.with(rig) { rig in
            try rig.startDaemon()
            try rig.startReceivers()
            try await rig.waitForPictures(50)
            var samples: [String: [Sample]] = [:]
            let end = ContinuousClock.now + .seconds(minutes * 60)
            while ContinuousClock.now < end {
                try await Task.sleep(for: .seconds(10))
                var pids = try await Bench.pids(rig)
                pids["daemon"] = rig.daemonPid
                // As a technician and a monitoring system would.
                _ = try await rig.client.status()
                for (id, pid) in pids {
                    guard let memory = ProcessFacts.privateMemory(pid) else { continue }
                    samples[id, default: []].append(
                        Sample(memory: Double(memory), descriptors: Double(ProcessMeter.descriptors(pid))))
                }
            }
            let errors = rig.receivers.map { $0.snapshot().continuityErrors }.reduce(0, +)
            // The first five minutes of an hour, or a fifth of less.
            let warmUp = min(5, minutes / 5)
            return figures(samples, skip: Int(warmUp * 6), minutes: minutes)
                + [.limited("soak: continuity errors", Double(errors), "", atMost: 0)]
        }
    }

    private static func figures(_ samples: [String: [Sample]], skip: Int, minutes: Double) -> [Figure] {
        samples.sorted { $0.key < $1.key }.flatMap { id, all -> [Figure] in
            let late = all.dropFirst(skip)
            let window = max(1, late.count / 8)
            func growth(_ value: (Sample) -> Double) -> Double? {
                guard let first = late.prefix(window).map(value).median,
                    let last = late.suffix(window).map(value).median
                else { return nil }
                return (last - first) / first * 100
            }
            let memory = (late.last?.memory ?? 0) / 1e6
            return [
                .limited(
                    "soak: private memory of \(id)", growth(\.memory), "%", atMost: 2,
                    note: "\(Int(minutes)) min; \(String(format: "%.1f", memory)) MB at the end"),
                .limited("soak: descriptors of \(id)", growth(\.descriptors), "%", atMost: 2),
            ]
        }
    }
}
