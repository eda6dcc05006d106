import Dispatch
import GStreamer
import Glibc
import LinuxSystem
import Logging
import Synchronization
import WorkerProtocol

/// Records the programme, or an input, into segments.
///
/// feeds → intake (one picture and its samples a slot) → encoder → queue → writer → disk ← watch, checker
///
/// What is left of the queue never waits for what is right of it.
final class RecorderJob: MediaJob {
    /// Below the programme (−10) and above everything that is not ours.
    private static let niceness: Int32 = -5
    private static let clockPatienceMilliseconds = 2000
    /// The stop ladder gives two seconds, and two more after SIGTERM.
    private static let drainMilliseconds = 500
    private static let writeMilliseconds = 1500
    /// Whoever waits for its end says so.
    private static let checkMilliseconds = 15_000
    private static let hurriedCheckMilliseconds = 1200

    private struct Running: Sendable {
        var intake: RecorderIntake
        var encoder: RecorderEncoder
        var writer: SegmentWriter
        var watch: DiskWatch
        var checker: SegmentChecker
    }

    private let role: RecorderRole
    private let context: JobContext
    private let file: PipelineFile
    private let values: [String: PlaceholderValue]
    private let folder: SegmentFolder
    private let board = RecorderBoard()
    private let encoded: EncodedQueue
    private let running = Mutex<Running?>(nil)
    private let lastErrors = Mutex<[String]>([])
    private let queue = DispatchQueue(label: "recorder")
    private let isHurried = Atomic(false)

    init(context: JobContext, specification: WorkerSpecification, role: RecorderRole) throws {
        self.context = context
        self.role = role
        values = specification.placeholders
        file = try PipelineFile(path: specification.pipelineFile)
        folder = try SegmentFolder(role)
        encoded = EncodedQueue(limitBytes: role.queueBytes)
    }

    func start() async throws {
        try await queue.perform { try self.begin() }
    }

    func stop() async {
        await queue.perform { self.end() }
    }

    func hurry() {
        isHurried.store(true, ordering: .relaxed)
    }

    private func begin() throws {
        // For this thread, and with it for all that it starts.
        if context.ownsProcess { setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.niceness) }
        let clock = sessionClock()
        let encoder = try RecorderEncoder(
            file: file, values: values, role: role, dayClock: clock.clock, output: { [encoded] in encoded.put($0) },
            onFailure: { [context] in context.fail($0) }, onWarning: { [weak self] in self?.note($0) })
        let checker = SegmentChecker(
            folder: folder, copyDirectory: role.copyDirectory, board: board, givesWay: context.ownsProcess,
            logger: context.logger)
        let writer = SegmentWriter(
            role: role, folder: folder, clock: clock, queue: encoded, board: board, checker: checker,
            logger: context.logger)
        // Twenty seconds of it: not a segment for each breath of the disk.
        let margin = Int64(role.videoBitrateKbps + 2400) * 1000 / 8 * 20
        let watch = DiskWatch(
            board: board, directory: folder.root, floor: role.minimumFreeBytes, margin: margin,
            logger: context.logger)
        let intake = RecorderIntake(
            role.feeds, house: role.house, isOnGrid: role.source == RecorderRole.program, onSlot: { encoder.push($0) },
            onEnd: { encoder.endRun() })
        running.withLock {
            $0 = Running(intake: intake, encoder: encoder, writer: writer, watch: watch, checker: checker)
        }
        try encoder.start()
        writer.start()
        watch.start()
        checker.start()
        intake.start()
    }

    private func end() {
        guard let running = running.withLock({ $0 }) else { return }
        running.intake.stop()
        running.encoder.drain(milliseconds: Self.drainMilliseconds)
        encoded.end()
        running.writer.waitForEnd(milliseconds: Self.writeMilliseconds)
        running.checker.finish(
            milliseconds: Self.checkMilliseconds, hurriedMilliseconds: Self.hurriedCheckMilliseconds
        ) { self.isHurried.load(ordering: .relaxed) }
        running.watch.stop()
        running.encoder.stop()
    }

    /// The session's; where a disk does not let us have it soon, one of our own, which its segments' records state.
    private func sessionClock() -> SessionClock {
        let own = SessionClock(bootID: currentBootID(), frameRate: role.house.frameRate, clock: .now())
        if let given = role.clock, given.bootID == own.bootID, given.frameRate == own.frameRate {
            // For whoever has the folder alone.
            MediaThread.start("recorder-clock") { [folder] in _ = try? folder.clock(orElse: given) }
            return given
        }
        let box = ClockBox()
        MediaThread.start("recorder-clock") { [folder] in box.set(try? folder.clock(orElse: own)) }
        let end = MonotonicClock.now() + UInt64(Self.clockPatienceMilliseconds) * 1_000_000
        while MonotonicClock.now() < end {
            if let answer = box.answer { return answer ?? own }
            MediaThread.sleep(milliseconds: 2)
        }
        return own
    }

    private final class ClockBox: Sendable {
        private let state = Mutex<SessionClock??>(nil)
        func set(_ clock: SessionClock?) { state.withLock { $0 = .some(clock) } }
        var answer: SessionClock?? { state.withLock { $0 } }
    }

    private func note(_ sentence: String) {
        context.logger.warning("\(sentence)")
        lastErrors.withLock { $0 = ($0 + [sentence]).suffix(8) }
    }

    // MARK: Status

    func report() -> JobReport {
        let running = running.withLock { $0 }
        let judgement = RecorderJudgement(
            role: role, board: board.facts, intake: running?.intake.facts ?? .init(),
            encoder: running?.encoder.facts ?? .init(), queue: encoded.facts, now: MonotonicClock.now())
        // A disk that stalls is no reason to kill the process, which holds what waits for it: the encoder is what counts.
        return JobReport(
            isReady: running != nil,
            progress: .init(input: judgement.intake.slots, output: judgement.encoder.slots),
            lastErrors: lastErrors.withLock { $0 }, detail: .recorder(judgement.report))
    }
}
