import GStreamer
import Glibc
import LinuxSystem
import TransportStream
import WorkerProtocol

/// A recorded stream, looked at by its own times and not as fast as a disk: decoders have to follow.
enum ProbeFile {
    private static let piece = 64 << 10
    /// Times the stream's own pace.
    private static let pace = 30.0

    /// Blocks, for as long as it takes. What a picture carries says nothing of how late anything was.
    static func examine(_ path: String, _ request: ProbeRequest, _ reception: FileReception) {
        let owner: FileDescriptorOwner
        do {
            owner = try FileDescriptorOwner.open(path, O_RDONLY)
        } catch let error as SystemError {
            let failure: SourceFailure =
                error.code == ENOENT ? .noSuchFile : error.code == EACCES ? .forbidden : .other("\(error)")
            return reception.fail(Reason(failure, at: .file(path: path)))
        } catch {
            return reception.fail(.probe(unusable: "\(error)"))
        }
        var buffer = [UInt8](repeating: 0, count: piece)
        var isEmpty = true
        while true {
            let count = read(owner.descriptor, &buffer, piece)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EISDIR { return reception.fail(Reason(.isDirectory, at: .file(path: path))) }
            if count < 0 {
                return reception.fail(.probe(unusable: "\(SystemError(code: errno, operation: "read", path: path))"))
            }
            if count == 0 { break }
            isEmpty = false
            let streamSeconds = buffer.withUnsafeBytes {
                reception.take(UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
            if reception.isNoStream { return reception.fail(.probe(notAStream: path)) }
            if streamSeconds >= request.seconds { break }
            reception.wait(streamSeconds / pace)
        }
        if isEmpty { return reception.fail(.probe(emptyFile: path)) }
        if reception.packetCount == 0 { reception.fail(.probe(notAStream: path)) }
    }
}

/// What has been read of a file.
final class FileReception {
    private(set) var failure: Reason?
    let examination: StreamExamination
    private var arrivals = ArrivalInspector()
    private var bytes: UInt64 = 0
    private var stamped: UInt64 = 0
    private var unstamped: UInt64 = 0
    private var firstPTS: Int64?
    private var streamTime = 0.0
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
        if let pts = arrivals.inspector.lastAccessUnit?.pts ?? arrivals.inspector.lastAudioPTS {
            firstPTS = firstPTS ?? pts
            // Only forward, whatever the stream's clock does.
            streamTime = max(streamTime, Double(pts - (firstPTS ?? pts)) / 90_000)
        }
        examination.take(piece, at: now)
        return streamTime
    }

    private var now: UInt64 { Self.base + UInt64(streamTime * 1e9) }

    /// Until so many seconds have passed since the beginning.
    func wait(_ seconds: Double) {
        MediaThread.sleep(until: startedAt + UInt64(seconds * 1e9))
    }

    var report: ProbeReport {
        ProbeReport(
            seconds: streamTime, bytes: bytes, content: examination.report(at: now), stampedPictures: stamped,
            unstampedPictures: unstamped, end: failure, isComplete: failure == nil)
    }
}
