import GStreamer
import Glibc
import LinuxSystem
import TransportStream
import WorkerProtocol

/// A recorded stream, looked at by its own times and not as fast as a disk: decoders have to follow.
enum ProbeFile {
    /// Bytes: whole packets, and less than a second even of a stream that is sound alone.
    private static let piece = 40 * PacketView.size
    /// Times the stream's own pace.
    private static let pace = 30.0
    /// Between two reports, nanoseconds.
    private static let interval: UInt64 = 1_000_000_000

    /// Blocks, for as long as it takes. What a picture carries says nothing of how late anything was.
    /// - Parameter tell: called with what is known so far, about once a second; returns false where nobody wants it any more.
    static func examine(
        _ path: String, _ request: ProbeRequest, _ reception: FileReception, tell: (ProbeReport) -> Bool
    ) {
        let owner: FileDescriptorOwner
        do {
            // A pipe without a writer, and a terminal, would never be open, or never end.
            owner = try FileDescriptorOwner.open(path, O_RDONLY | O_NONBLOCK)
        } catch {
            return reception.fail(reason(error, path))
        }
        var status = Glibc.stat()
        guard fstat(owner.descriptor, &status) == 0 else {
            return reception.fail(reason(SystemError(code: errno, operation: "look at"), path))
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: return reception.fail(Reason(.isDirectory, at: .file(path: path)))
        default: return reception.fail(.probe(notAFile: path))
        }
        var buffer = [UInt8](repeating: 0, count: piece)
        var toldAt = MonotonicClock.now()
        while true {
            let count = read(owner.descriptor, &buffer, piece)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return reception.fail(reason(SystemError(code: errno, operation: "read"), path)) }
            if count == 0 { break }
            let streamSeconds = buffer.withUnsafeBytes {
                reception.take(UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
            if reception.isNoStream { return reception.fail(.probe(notAStream: path)) }
            if streamSeconds >= request.seconds { break }
            reception.wait(streamSeconds / pace)
            let now = MonotonicClock.now()
            if now >= toldAt + interval {
                toldAt = now
                if !tell(reception.report()) { return }
            }
        }
        if reception.bytes == 0 { return reception.fail(.probe(emptyFile: path)) }
        if reception.packetCount == 0 { reception.fail(.probe(notAStream: path)) }
    }

    private static func reason(_ error: any Error, _ path: String) -> Reason {
        switch (error as? SystemError)?.code {
        case ENOENT, ENOTDIR: .probe(noSuchFile: path)
        case EACCES, EPERM: Reason(.forbidden, at: .file(path: path))
        default: .probe(failed: path, "\(error)")
        }
    }
}

/// How much of a stream has passed, by times of presentation that may jump and that come out of order. Pure.
struct StreamTime: Sendable {
    /// Ticks of 90 kHz: further apart is a jump, and nobody waits for what was cut out.
    private static let most: Int64 = 90_000

    private var latest: Int64?
    private var ticks: Int64 = 0

    var seconds: Double { Double(ticks) / 90_000 }

    mutating func note(_ pts: Int64) {
        guard let latest else { return self.latest = pts }
        let step = pts - latest
        // Pictures come in the order of their decoding.
        guard step > 0 || step < -Self.most else { return }
        ticks += min(max(0, step), Self.most)
        self.latest = pts
    }
}

/// What has been read of a file.
final class FileReception {
    /// So often the content is judged, seconds of the stream.
    private static let judgement = 1.0
    /// So long decoders have to follow, nanoseconds.
    private static let patience: UInt64 = 5_000_000_000

    private(set) var failure: Reason?
    let examination: StreamExamination
    private var arrivals = ArrivalInspector()
    private(set) var bytes: UInt64 = 0
    private var stamped: UInt64 = 0
    private var unstamped: UInt64 = 0
    private var time = StreamTime()
    private var findings = FindingCollection()
    private var judgedAt = 0.0
    private var isFollowed = true
    private let startedAt = MonotonicClock.now()
    /// The stream's time for whoever examines; not 0.
    private static let base: UInt64 = 1_000_000_000

    init(pipelines: String) throws {
        examination = try StreamExamination(
            file: PipelineFile(path: "\(pipelines)/confidence.pipeline"), limits: ContentLimits()
        ) { _ in }
    }

    var packetCount: UInt64 { arrivals.inspector.packets }
    var isNoStream: Bool {
        bytes >= 64 << 10 && arrivals.inspector.packets <= 2 * arrivals.inspector.continuity.missingSyncBytes
    }

    func fail(_ reason: Reason) { failure = failure ?? reason }

    /// - Returns: seconds of the stream so far.
    func take(_ piece: UnsafeRawBufferPointer) -> Double {
        bytes += UInt64(piece.count)
        for arrival in arrivals.feed(piece, at: 0) {
            if arrival.stamp == nil { unstamped += 1 } else { stamped += 1 }
        }
        if let pts = arrivals.inspector.lastAccessUnit?.pts ?? arrivals.inspector.lastAudioPTS { time.note(pts) }
        examination.take(piece, at: now)
        if time.seconds >= judgedAt + Self.judgement {
            judgedAt = time.seconds
            letDecodersFollow()
            findings.add(examination.report(at: now, asSeen: true).findings)
        }
        return time.seconds
    }

    /// What they have not seen is not judged. Ones that have failed are waited for once.
    private func letDecodersFollow() {
        let deadline = MonotonicClock.now() + Self.patience
        while isFollowed, examination.isBehind {
            isFollowed = MonotonicClock.now() < deadline
            MediaThread.sleep(milliseconds: 2)
        }
    }

    private var now: UInt64 { Self.base + UInt64(time.seconds * 1e9) }

    /// Until so many seconds have passed since the beginning.
    func wait(_ seconds: Double) {
        MediaThread.sleep(until: startedAt + UInt64(seconds * 1e9))
    }

    /// - Parameter isOver: nothing more will be read.
    func report(isOver: Bool = false) -> ProbeReport {
        let content = examination.report(at: now, asSeen: true)
        findings.add(content.findings)
        return ProbeReport(
            seconds: time.seconds, bytes: bytes, content: content, findings: findings.all, stampedPictures: stamped,
            unstampedPictures: unstamped, end: failure, isComplete: isOver && failure == nil)
    }
}
