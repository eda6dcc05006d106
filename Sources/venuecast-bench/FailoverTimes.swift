import Glibc
import LinuxSystem
import Rig

/// How many frames a receiver sees of a source that has ended: the source changes with each of its frames.
enum FailoverTimes {
    static func run() async throws -> [Figure] {
        let rig = try Rig(
            workspace: try Workspace(),
            inputs: Bench.testInput("camera", pattern: "blink") + Bench.testInput("standby", pattern: "blue"),
            program: Bench.program(["camera", "standby"], kbps: 3000), venues: try Bench.venues(1),
            house: Bench.house(640, 360))
        return try await Bench.with(rig) { rig in
            try rig.startDaemon()
            try rig.startReceivers()
            try await rig.waitForPictures(50)
            let closed = try await standing(rig, SIGKILL)
            let frozen = try await standing(rig, SIGSTOP)
            return [
                .limited("a source that closes stays on air", closed.max(), "ms", atMost: 200, note: "\(closed)"),
                .limited("a source that freezes stays on air", frozen.max(), "ms", atMost: 1000, note: "\(frozen)"),
            ]
        }
    }

    /// Milliseconds that the last frame stood, of five times.
    private static func standing(_ rig: Rig, _ signal: Int32) async throws -> [Double] {
        var results: [Double] = []
        for round in 0..<5 {
            try await rig.status("the camera is on air") { $0.program.onAir == "camera" }
            try await rig.receivers[0].pictures(40)
            let path = rig.workspace.file("failover-\(signal)-\(round).ts")
            try rig.receivers[0].record(to: path)
            try await rig.receivers[0].pictures(30)
            let camera = try await rig.pid(of: "input/camera")
            kill(camera, signal)
            try await rig.status("standby is on air") { $0.program.onAir == "standby" }
            try await rig.receivers[0].pictures(40)
            rig.receivers[0].endRecording()
            kill(camera, SIGCONT)
            let footage = try await Footage(path, workspace: rig.workspace)
            guard let blue = footage.pictures.firstIndex(where: { $0.name == "blue" }) else {
                throw RigError("the standby was not seen")
            }
            var same = 0
            while blue - 2 - same >= 0,
                abs(footage.pictures[blue - 1].luma - footage.pictures[blue - 2 - same].luma) < 60
            {
                same += 1
            }
            results.append(Double(same) * 40)
        }
        return results
    }
}
