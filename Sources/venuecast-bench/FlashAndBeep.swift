import Glibc
import LinuxSystem
import Rig

/// A flash and a beep every second, from two files that play for ever; what a receiver gets of them.
enum FlashAndBeep {
    static func run() async throws -> [Figure] {
        let workspace = try Workspace()
        let file = try await file(workspace)
        let rig = try Rig(
            workspace: workspace, inputs: input("camera", file) + input("standby", file),
            program: Bench.program(["camera", "standby"], kbps: 2000),
            venues: try Bench.venues(1), house: Bench.house(640, 360))
        return try await Bench.with(rig) { rig in
            try rig.startDaemon()
            try await onAir("camera", rig)
            try rig.startReceivers()
            try await rig.waitForPictures(25)
            var figures = [try await stage("at first", rig)]
            let camera = try await rig.pid(of: "input/camera")
            kill(camera, SIGSTOP)
            try await onAir("standby", rig)
            figures.append(try await stage("after a failover", rig))
            // Killed while it stands: a new process.
            kill(camera, SIGKILL)
            try await onAir("camera", rig)
            figures.append(try await stage("after a restart of the input", rig))
            kill(try await rig.pid(of: "program"), SIGKILL)
            try await Task.sleep(for: .seconds(1))
            try await onAir("camera", rig)
            figures.append(try await stage("after a restart of the programme", rig))
            return figures
        }
    }

    /// Twenty seconds of it.
    static func file(_ workspace: Workspace) async throws -> String {
        let file = workspace.file("flash.mkv")
        let maker = try workspace.shell(
            """
            exec ffmpeg -v error -y -f lavfi -i "color=c=black:s=640x360:r=25:d=20,\
            drawbox=c=white:t=fill:enable='lt(mod(n,25),3)'" \
            -f lavfi -i "aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.12)':s=48000:d=20" \
            -c:v libx264 -preset ultrafast -c:a pcm_s16le '\(file)'
            """, log: "ffmpeg.log")
        guard await maker.waitForExit(timeout: .seconds(60)) == .exited(code: 0) else {
            throw RigError("ffmpeg did not make the file")
        }
        return file
    }

    /// An input that plays it for ever.
    static func input(_ id: String, _ file: String) -> String {
        "[[inputs]]\nid = \"\(id)\"\npipeline = \"input-file\"\npath = \"\(file)\"\nloop = true\n\n"
    }

    private static func onAir(_ id: String, _ rig: Rig) async throws {
        try await rig.status("\(id) on air") { $0.program.onAir == id }
    }

    private static func stage(_ what: String, _ rig: Rig) async throws -> Figure {
        // What was on its way belongs to the stage before.
        try await rig.receivers[0].pictures(40)
        let path = rig.workspace.file("stage-\(UInt32.random(in: 0...UInt32.max)).ts")
        try rig.receivers[0].record(to: path)
        try await rig.receivers[0].pictures(200)
        rig.receivers[0].endRecording()
        let differences = try await Footage(path, workspace: rig.workspace).flashToBeepMs
        guard differences.count >= 5 else { throw RigError("\(what): only \(differences.count) flashes were found") }
        let worst = differences.max { abs($0) < abs($1) }
        return .limited(
            "flash against beep, \(what)", worst.map { abs($0) }, "ms", atMost: 5,
            note:
                "\(differences.count) flashes, \((differences.min() ?? 0).rounded())…\((differences.max() ?? 0).rounded()) ms"
        )
    }
}
