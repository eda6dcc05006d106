import CLinux
import Crypto
import GStreamer
import Glibc
import LinuxSystem
import Logging
import Matroska
import Synchronization
import WorkerProtocol

/// Reads closed segments again, from the disk, and holds them against what was put into them; then copies them to a second
/// disk where there is one. On a thread that gives way to everything else.
final class SegmentChecker: Sendable {
    private static let pieceBytes = 1 << 20
    private static let retryNanoseconds: UInt64 = 5_000_000_000

    private struct Work: Sendable {
        var record: SegmentRecord
        /// While it is the one it was written with.
        var handle: SegmentHandle?
        /// CLOCK_MONOTONIC nanoseconds, after a copy that failed.
        var notBefore: UInt64 = 0
    }

    private struct State {
        var waiting: [Work] = []
        /// The file that is being seen to.
        var current: String?
        var isStopped = false
    }

    private let folder: SegmentFolder
    private let givesWay: Bool
    /// Of the second disk: the session's directory there.
    private let copyDirectory: String?
    private let board: RecorderBoard
    private let logger: Logger
    private let state = Mutex(State())
    private let wake = clinux_eventfd()

    /// - Parameter givesWay: to everything else on the machine.
    init(folder: SegmentFolder, copyDirectory: String?, board: RecorderBoard, givesWay: Bool, logger: Logger) {
        self.folder = folder
        self.givesWay = givesWay
        self.copyDirectory = copyDirectory
        self.board = board
        self.logger = logger
    }

    deinit {
        close(wake)
    }

    func start() {
        MediaThread.start("recorder-check") { [self] in
            if givesWay {
                // Of this thread alone, on Linux. Not the least there is: a busy machine has to get round to it.
                setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)
                _ = clinux_idle_io()
            }
            while true {
                let (work, isStopped) = next()
                if let work {
                    see(to: work)
                    state.withLock { $0.current = nil }
                } else if isStopped {
                    return
                } else {
                    wait()
                }
            }
        }
    }

    /// - Parameter handle: what it was written with, when it was just now.
    func submit(_ record: SegmentRecord, _ handle: SegmentHandle?) {
        let needsCopy = copyDirectory != nil && record.copy == nil && record.state != .damaged
        guard record.state == .closed || needsCopy else { return }
        state.withLock { state in
            guard state.current != record.file, !state.waiting.contains(where: { $0.record.file == record.file })
            else { return }
            state.waiting.append(Work(record: record, handle: handle))
        }
        signal()
    }

    /// Waits for what is waiting, no longer than so long, and begins nothing more. Blocks. What is left is seen to when a
    /// recorder next begins here.
    /// - Parameter isHurried: somebody waits for the end: no longer than the shorter time.
    func finish(milliseconds: Int, hurriedMilliseconds: Int, isHurried: () -> Bool) {
        let begun = MonotonicClock.now()
        func isTime() -> Bool {
            MonotonicClock.now() < begun + UInt64(isHurried() ? hurriedMilliseconds : milliseconds) * 1_000_000
        }
        while isTime(), state.withLock({ !$0.waiting.isEmpty || $0.current != nil }) {
            MediaThread.sleep(milliseconds: 5)
        }
        state.withLock { state in
            state.isStopped = true
            state.waiting = []
        }
        signal()
    }

    private func next() -> (Work?, isStopped: Bool) {
        let now = MonotonicClock.now()
        return state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0.notBefore <= now }) else {
                return (nil, state.isStopped)
            }
            let work = state.waiting.remove(at: index)
            state.current = work.record.file
            return (work, state.isStopped)
        }
    }

    private func wait() {
        var waits = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        poll(&waits, 1, 1000)
        var count: UInt64 = 0
        _ = read(wake, &count, 8)
    }

    private func signal() {
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }

    // MARK: One segment

    private func see(to work: Work) {
        var record = work.record
        do {
            let path = "\(folder.path)/\(record.file)"
            let handle = try work.handle ?? SegmentHandle.open(path, writing: false)
            if record.state == .closed {
                // It counts when it is written down.
                var seen = record
                try check(&seen, handle)
                try folder.save(seen)
                record = seen
                board.note(record)
                board.update { $0.unread[record.file] = nil }
            }
            guard record.state == .checked, let copyDirectory, record.copy == nil else { return }
            try copy(&record, handle, to: copyDirectory)
        } catch {
            // Not what is in the segment, but getting at it.
            logger.warning("a closed segment waits", metadata: ["file": "\(record.file)", "error": "\(error)"])
            board.update { facts in
                if record.state == .closed {
                    facts.unread[record.file] = "\(error)"
                } else {
                    facts.copyProblem = "\(error)"
                }
            }
            let later = Work(record: record, handle: nil, notBefore: MonotonicClock.now() + Self.retryNanoseconds)
            state.withLock { if !$0.isStopped { $0.waiting.append(later) } }
        }
    }

    private func check(_ record: inout SegmentRecord, _ handle: SegmentHandle) throws {
        try handle.sync()
        handle.forgetCache()
        record.sha256 = try Self.sha256(of: handle)
        record.problem = try Self.difference(between: record, and: handle)
        handle.forgetCache()
        record.state = record.problem == nil ? .checked : .damaged
        let day = DayClock.now()
        record.checked = rfc3339(day.wallTime(at: MonotonicClock.now()), utcOffsetSeconds: day.utcOffsetSeconds)
        if let problem = record.problem {
            logger.error("a segment is damaged", metadata: ["file": "\(record.file)", "problem": "\(problem)"])
        }
    }

    /// - Returns: in what the file is not what was put into it, if in anything.
    private static func difference(between record: SegmentRecord, and handle: SegmentHandle) throws -> String? {
        let size = try handle.size
        if size != record.bytes { return "It has \(size) bytes, and \(record.bytes) were written." }
        var (pictureHash, soundHash) = (XXHash64(), XXHash64())
        var scanner = MatroskaScanner()
        do {
            try scanner.advance(size: size, read: handle.read) { block in
                guard record.pictureXXH64 != nil else { return }
                let bytes = try handle.read(at: block.payload.lowerBound, block.payload.count)
                bytes.withUnsafeBytes {
                    if block.track == MatroskaFormat.pictureTrack {
                        pictureHash.update($0)
                    } else {
                        soundHash.update($0)
                    }
                }
            }
        } catch let failure as MatroskaScanner.Failure {
            return "Its structure is damaged: \(failure)."
        }
        if scanner.pictures != record.frames {
            return "It holds \(scanner.pictures) frames, and \(record.frames) were written."
        }
        if let expected = record.pictureXXH64, pictureHash.text != expected {
            return "Its pictures are not those that were written."
        }
        if let expected = record.soundXXH64, soundHash.text != expected {
            return "Its sound is not what was written."
        }
        return nil
    }

    private static func sha256(of handle: SegmentHandle) throws -> String {
        var hash = SHA256()
        try forEachPiece(of: handle) { hash.update(data: $0) }
        return hash.finalize().hexadecimal
    }

    private static func forEachPiece(of handle: SegmentHandle, _ body: ([UInt8]) throws -> Void) throws {
        var offset = 0
        while true {
            let piece = try handle.read(at: offset, pieceBytes)
            if piece.isEmpty { return }
            try body(piece)
            offset += piece.count
        }
    }

    /// Whole under its name, or not there.
    private func copy(_ record: inout SegmentRecord, _ source: SegmentHandle, to directory: String) throws {
        let place = "\(directory)/\(folder.path.split(separator: "/").last ?? "")"
        for directory in [directory, place] where mkdir(directory, 0o750) != 0 && errno != EEXIST {
            throw SystemError(
                code: errno, operation: "make the directory", path: directory,
                advice: "Mount the second disk, or correct copyDirectory; it is tried again every few seconds.")
        }
        let (final, part) = ("\(place)/\(record.file)", "\(place)/\(record.file).part")
        try Files.remove(part)
        do {
            let target = try SegmentHandle.create(part)
            var offset = 0
            try Self.forEachPiece(of: source) { piece in
                try piece.withUnsafeBytes { try target.write([$0], at: offset) }
                offset += piece.count
            }
            try target.sync()
            target.forgetCache()
            guard try Self.sha256(of: target) == record.sha256 else {
                throw SystemError(
                    code: EIO, operation: "read again what was copied to", path: part,
                    advice: "Look at the second disk; it is tried again.")
            }
            target.forgetCache()
            guard rename(part, final) == 0 else {
                throw SystemError(code: errno, operation: "move a file into place as", path: final)
            }
        } catch {
            try? Files.remove(part)
            throw error
        }
        record.copy = final
        try SegmentFolder.save(record, beside: final)
        try folder.save(record)
        board.note(record)
        board.update { $0.copyProblem = nil }
    }
}
