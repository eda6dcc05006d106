import Foundation
import Glibc
import LinuxSystem
import Synchronization
import TransportStream

/// A district venue: a real SRT receiver (`srt-live-transmit`) whose output is counted and checked as it comes.
public final class Receiver: Sendable {
    public struct Snapshot: Sendable {
        public var bytes: UInt64 = 0
        public var packets: UInt64 = 0
        public var continuityErrors: UInt64 = 0
        public var announcedDiscontinuities: UInt64 = 0
        public var pictures: UInt64 = 0
        public var idrPictures: UInt64 = 0
        public var soundPackets: UInt64 = 0
        public var firstPictureIsIDR: Bool?
        public var tablesCameFirst: Bool?
        public var timeOnlyGoesForward = true
        public var largestPicture = 0
        public var longestClockIntervalMs: Double?
        public var lastPTS: Int64?
        /// By the stream's own clock; nil before two pictures came.
        public var framesPerSecond: Double?
        /// Microseconds since 1970, from the last picture.
        public var lastTimeStamp: UInt64?
        /// CLOCK_MONOTONIC of the last bytes.
        public var lastBytesAt: MonotonicInstant?
        /// The longest time in which nothing arrived.
        public var longestGapMs: Double?
        /// When it ended, seconds since 1970.
        public var longestGapEndedAt: Double?
    }

    private struct State {
        var inspector = StreamInspector()
        var lastBytesAt: MonotonicInstant?
        /// The first picture that was looked at.
        var base: (pictures: UInt64, pts: Int64)?
        var longestGap: (length: Duration, endedAt: Double)?
        var recording: Int32 = -1
        var isStopped = false
    }

    public let name: String
    private let workspace: Workspace
    private let address: String
    private let fifo: String
    private let state = Mutex(State())
    private let process = Mutex<ProcessHandle?>(nil)

    /// - Parameter address: an `srt://` address as srt-live-transmit takes it.
    public init(name: String, address: String, workspace: Workspace) throws {
        self.name = name
        self.address = address
        self.workspace = workspace
        fifo = workspace.file("\(name).fifo")
        if mkfifo(fifo, 0o600) != 0, errno != EEXIST {
            throw RigError("cannot make \(fifo): \(String(cString: strerror(errno)))")
        }
        try read()
    }

    deinit {
        stop()
    }

    /// Calls, and calls again whenever the connection is lost, until `stop` or `kill`.
    public func start() throws {
        // The shell reopens the program after each loss: srt-live-transmit's own -a waits much longer.
        let line = """
            while :; do srt-live-transmit -q -a:no -chunk:1316 '\(address)' file://con >'\(fifo)'; sleep 0.1; done
            """
        let handle = try workspace.shell(line, log: "\(name).log")
        process.withLock { $0 = handle }
    }

    /// Its program dies, and the loop around it calls again.
    public func drop() {
        if let caller { kill(caller, SIGKILL) }
    }

    /// To the receiver and the loop around it: SIGSTOP, SIGCONT …
    public func signal(_ number: Int32) {
        guard let handle = process.withLock({ $0 }), handle.exitStatus == nil else { return }
        kill(-handle.pid, number)
    }

    /// The program that calls; nil between two calls.
    public var caller: pid_t? { pid.flatMap { ProcessFacts.children(of: $0).first } }

    /// The loop around it; nil when it does not run.
    public var pid: pid_t? { process.withLock { $0?.pid } }

    public func stop() {
        signal(SIGKILL)
        process.withLock { $0 = nil }
        state.withLock { $0.isStopped = true }
    }

    public func snapshot() -> Snapshot {
        state.withLock { state in
            let inspector = state.inspector
            var rate: Double?
            if let base = state.base, let pts = inspector.lastAccessUnit?.pts, pts > base.pts {
                rate = Double(inspector.videoAccessUnits - base.pictures) * 90_000 / Double(pts - base.pts)
            }
            return Snapshot(
                bytes: inspector.bytes, packets: inspector.packets, continuityErrors: inspector.continuityErrors,
                announcedDiscontinuities: inspector.continuity.announcedDiscontinuities,
                pictures: inspector.videoAccessUnits, idrPictures: inspector.idrAccessUnits,
                soundPackets: inspector.audioPackets, firstPictureIsIDR: inspector.firstVideoIsIDR,
                tablesCameFirst: inspector.tablesCameFirst, timeOnlyGoesForward: inspector.timeOnlyGoesForward,
                largestPicture: inspector.largestAccessUnit,
                longestClockIntervalMs: inspector.longestClockIntervalMs, lastPTS: inspector.lastAccessUnit?.pts,
                framesPerSecond: rate,
                lastTimeStamp: inspector.lastAccessUnit?.timeStamp?.microseconds, lastBytesAt: state.lastBytesAt,
                longestGapMs: state.longestGap.map { $0.length.inSeconds * 1000 },
                longestGapEndedAt: state.longestGap?.endedAt)
        }
    }

    /// Counts from nothing: the next connection is looked at by itself.
    public func reset() {
        state.withLock { state in
            state.inspector = StreamInspector()
            state.base = nil
            state.longestGap = nil
        }
    }

    /// The longest gap from now on.
    public func resetGap() {
        state.withLock { $0.longestGap = nil }
    }

    /// What comes from now on is also written to a file, until `endRecording`.
    public func record(to path: String) throws {
        let descriptor = try FileDescriptorOwner.open(path, O_WRONLY | O_CREAT | O_TRUNC).take()
        state.withLock { $0.recording = descriptor }
    }

    public func endRecording() {
        state.withLock { state in
            if state.recording >= 0 { close(state.recording) }
            state.recording = -1
        }
    }

    private func read() throws {
        // For reading and writing: the reader outlives every writer.
        let descriptor = try FileDescriptorOwner.open(fifo, O_RDWR | O_NONBLOCK).take()
        _ = fcntl(descriptor, setPipeSize, 1 << 20)
        Thread.detachNewThread { [weak self] in
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&wait, 1, 200)
                guard let self, !self.state.withLock({ $0.isStopped }) else {
                    close(descriptor)
                    return
                }
                let count = Glibc.read(descriptor, &buffer, buffer.count)
                if count > 0 { self.take(Array(buffer[..<count])) }
            }
        }
    }

    private func take(_ bytes: [UInt8]) {
        let now = MonotonicInstant.now
        state.withLock { state in
            state.inspector.feed(bytes)
            if let last = state.lastBytesAt {
                let gap = last.duration(to: now)
                if gap > state.longestGap?.length ?? .zero { state.longestGap = (gap, wallClockSeconds()) }
            }
            state.lastBytesAt = now
            if state.base == nil, let pts = state.inspector.lastAccessUnit?.pts {
                state.base = (state.inspector.videoAccessUnits, pts)
            }
            if state.recording >= 0 { _ = write(state.recording, bytes, bytes.count) }
        }
    }
}

/// F_SETPIPE_SZ, a macro of glibc's that Swift does not see.
private let setPipeSize: Int32 = 1031
