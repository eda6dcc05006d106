import Foundation
import GStreamer
import Glibc
import LinuxSystem
import Synchronization
import TransportStream

@testable import MediaWorker

/// Serves a real transport stream on the live feed as the programme worker does: a message for each access unit, in
/// real time.
final class TestProgram: Sendable {
    struct Message: Sendable {
        var bytes: [UInt8]
        var isKey: Bool
        /// Ends a picture: the next one is due 40 ms later.
        var isPicture: Bool
    }

    private let server: FeedServer
    private let isStopped = Mutex(false)
    private let sentKeys = Mutex(0)

    init(stage: LinkStage, startingAt seconds: Double) async throws {
        let messages = try await Self.stream.value
        server = FeedServer(
            path: stage.liveFeed, instance: UUID().uuidString, policy: .dropToKey, limitBytes: 8 << 20)
        try server.open(caps: "video/mpegts")
        var skipped = 0
        let start = messages.firstIndex { message in
            if message.isPicture { skipped += 1 }
            return Double(skipped) / 25 >= seconds
        }
        MediaThread.start("test-program") { [self] in
            play(messages[(start ?? 0)...])
        }
    }

    var readerCount: Int { server.readerCount }
    var keys: Int { sentKeys.withLock { $0 } }

    /// As a programme worker that dies: the feed is gone.
    func stop() {
        isStopped.withLock { $0 = true }
        server.close()
    }

    private func play(_ messages: ArraySlice<Message>) {
        var due = MonotonicClock.now()
        for message in messages {
            if isStopped.withLock({ $0 }) { return }
            if message.isPicture {
                due += 40_000_000
                let now = MonotonicClock.now()
                if due > now { usleep(UInt32((due - now) / 1000)) }
            }
            let now = MonotonicClock.now()
            if message.isKey { sentKeys.withLock { $0 += 1 } }
            server.send(
                Buffer(message.bytes), flags: message.isKey ? .key : [], pts: now, duration: 0, sentAt: now)
        }
    }

    /// Two minutes of picture and sound, made once for all tests.
    private static let stream = Task {
        let path = "/tmp/venuecast-link-test-\(getpid()).ts"
        defer { unlink(path) }
        let encoder = try ProcessHandle.spawn(
            SpawnRequest(
                executable: "/usr/bin/ffmpeg",
                arguments: [
                    "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-f", "lavfi", "-i",
                    "sine=1000:sample_rate=48000", "-t", "120", "-c:v", "libx264", "-preset", "ultrafast", "-tune",
                    "zerolatency", "-b:v", "1M", "-g", "25", "-c:a", "aac", "-mpegts_flags", "+pat_pmt_at_frames", "-f",
                    "mpegts", path,
                ]))
        guard await encoder.waitForExit(timeout: .seconds(120)) == .exited(code: 0) else {
            throw SystemError(code: EIO, operation: "make a test stream with ffmpeg")
        }
        return cut(try Files.read(path, limit: 1 << 30))
    }

    /// Into messages that each hold one PES packet, with the tables before it.
    private static func cut(_ bytes: [UInt8]) -> [Message] {
        var messages: [Message] = []
        var current = Message(bytes: [], isKey: false, isPicture: false)
        var holdsStart = false
        bytes.withUnsafeBytes { bytes in
            for at in stride(from: 0, to: bytes.count - 187, by: 188) {
                let raw = UnsafeRawBufferPointer(rebasing: bytes[at..<(at + 188)])
                guard let packet = PacketView(raw) else { continue }
                let isTable = packet.pid < 0x100 || packet.pid == 0x1000
                if holdsStart, isTable || packet.payloadUnitStart {
                    messages.append(current)
                    current = Message(bytes: [], isKey: false, isPicture: false)
                    holdsStart = false
                }
                current.bytes += raw
                guard !isTable, packet.payloadUnitStart else { continue }
                holdsStart = true
                current.isPicture = packet.pid == 0x100
                current.isKey = current.isPicture && packet.randomAccess && current.bytes.count > 188
            }
        }
        return messages
    }
}
