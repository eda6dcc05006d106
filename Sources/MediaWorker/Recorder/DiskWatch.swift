import GStreamer
import Glibc
import LinuxSystem
import Logging
import Matroska
import Synchronization

/// Looks at the disk and believes nothing else: reads back what has arrived in the open segment's file, has it synced
/// about once a second, and keeps an eye on the room that is left. Two threads, so that a sync that takes its time hides
/// nothing.
final class DiskWatch: Sendable {
    private static let lookMilliseconds = 100
    private static let syncMilliseconds = 1000
    /// The disk said itself that it is full: whatever it says of free room, it is given this long.
    private static let refusal: UInt64 = 2_000_000_000

    private let board: RecorderBoard
    private let directory: String
    private let floor: Int64
    private let margin: Int64
    private let logger: Logger
    private let isStopped = Mutex(false)

    /// - Parameters:
    ///   - floor: free bytes at which recording ends.
    ///   - margin: free bytes beyond the floor at which it begins again.
    init(board: RecorderBoard, directory: String, floor: Int64, margin: Int64, logger: Logger) {
        self.board = board
        self.directory = directory
        self.floor = floor
        self.margin = margin
        self.logger = logger
    }

    func start() {
        MediaThread.start("recorder-watch") { [self] in
            var reading = Reading()
            while !isStopped.withLock({ $0 }) {
                look(&reading)
                MediaThread.sleep(milliseconds: Self.lookMilliseconds)
            }
        }
        MediaThread.start("recorder-sync") { [self] in
            while !isStopped.withLock({ $0 }) {
                if let handle = board.facts.open { sync(handle) }
                MediaThread.sleep(milliseconds: Self.syncMilliseconds)
            }
        }
    }

    func stop() {
        isStopped.withLock { $0 = true }
    }

    private struct Reading {
        var handle: SegmentHandle?
        var scanner = MatroskaScanner()
    }

    private func look(_ reading: inout Reading) {
        lookAtRoom()
        guard let handle = board.facts.open else {
            reading.handle = nil
            return
        }
        if reading.handle !== handle { reading = Reading(handle: handle) }
        do {
            guard handle.isInPlace else {
                throw SystemError(
                    code: ENOENT, operation: "find again", path: handle.path,
                    advice: "Somebody has removed it, or its disk is gone; recording goes on in a new file.")
            }
            let size = try handle.size
            try reading.scanner.advance(size: size, read: handle.read)
            board.saw(
                handle, bytes: UInt64(size), frames: UInt64(reading.scanner.pictures), now: MonotonicClock.now())
        } catch {
            condemn(handle, error)
        }
    }

    private func lookAtRoom() {
        guard let free = Files.freeBytes(directory) else { return }
        let now = MonotonicClock.now()
        let turned: Bool? = board.withFacts { facts in
            facts.freeBytes = free
            let mayEnd = facts.refusedAt.map { now > $0 + Self.refusal } ?? true
            if !facts.isFull, free <= floor {
                facts.isFull = true
                return true
            }
            if facts.isFull, free > floor + margin, mayEnd {
                facts.isFull = false
                return false
            }
            return nil
        }
        switch turned {
        case true:
            logger.critical(
                "no more room for the recording", metadata: ["freeBytes": "\(free)", "floorBytes": "\(floor)"])
        case false: logger.notice("there is room again; the recording goes on", metadata: ["freeBytes": "\(free)"])
        default: break
        }
    }

    private func sync(_ handle: SegmentHandle) {
        let start = MonotonicClock.now()
        board.update { $0.syncingSince = start }
        do {
            try handle.sync()
            let end = MonotonicClock.now()
            board.update { facts in
                facts.lastSyncAt = start
                facts.lastSyncTook = end - start
            }
        } catch {
            condemn(handle, error)
        }
        board.update { $0.syncingSince = nil }
    }

    private func condemn(_ handle: SegmentHandle, _ error: any Error) {
        let isNew = board.withFacts { facts in
            guard facts.open === handle, facts.condemned !== handle else { return false }
            facts.condemned = handle
            facts.fault = "\(error)"
            return true
        }
        if isNew { logger.error("the open segment is given up", metadata: ["error": "\(error)"]) }
    }
}
