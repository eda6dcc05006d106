import Foundation
import GStreamer
import Glibc
import LinuxSystem
import Logging
import Synchronization
import Testing
import TransportStream
import WorkerProtocol

@testable import MediaWorker

/// A programme and receivers of a test's own.
final class LinkStage: MediaStage {
    let ground: StageGround

    init(_ ground: StageGround) {
        self.ground = ground
    }

    var liveFeed: String { "\(directory)/live.sock" }
    var programSocket: String { "\(directory)/program.sock" }
    static let passphrase = "a-well-kept-secret"

    /// A UDP port nobody has at the moment.
    func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard outcome else { throw SystemError(code: errno, operation: "find a free port") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// A link as the worker process would run it, started.
    func link(_ url: String, passphrase: String? = nil, latencyMs: Int = 120) async throws -> LinkJob {
        var passphraseFile: String?
        if let passphrase {
            passphraseFile = "\(directory)/passphrase"
            try Files.writeAtomically("\(directory)/passphrase", Array("\(passphrase)\n".utf8))
        }
        let role = LinkRole(
            url: url, latencyMs: latencyMs, passphraseFile: passphraseFile, maximumKbps: 20_000, liveFeed: liveFeed,
            programSocket: programSocket)
        let pipelineFile = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Pipelines/link-srt.pipeline").path
        let specification = WorkerSpecification(id: "link/test", pipelineFile: pipelineFile, role: .link(role))
        let context = JobContext(
            identity: WorkerIdentity(
                id: specification.id, instance: UUID().uuidString, digest: "", specification: specification),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            fail: { Issue.record("the link gave up: \($0)") })
        let job = try LinkJob(context: context, specification: specification, role: role)
        try await job.start()
        atEnd { await job.stop() }
        return job
    }

    func program(startingAt seconds: Double = 0) async throws -> TestProgram {
        let program = try await TestProgram(stage: self, startingAt: seconds)
        atEnd { program.stop() }
        return program
    }

    /// `srt-live-transmit`, which writes what it gets into a file.
    func receiver(_ url: String) throws -> Receiver {
        let path = "\(directory)/\(UUID().uuidString).ts"
        let process = try ProcessHandle.spawn(
            SpawnRequest(
                executable: "/bin/sh",
                arguments: ["-c", "exec srt-live-transmit -q -a:no \"$0\" file://con 2>/dev/null", url],
                output: .file(path)))
        let receiver = Receiver(process: process, path: path)
        atEnd {
            process.signal(SIGKILL)
            _ = await process.waitForExit(timeout: .seconds(5))
        }
        return receiver
    }
}

/// What a receiver got.
struct Receiver: Sendable {
    let process: ProcessHandle
    let path: String

    var bytes: [UInt8] { (try? Files.read(path, limit: 1 << 30)) ?? [] }

    func inspect() -> StreamInspector {
        var inspector = StreamInspector()
        inspector.feed(bytes)
        return inspector
    }

    /// PIDs of the first packets that are not stuffing.
    func firstPIDs(_ count: Int) -> [UInt16] {
        let bytes = bytes
        return bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count - 187, by: 188).lazy
                .compactMap { PacketView(UnsafeRawBufferPointer(rebasing: bytes[$0..<($0 + 188)]))?.pid }
                .filter { $0 != PacketView.nullPID }.prefix(count).map { $0 }
        }
    }
}

extension LinkJob {
    var link: LinkReport {
        guard case .link(let report) = report().detail else { fatalError("a link reports as a link") }
        return report
    }

    func has(_ code: String) -> Bool { link.reasons.contains { $0.code == code } }
}

/// Waits for a fact; a generous deadline stands for "never".
func eventually(
    _ what: String, within deadline: Duration = .seconds(20), _ fact: () -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let end = MonotonicInstant.now.advanced(by: deadline)
    while !fact() {
        guard MonotonicInstant.now < end else {
            Issue.record("not within \(deadline): \(what)", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}
