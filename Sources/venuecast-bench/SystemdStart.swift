import Foundation
import LinuxSystem
import Rig

/// How long `systemctl start` takes with twelve venues, and how exposed the unit is, on a machine that runs systemd.
enum SystemdStart {
    static func run() async throws -> [Figure] {
        if let obstacle = SystemdMachine.obstacle { throw RigError(obstacle) }
        let rig = try Rig(
            workspace: try Workspace(),
            inputs: Bench.testInput("camera", pattern: "smpte") + Bench.testInput("standby", pattern: "ball"),
            program: Bench.program(["camera", "standby"]), venues: try Bench.venues(12),
            house: "width = 1280\nheight = 720\nframeRate = 25")
        return try await Bench.with(rig) { rig in
            let machine = try await SystemdMachine.boot(rig.workspace, configuration: rig.configuration)
            do {
                let figures = try await [start(machine), exposure(rig.workspace)]
                try await machine.end()
                return figures
            } catch {
                let journal = await machine.journal()
                try await machine.end()
                throw RigError("\(error)\n\(journal)")
            }
        }
    }

    private static func start(_ machine: SystemdMachine) async throws -> Figure {
        var times: [Double] = []
        for _ in 0..<5 {
            try await machine.start()
            // Microseconds of CLOCK_MONOTONIC; active is what a READY makes of it.
            guard let began = Double(try await machine.property("ExecMainStartTimestampMonotonic")),
                let ready = Double(try await machine.property("ActiveEnterTimestampMonotonic"))
            else { throw RigError("systemd does not say when venuecastd was started") }
            times.append((ready - began) / 1e6)
            try await machine.systemctl("stop", "venuecastd")
        }
        return .limited(
            "under systemd: start to READY, 12 venues", times.max(), "s", atMost: 3,
            note: "the worst of \(times.count), median \(String(format: "%.2f", times.median ?? 0))")
    }

    /// Of the unit as it is shipped; the machine's has more to it.
    private static func exposure(_ workspace: Workspace) async throws -> Figure {
        let unit = "\(SystemdMachine.checkout)/Systemd/venuecastd.service"
        let output = try await workspace.succeed(
            "systemd-analyze", ["security", "--offline=true", "--no-pager", unit])
        // The last line: → Overall exposure level for venuecastd.service: 1.9 OK
        let level = output.split(separator: "\n").last { $0.contains("exposure level") }
            .flatMap { $0.split(separator: " ").compactMap { Double($0) }.last }
        return .limited("systemd-analyze security, exposure level", level, "", atMost: 2)
    }
}
