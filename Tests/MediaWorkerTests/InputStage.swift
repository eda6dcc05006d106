import Foundation
import GStreamer
import Glibc
import LinuxSystem
import Logging
import Rig
import Synchronization
import Testing
import WorkerProtocol

@testable import MediaWorker

/// Inputs, each for itself.
@Suite(.serialized, .timeLimit(.minutes(3))) enum InputTests {}

/// Sources and an input of a test's own.
final class InputStage: MediaStage {
    static let house = HouseFormat(width: 320, height: 180, frameRate: 25)

    let ground: StageGround

    init(_ ground: StageGround) {
        self.ground = ground
    }

    static func pipelineFile(_ name: String) -> String {
        repository.appendingPathComponent("Pipelines/\(name).pipeline").path
    }

    static var repository: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    func role(
        house: HouseFormat = InputStage.house, loop: Bool = false, channels: String = "1+2", gainDb: Double = 0,
        audioDelayMs: Int = 0, passphrase: String? = nil
    ) throws -> InputRole {
        var passphraseFile: String?
        if let passphrase { passphraseFile = try workspace.write("passphrase", passphrase + "\n") }
        return InputRole(
            house: house,
            feeds: InputFeeds(picture: workspace.file("picture.sock"), sound: workspace.file("sound.sock")),
            gainDb: gainDb, channels: channels, audioDelayMs: audioDelayMs, loop: loop, passphraseFile: passphraseFile)
    }

    /// An input as the worker process would run it, started, and what comes out of its feeds.
    func input(
        _ pipeline: String, _ values: [String: PlaceholderValue] = [:], _ role: InputRole? = nil
    ) async throws -> TestInput {
        let role = try role ?? self.role()
        let specification = WorkerSpecification(
            id: "input/test", pipelineFile: Self.pipelineFile(pipeline), placeholders: values, role: .input(role))
        let context = JobContext(
            identity: WorkerIdentity(
                id: specification.id, instance: UUID().uuidString, digest: "", specification: specification),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            fail: { Issue.record("the input gave up: \($0)") })
        let job = try InputJob(context: context, specification: specification, role: role)
        let feeds = record(role)
        try await job.start()
        atEnd { await job.stop() }
        return TestInput(job: job, picture: feeds.picture, sound: feeds.sound)
    }

    /// Reads both feeds from now on.
    func record(_ role: InputRole) -> (picture: FeedRecorder, sound: FeedRecorder) {
        func recorder(_ path: String) -> FeedRecorder {
            let (reader, recorder) = (FeedReader(path: path), FeedRecorder())
            reader.start(recorder)
            atEnd { reader.stop() }
            return recorder
        }
        return (recorder(role.feeds.picture), recorder(role.feeds.sound))
    }

    // MARK: Sources

    /// Makes a file in the stage's directory with ffmpeg.
    func make(_ name: String, _ arguments: String) async throws -> String {
        let path = workspace.file(name)
        let process = try workspace.shell("exec ffmpeg -v error -y \(arguments) '\(path)'", log: "\(name).log")
        guard await process.waitForExit(timeout: .seconds(60)) == .exited(code: 0) else {
            throw RigError("ffmpeg \(arguments): \(log("\(name).log"))")
        }
        return path
    }

    func log(_ name: String) -> String {
        String(decoding: ((try? Files.read(workspace.file(name), limit: 1 << 20)) ?? []).suffix(2000), as: UTF8.self)
    }

    /// Twenty seconds of a flash and a beep at each whole second, H.264 and AAC.
    func flashAndBeep(_ name: String, seconds: Int = 20, sound: String = "aac") async throws -> String {
        try await make(
            name,
            """
            -f lavfi -i "color=black:size=320x180:rate=25,drawbox=c=white:t=fill:enable='lt(mod(t,1),0.03)'" \
            -f lavfi -i "aevalsrc='if(lt(mod(t,1),0.04),0.5*sin(2*PI*1000*t),0)':s=48000:c=stereo" -t \(seconds) \
            -pix_fmt yuv420p -c:v libx264 -preset ultrafast -g 25 -bf 2 -c:a \(sound)
            """)
    }

    /// Twenty seconds of a flash and a beep, as a transport stream of a constant rate, as hardware makes it.
    func flashStream(_ name: String = "flash.ts", seconds: Int = 20) async throws -> String {
        let film = try await flashAndBeep("\(name).mp4", seconds: seconds)
        return try await make(name, "-i '\(film)' -c copy -muxrate \(Self.muxRate)")
    }

    static let muxRate = 1_000_000

    /// srt-live-transmit sends a transport stream of that rate as it is.
    func send(_ path: String, to address: String) throws -> ProcessHandle {
        let script = "\(Self.repository.path)/Tests/Fixtures/paced.py"
        return try workspace.shell(
            "exec python3 '\(script)' '\(path)' \(Self.muxRate) srt-live-transmit -q -a:no -chunk:1316 file://con '\(address)'",
            log: "send-\(UInt32.random(in: 0...UInt32.max)).log")
    }

    /// ffmpeg plays a film in real time; it sends in bursts.
    func play(_ path: String, to address: String, options: String = "-c copy") throws -> ProcessHandle {
        try workspace.shell(
            "exec ffmpeg -v error -re -i '\(path)' \(options) -f mpegts '\(address)'",
            log: "play-\(UInt32.random(in: 0...UInt32.max)).log")
    }
}

/// An input, and what has come out of it.
struct TestInput: Sendable {
    let job: InputJob
    let picture: FeedRecorder
    let sound: FeedRecorder

    var report: InputReport {
        guard case .input(let report) = job.report().detail else { fatalError("an input reports as an input") }
        return report
    }

    func has(_ code: String) -> Bool { report.reasons.contains { $0.code == code } }

    /// Until an operator reads this and nothing else.
    func waitForReason(_ code: String, within deadline: Duration = .seconds(20)) async throws {
        try await waitFor(
            "the reason \(code)", within: deadline, seen: { "\(report.reasons) \(job.report().lastErrors)" }
        ) {
            report.reasons.map(\.code) == [code] ? true : nil
        }
    }
}

/// What a feed brought, in order.
final class FeedRecorder: FeedConsumer {
    struct Piece: Sendable {
        var pts: UInt64
        var duration: UInt64
        var jumps: Bool
        /// Which connection of the feed it came on, from 1.
        var connection: Int
        /// CLOCK_MONOTONIC nanoseconds.
        var receivedAt: UInt64
        var buffer: Buffer
    }

    private struct State {
        var pieces: [Piece] = []
        var caps: [String] = []
        var connections = 0
        var isConnected = false
    }

    private let state = Mutex(State())

    func feedConnected(caps: String) {
        state.withLock { state in
            state.connections += 1
            state.isConnected = true
            state.caps.append(caps)
        }
    }

    func feedReceived(_ header: FeedHeader, _ buffer: Buffer) {
        let now = MonotonicClock.now()
        state.withLock { state in
            state.pieces.append(
                Piece(
                    pts: header.pts, duration: header.duration, jumps: header.flags.contains(.discontinuity),
                    connection: state.connections, receivedAt: now, buffer: buffer))
        }
    }

    func feedDisconnected() {
        state.withLock { $0.isConnected = false }
    }

    var pieces: [Piece] { state.withLock { $0.pieces } }
    var count: Int { state.withLock { $0.pieces.count } }
    var connections: Int { state.withLock { $0.connections } }
    var isConnected: Bool { state.withLock { $0.isConnected } }
    var caps: [String] { state.withLock { $0.caps } }

    /// Until so many more pieces have come.
    func waitForMore(_ more: Int, within deadline: Duration = .seconds(20)) async throws {
        let wanted = count + more
        try await waitFor("\(more) more pieces", within: deadline, seen: { "\(count) of \(wanted)" }) {
            count >= wanted ? true : nil
        }
    }
}
