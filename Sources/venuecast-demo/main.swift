import Foundation
import Glibc
import LinuxSystem
import Rig
import VenuecastModel

/// `make run`: the main job on one machine, in the foreground, until Ctrl-C.
struct Demonstration {
    let rig: Rig
    let source: Source

    init(_ source: Source) throws {
        self.source = source
        let program = """
            [program]
            inputs = ["main"]
            videoBitrateKbps = 4000
            audioBitrateKbps = 128
            keyframeSeconds = 1

            [[program.slates]]
            id = "fault"
            text = "信号中断，请稍候\\nSignal lost, please wait"

            [[program.slates]]
            id = "holding"
            text = "14:00 开始"

            [recording]
            directory = "recordings"
            segmentSeconds = 30
            videoBitrateKbps = 10000
            minimumFreeBytes = 2_000_000_000
            """
        rig = try Rig(
            workspace: try Workspace(), inputs: source.toml, program: program, venues: try Rig.Venue.reserve(12),
            house: "width = 1280\nheight = 720\nframeRate = 25", activity: "Venuecast 演示 demonstration")
    }

    func run(until stopped: AsyncStream<Void>) async throws -> Bool {
        try rig.startDaemon()
        let stopping = Task { for await _ in stopped { return } }
        defer { stopping.cancel() }
        try await rig.status("the daemon answers") { _ in true }
        try rig.startReceivers()
        introduce()
        await startSession()
        let watching = Task { await watch() }
        await stopping.value
        watching.cancel()
        await watching.value
        return await end()
    }

    private func introduce() {
        let venuectl = "\(Executables.directory)/venuectl --socket \(rig.controlSocket)"
        print(
            """

            Venuecast: one programme to twelve venues over SRT, all on this machine.
            Venuecast：一路节目经 SRT 送往十二个分会场，均在本机运行。

              source 信号源    \(source.words)
              configuration 配置  \(rig.configuration)
              log 日志         \(rig.workspace.file("venuecastd.log"))

              Look and steer from another terminal 在另一个终端查看和操作:
                \(venuectl) status --watch
                \(venuectl) program take slate:holding
                \(venuectl) program take auto
                \(venuectl) venue stop jimo --yes
                \(venuectl) report next
                \(venuectl) recording list

            """)
        fflush(nil)
    }

    private static let rundown = """
        session,number,department,limitMinutes
        DEMO,1,市财政局,10
        DEMO,2,市教育局,10
        DEMO,3,市公安局,10
        """

    /// The recorder runs while a session does.
    private func startSession() async {
        do {
            _ = try await rig.client.post("/v1/rundown", raw: Data(Self.rundown.utf8))
            try await rig.client.post("/v1/sessions/DEMO/start")
            print("Recording to 录制到 \(rig.stateDirectory)/recordings/DEMO (removed at the end 结束时删除)\n")
        } catch {
            print("Nothing is recorded 未录制: \(error)\n")
        }
        fflush(nil)
    }

    private func watch() async {
        var display = Display()
        var before = rig.receivers.map { $0.snapshot() }
        var last = ContinuousClock.now
        let period: Duration = display.isTerminal ? .seconds(1) : .seconds(5)
        while !Task.isCancelled {
            try? await Task.sleep(for: period)
            if Task.isCancelled { return }
            let (now, snapshots) = (ContinuousClock.now, rig.receivers.map { $0.snapshot() })
            let seconds = Double((now - last).inNanoseconds) / 1e9
            let rows = zip(rig.venues, zip(snapshots, before)).map { venue, pair in
                Display.Row(
                    name: venue.name, kilobitsPerSecond: Double(pair.0.bytes - pair.1.bytes) * 8 / 1000 / seconds,
                    picturesPerSecond: Double(pair.0.pictures - pair.1.pictures) / seconds, snapshot: pair.0)
            }
            (before, last) = (snapshots, now)
            let program = (try? await rig.client.status().program.onAir) ?? nil
            display.show(rows, program: program ?? "?")
        }
    }

    /// - Returns: whether every venue got pictures.
    private func end() async -> Bool {
        for receiver in rig.receivers { receiver.stop() }
        do {
            _ = try await rig.stopDaemon()
        } catch {
            print("\(error)")
        }
        let snapshots = rig.receivers.map { $0.snapshot() }
        let served = snapshots.filter { $0.pictures > 0 }.count
        let errors = snapshots.map(\.continuityErrors).reduce(0, +)
        print(
            "\n\(served) of \(snapshots.count) venues got pictures, with \(errors) continuity errors. Everything has ended."
        )
        print("\(snapshots.count) 个分会场中 \(served) 个收到画面，连续计数错误 \(errors) 个。已全部结束。")
        if served < snapshots.count { print(rig.log) }
        rig.workspace.cleanUp()
        return served == snapshots.count
    }
}

signal(SIGPIPE, SIG_IGN)
do {
    let source = try Source(CommandLine.arguments.dropFirst().first ?? getenv("SOURCE").map { String(cString: $0) })
    let (stopped, continuation) = AsyncStream<Void>.makeStream()
    let signals = [SIGINT, SIGTERM, SIGHUP].map { SignalSource($0) { continuation.finish() } }
    let allServed = try await Demonstration(source).run(until: stopped)
    withExtendedLifetime(signals) {}
    exit(allServed ? 0 : 1)
} catch {
    let line = Array("\(error)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(1)
}
