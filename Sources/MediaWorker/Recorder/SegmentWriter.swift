import GStreamer
import Glibc
import LinuxSystem
import Logging
import Synchronization
import WorkerProtocol

/// Takes what is encoded and puts it into segments, on a thread of its own, the only one that waits for the disk's
/// writing. A segment ends after its time, where slots are missing, and when its disk refuses; the next one begins with
/// the very next frame.
final class SegmentWriter: Sendable {
    private static let retryMilliseconds = 500
    /// At what could not be closed.
    private static let secondLookNanoseconds: UInt64 = 2_000_000_000

    private let role: RecorderRole
    private let folder: SegmentFolder
    private let clock: SessionClock
    private let queue: EncodedQueue
    private let board: RecorderBoard
    private let checker: SegmentChecker
    private let logger: Logger
    private let state = Mutex((isGivenUp: false, hasEnded: false))

    init(
        role: RecorderRole, folder: SegmentFolder, clock: SessionClock, queue: EncodedQueue, board: RecorderBoard,
        checker: SegmentChecker, logger: Logger
    ) {
        self.role = role
        self.folder = folder
        self.clock = clock
        self.queue = queue
        self.board = board
        self.checker = checker
        self.logger = logger
    }

    func start() {
        MediaThread.start("recorder-disk") { [self] in
            Run(self).all()
            state.withLock { $0.hasEnded = true }
        }
    }

    /// After the end of the queue: waits until everything is in its file, and then no longer than so long. Blocks.
    func waitForEnd(milliseconds: Int) {
        let end = MonotonicClock.now() + UInt64(milliseconds) * 1_000_000
        while MonotonicClock.now() < end, !state.withLock({ $0.hasEnded }) { MediaThread.sleep(milliseconds: 5) }
        state.withLock { $0.isGivenUp = true }
    }

    private var isGivenUp: Bool { state.withLock { $0.isGivenUp } }

    fileprivate func now() -> String {
        let day = DayClock.now()
        return rfc3339(day.wallTime(at: MonotonicClock.now()), utcOffsetSeconds: day.utcOffsetSeconds)
    }

    // MARK: The thread

    /// What the thread alone knows.
    private final class Run {
        private let writer: SegmentWriter
        private var open: OpenSegment?
        /// The highest number in use.
        private var index = 0
        /// What is there has been looked at, and everything of before is closed; after trouble it is seen to again.
        private var knowsFolder = false
        private var hasLooked = false
        /// CLOCK_MONOTONIC nanoseconds.
        private var looksAgainAt: UInt64 = 0
        private var complained: Set<String> = []
        /// After the last frame of the segment before, in this machine start.
        private var previousEnd: UInt64?

        init(_ writer: SegmentWriter) {
            self.writer = writer
        }

        private var board: RecorderBoard { writer.board }

        func all() {
            while true {
                switch writer.queue.take(milliseconds: 200) {
                case .item(.slot(let slot)): record(slot)
                case .item(.end): close()
                case .nothing:
                    let facts = board.facts
                    if facts.isFull { close() }
                    if let open, facts.condemned === open.handle { abandon() }
                    // What an earlier recorder left is seen to before the first frame comes.
                    if !hasLooked { try? takeStock() }
                case .ended:
                    close()
                    // What was left behind on the way is closed as well, if it can be.
                    if !knowsFolder { try? takeStock() }
                    return
                }
            }
        }

        /// Tries until it is in a file, or there is no hope.
        private func record(_ slot: RecordedSlot) {
            while true {
                let facts = board.facts
                if let open, facts.condemned === open.handle { abandon() }
                if facts.isFull { close() }
                if facts.isFull || writer.isGivenUp { return board.lose(MonotonicClock.now()) }
                do {
                    try turn(to: slot)
                    guard open != nil else { return board.lose(MonotonicClock.now()) }
                    try timed { try open?.append(slot) }
                    if !knowsFolder, MonotonicClock.now() > looksAgainAt { try? takeStock() }
                    return
                } catch {
                    // What is in the segment so far may still be made complete.
                    if let segment = open, segment.record.frames > 0 { close() }
                    failed(error)
                }
            }
        }

        /// Has the segment open that this slot belongs to; nil remains where a segment cannot begin.
        private func turn(to slot: RecordedSlot) throws {
            if let current = open {
                let isFull = current.record.frames >= writer.role.segmentSeconds * writer.role.house.frameRate
                if slot.slot != current.nextSlot || slot.format != current.format || (isFull && slot.isKey) { close() }
            }
            guard open == nil, slot.isKey else { return }
            try takeStock()
            try writer.folder.prepare()
            var record = SegmentRecord(
                file: writer.folder.name(index + 1), session: writer.role.session, source: writer.role.source,
                firstSlot: slot.slot,
                clock: writer.clock, firstTime: firstTime(slot.slot), started: writer.now())
            if let previousEnd, slot.slot > previousEnd {
                record.gapBefore = .init(firstSlot: previousEnd, count: Int(slot.slot - previousEnd))
            }
            let segment = try timed { try begin(record, slot) }
            open = segment
            board.opened(segment.handle)
        }

        private func begin(_ record: SegmentRecord, _ slot: RecordedSlot) throws -> OpenSegment {
            let path = "\(writer.folder.path)/\(record.file)"
            let handle = try SegmentHandle.create(path)
            // Whatever becomes of it, its number is taken.
            index += 1
            do {
                let segment = try OpenSegment(handle, format: slot.format, record: record)
                try writer.folder.save(record)
                return segment
            } catch {
                // Our own, and nothing is in it.
                try? Files.remove(path)
                try? Files.remove(SegmentFolder.recordPath(path))
                throw error
            }
        }

        private func firstTime(_ slot: UInt64) -> String {
            let day = writer.clock.clock
            return rfc3339(
                day.wallTime(at: slot * writer.role.house.frameDuration), utcOffsetSeconds: day.utcOffsetSeconds)
        }

        private func close() {
            guard var segment = open else { return }
            do {
                let record = try timed { try segment.finish(closed: writer.now()) }
                open = nil
                previousEnd = record.endSlot
                board.closed(record, now: MonotonicClock.now())
                writer.checker.submit(record, segment.handle)
            } catch {
                failed(error)
            }
        }

        /// It is left as it is, and closed as soon as the disk lets us.
        private func abandon() {
            knowsFolder = false
            guard let segment = open else { return }
            previousEnd = segment.nextSlot
            open = nil
            board.closed(nil, now: MonotonicClock.now())
        }

        private func failed(_ error: any Error) {
            abandon()
            if (error as? SystemError)?.code == ENOSPC {
                writer.logger.error("the disk is full", metadata: ["error": "\(error)"])
                board.update { facts in
                    facts.isFull = true
                    facts.refusedAt = MonotonicClock.now()
                }
                return
            }
            if board.fail("\(error)") {
                writer.logger.error("the disk refuses; it is tried again", metadata: ["error": "\(error)"])
            }
            if !writer.isGivenUp { MediaThread.sleep(milliseconds: SegmentWriter.retryMilliseconds) }
        }

        /// What is there from before: numbers in use, and what a recorder that was killed has not closed.
        private func takeStock() throws {
            hasLooked = true
            guard !knowsFolder else { return }
            looksAgainAt = MonotonicClock.now() + SegmentWriter.secondLookNanoseconds
            let survey = try timed { try writer.folder.survey() }
            let unclosed = survey.unclosed.filter { $0.record != nil && $0.file != open?.record.file }
            let (recovered, isAll) = recover(unclosed)
            let known = (survey.closed + recovered).sorted { $0.file < $1.file }
            for record in known {
                board.note(record)
                writer.checker.submit(record, nil)
            }
            let ends = known.filter { $0.clock.bootID == writer.clock.bootID }.map(\.endSlot)
            previousEnd = (ends + [previousEnd].compactMap { $0 }).max()
            index = max(index, survey.highestIndex)
            knowsFolder = isAll
        }

        /// - Returns: what could be closed, and whether nothing is left to be done.
        private func recover(
            _ unclosed: [(file: String, record: SegmentRecord?)]
        ) -> (closed: [SegmentRecord], isAll: Bool) {
            var closed: [SegmentRecord] = []
            var isAll = true
            for case (let file, let record?) in unclosed {
                let path = "\(writer.folder.path)/\(file)"
                do {
                    if let record = try recover(path, record) { closed.append(record) }
                } catch {
                    isAll = false
                    if complained.insert(path).inserted {
                        writer.logger.warning("cannot close a segment of before yet", metadata: ["error": "\(error)"])
                    }
                }
            }
            return (closed, isAll)
        }

        /// - Returns: nil: nothing was in it, and it is gone.
        private func recover(_ path: String, _ record: SegmentRecord) throws -> SegmentRecord? {
            let handle = try SegmentHandle.open(path, writing: true)
            guard let recovered = try SegmentEnding.recover(handle, record, closed: writer.now()) else {
                // Its record first: one that is left alone would say for ever that something is being recorded.
                try Files.remove(SegmentFolder.recordPath(path))
                try Files.remove(path)
                writer.logger.notice("removed a segment that never got a frame", metadata: ["path": "\(path)"])
                return nil
            }
            try writer.folder.save(recovered)
            writer.logger.notice(
                "closed a segment whose recorder could not",
                metadata: ["path": "\(path)", "frames": "\(recovered.frames)"])
            return recovered
        }

        /// A call that has begun and does not return is a disk that stalls.
        private func timed<Result>(_ body: () throws -> Result) rethrows -> Result {
            board.update { $0.writingSince = MonotonicClock.now() }
            defer { board.update { $0.writingSince = nil } }
            return try body()
        }
    }
}
