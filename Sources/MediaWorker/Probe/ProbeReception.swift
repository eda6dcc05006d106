import GStreamer
import LinuxSystem
import Synchronization
import WorkerProtocol

/// Everything that has arrived, for whoever asks; takes it from the pipeline's own thread.
final class ProbeReception: Sendable {
    struct Facts: Sendable, Equatable {
        /// CLOCK_MONOTONIC nanoseconds; nil: nothing has arrived.
        var firstAt: Int64?
        var lastAt: Int64?
        var bytes: UInt64 = 0
        /// Packets, and those that did not begin as one does.
        var packets: UInt64 = 0
        var broken: UInt64 = 0
        var failure: Reason?
    }

    private struct State: Sendable {
        var facts = Facts()
        var meter = DelayMeter()
        var findings = FindingCollection()
    }

    let examination: StreamExamination
    private let state = Mutex(State())
    private let readClocks: @Sendable () -> ClockReading

    init(
        pipelines: String, limits: ContentLimits = ContentLimits(),
        clocks: @escaping @Sendable () -> ClockReading = { .now() }
    ) throws {
        readClocks = clocks
        examination = try StreamExamination(
            file: PipelineFile(path: "\(pipelines)/confidence.pipeline"), limits: limits
        ) { _ in
            // What cannot be decoded is a finding of the examination; packets and times are looked at all the same.
        }
    }

    func take(_ bytes: UnsafeRawBufferPointer) {
        let clocks = readClocks()
        examination.take(bytes, at: UInt64(clocks.monotonic))
        state.withLock { state in
            state.facts.firstAt = state.facts.firstAt ?? clocks.monotonic
            state.facts.lastAt = clocks.monotonic
            state.facts.bytes += UInt64(bytes.count)
            state.meter.take(bytes, at: clocks)
            (state.facts.packets, state.facts.broken) = state.meter.packets
        }
    }

    func fail(_ reason: Reason) {
        state.withLock { $0.facts.failure = $0.facts.failure ?? reason }
    }

    var facts: Facts { state.withLock { $0.facts } }

    func report(at now: Int64) -> ProbeReport {
        let content = examination.report(at: UInt64(now))
        // Sorted without the lock: the pipeline's thread waits for it.
        let (facts, record, findings) = state.withLock { state in
            state.findings.add(content.findings)
            return (state.facts, state.meter.record, state.findings.all)
        }
        var report = ProbeReport(
            seconds: facts.firstAt.map { Double(now - $0) / 1e9 } ?? 0, bytes: facts.bytes, content: content,
            findings: findings)
        record.fill(&report, at: now)
        return report
    }
}

/// Whether a probe goes on. Pure.
enum ProbeDecision: Equatable {
    case goesOn
    /// It has seen what it was to see.
    case complete
    case over(Reason)

    /// So much is enough to tell a transport stream by, and so long.
    private static let sampleBytes: UInt64 = 100_000
    private static let sampleTime: Int64 = 3_000_000_000
    /// SRT notices after 5.3 s that its far side is gone.
    private static let silence: Int64 = 7_000_000_000

    /// - Parameters:
    ///   - startedAt: CLOCK_MONOTONIC nanoseconds, as `now`.
    ///   - awaitsCaller: it listens, and has not been called.
    init(
        _ facts: ProbeReception.Facts, _ request: ProbeRequest, name: String, awaitsCaller: Bool, startedAt: Int64,
        now: Int64
    ) {
        let isJudgeable =
            facts.bytes >= Self.sampleBytes || facts.firstAt.map { now - $0 > Self.sampleTime } ?? false
            || (facts.failure != nil && facts.bytes > 0)
        if isJudgeable, facts.packets <= 2 * facts.broken {
            self = .over(.probe(notAStream: name))
        } else if let failure = facts.failure {
            self = .over(failure)
        } else if let firstAt = facts.firstAt, let lastAt = facts.lastAt {
            if now - firstAt >= Int64(request.seconds * 1e9) {
                self = .complete
            } else if now - lastAt > Self.silence {
                self = .over(.probe(silentAfter: Double(now - lastAt) / 1e9, name))
            } else {
                self = .goesOn
            }
        } else if now - startedAt > Int64(request.patienceSeconds * 1e9) {
            self = .over(
                awaitsCaller
                    ? .probe(nobodyCalls: name, seconds: request.patienceSeconds)
                    : .probe(nothingArrivesAt: name, seconds: request.patienceSeconds))
        } else {
            self = .goesOn
        }
    }
}
