import Dispatch
import GStreamer
import LinuxSystem
import Logging
import Synchronization
import WorkerProtocol

/// An input: brings one source to the house format and serves its picture and its sound as two feeds. A source that
/// ends or fails closes its feeds at once and is tried again by itself.
final class InputJob: MediaJob {
    /// A source that has sent and then sends nothing is begun anew after this long: SRT takes 5.3 s to notice that a
    /// sender has died, and takes the next one without our help.
    private static let stallNanoseconds: UInt64 = 10_000_000_000
    private static let retryMilliseconds = [500, 1000, 2000, 5000]
    /// Raw picture that may wait for one reader: 4 frames of 1080p.
    private static let pictureQueueBytes = 16 << 20
    private static let soundQueueBytes = 1 << 20

    private struct State {
        var run: InputRun?
        var isReady = false
        var isStopped = false
        var failures = 0
        var failure: SourceFailure?
        var hasEnded = false
        var lastErrors: [String] = []
        var enteredBefore: UInt64 = 0
        var startedAt: UInt64 = 0
    }

    private let role: InputRole
    private let file: PipelineFile
    private let values: [String: PlaceholderValue]
    private let latency: UInt64
    private let logger: Logger
    private let picture: InputTrack
    private let sound: InputTrack
    private let state = Mutex(State())
    /// Where everything that may block in GStreamer runs.
    private let queue = DispatchQueue(label: "input")

    init(context: JobContext, specification: WorkerSpecification, role: InputRole) throws {
        self.role = role
        logger = context.logger
        file = try PipelineFile(path: specification.pipelineFile)
        values = specification.placeholders.merging(role.house.placeholders) { $1 }
        // A source's own latency (a jitter buffer, SRT) adds to what the decoders take.
        let own = values["latencyMs"] ?? file.defaults["latencyMs"]
        let buffer = values["bufferMs"] ?? file.defaults["bufferMs"] ?? .integer(200)
        latency = (Self.milliseconds(own) + Self.milliseconds(buffer)) * 1_000_000
        let settings = try Self.soundSettings(role.adjustment)
        let instance = context.identity.instance
        let complain: @Sendable (String) -> Void = { [logger] in logger.error("\($0)") }
        picture = InputTrack(
            server: FeedServer(
                path: role.feeds.picture, instance: instance, policy: .dropOldest, limitBytes: Self.pictureQueueBytes),
            onError: complain)
        sound = InputTrack(
            server: FeedServer(
                path: role.feeds.sound, instance: instance, policy: .dropOldest, limitBytes: Self.soundQueueBytes),
            settings: settings, onError: complain)
    }

    private static func soundSettings(_ adjustment: InputAdjustment) throws -> InputTrack.Settings {
        guard let choice = ChannelChoice(adjustment.channels) else {
            throw PipelineFile.Failure(
                description: "channels = \"\(adjustment.channels)\" is not of the form \"1+2\" or \"1\".")
        }
        return InputTrack.Settings(
            shaper: SoundShaper(choice: choice, gainDb: adjustment.gainDb),
            delay: Int64(adjustment.audioDelayMs) * 1_000_000)
    }

    private static func milliseconds(_ value: PlaceholderValue?) -> UInt64 {
        switch value {
        case .integer(let number): UInt64(max(0, number))
        case .number(let number): UInt64(max(0, number))
        default: 0
        }
    }

    func perform(_ request: WorkerRequest.Body) async -> WorkerResponse.Body {
        guard case .adjust(let adjustment, _) = request else {
            return .refused(Refusal(code: "not-supported", message: "An input takes no such command."))
        }
        do {
            sound.adjust(try Self.soundSettings(adjustment))
            return .done
        } catch {
            return .refused(Refusal(code: "bad-request", message: "\(error)"))
        }
    }

    func start() async throws {
        // Whether it builds at all is found out before anything is promised.
        try file.check(values)
        queue.async { self.begin() }
        watch()
    }

    func stop() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.end()
                self.state.withLock { $0.isStopped = true }
                continuation.resume()
            }
        }
    }
}

// MARK: - One life after another, all on the queue

extension InputJob {
    private func begin() {
        guard !state.withLock({ $0.isStopped }) else { return }
        do {
            let run = try InputRun(
                file: file, values: values, passphrase: try passphrase(), latency: latency,
                frameDuration: role.house.frameDuration, picture: picture,
                sound: sound, onWarning: { [weak self] in self?.warned($0) },
                onEnd: { [weak self] end in
                    guard let self else { return }
                    self.queue.async { self.finished(end) }
                })
            state.withLock { state in
                state.run = run
                state.startedAt = MonotonicClock.now()
            }
            try run.start()
        } catch {
            // What the bus said of it is better than that it failed; it has arrived by now.
            note("\(error)")
            if state.withLock({ $0.failure }) == nil { queue.async { self.retry() } }
        }
        state.withLock { $0.isReady = true }
    }

    private func finished(_ end: InputRun.End) {
        switch end {
        case .failed(let failure):
            self.end()
            note(failure.detail)
            state.withLock { $0.failure = failure }
            retry()
        case .ended where role.loop:
            // The feeds stay: the next round follows within a moment.
            self.end(keepFeeds: true)
            begin()
        case .ended:
            self.end()
            logger.info("the source has ended")
            let isFile = file.assignments.contains { $0.property == "location" && $0.placeholder == "path" }
            state.withLock { $0.hasEnded = isFile }
            if !isFile { retry() }
        }
    }

    private func end(keepFeeds: Bool = false) {
        let run = state.withLock { state in
            defer { state.run = nil }
            state.enteredBefore += state.run?.enteredBuffers ?? 0
            return state.run
        }
        if !keepFeeds {
            picture.close()
            sound.close()
        }
        run?.stop()
    }

    private func retry() {
        let wait = state.withLock { state in
            defer { state.failures += 1 }
            return Self.retryMilliseconds[min(state.failures, Self.retryMilliseconds.count - 1)]
        }
        queue.asyncAfter(deadline: .now() + .milliseconds(wait)) {
            if self.state.withLock({ $0.run == nil }) { self.begin() }
        }
    }

    /// Looks twice a second whether something that has begun still goes on.
    private func watch() {
        queue.asyncAfter(deadline: .now() + .milliseconds(500)) { [weak self] in
            guard let self, !self.state.withLock({ $0.isStopped }) else { return }
            self.look()
            self.watch()
        }
    }

    private func look() {
        let now = MonotonicClock.now()
        let last = max(picture.facts(now: now).lastAt ?? 0, sound.facts(now: now).lastAt ?? 0)
        let (isRunning, startedAt) = state.withLock { ($0.run != nil, $0.startedAt) }
        guard isRunning, last > startedAt else { return }
        if now - last < 1_000_000_000 {
            state.withLock { state in
                state.failures = 0
                state.failure = nil
            }
        } else if now - last > Self.stallNanoseconds {
            logger.warning("the source has gone silent and is begun anew")
            end()
            begin()
        }
    }

    private func warned(_ failure: SourceFailure) {
        note(failure.detail)
        state.withLock { $0.failure = failure }
    }

    private func note(_ sentence: String) {
        let isNew = state.withLock { state in
            guard state.lastErrors.last != sentence else { return false }
            state.lastErrors = (state.lastErrors + [sentence]).suffix(8)
            return true
        }
        if isNew { logger.warning("\(sentence)") }
    }

    private func passphrase() throws -> String? {
        try role.passphraseFile.map { try Passphrase.read($0) }
    }
}

// MARK: - Status

extension InputJob {
    func report() -> JobReport {
        let now = MonotonicClock.now()
        let (pictureFacts, soundFacts) = (picture.facts(now: now), sound.facts(now: now))
        let state = self.state.withLock {
            (
                isReady: $0.isReady, failure: $0.failure, hasEnded: $0.hasEnded, errors: $0.lastErrors,
                entered: $0.enteredBefore + ($0.run?.enteredBuffers ?? 0)
            )
        }
        func age(_ facts: InputTrack.Facts) -> Double? { facts.lastAt.map { Double(now - min(now, $0)) / 1e6 } }
        var report = InputReport(
            pictureFrames: pictureFacts.count, soundBuffers: soundFacts.count, pictureAgeMs: age(pictureFacts),
            soundAgeMs: age(soundFacts), sound: SoundReport(peakDbfs: soundFacts.peakDbfs))
        let hasPicture = report.pictureAgeMs.map { $0 < 1000 } ?? false
        let hasSound = report.soundAgeMs.map { $0 < 1000 } ?? false
        if !hasPicture, !hasSound, let failure = state.failure {
            report.reasons.append(failure.reason)
        } else if !hasPicture, !hasSound, state.hasEnded {
            report.reasons.append(.sourceEnded)
        } else {
            if !hasPicture { report.reasons.append(.noPicture) }
            if !hasSound { report.reasons.append(.noSound) }
        }
        let output = pictureFacts.count + soundFacts.count
        // Sources without a demultiplexer are their own input.
        let input = file.text.contains("name=demux") ? state.entered : output
        return JobReport(
            isReady: state.isReady, progress: .init(input: input, output: output), lastErrors: state.errors,
            detail: .input(report))
    }
}

extension Reason {
    static let noPicture = Reason(
        code: "no-picture", text: "No picture comes from the source: check the camera and its cable.",
        textZh: "信号源没有画面：请检查摄像机及线缆。")
    static let noSound = Reason(
        code: "no-sound", text: "No sound comes from the source: check the microphone line and the mixer's output.",
        textZh: "信号源没有声音：请检查话筒线路和调音台输出。")
    static let sourceEnded = Reason(
        code: "source-ended",
        text: "The file has been played to its end: restart the input to play it again, or set loop = true.",
        textZh: "文件已播放完毕：重启该信号源可再次播放，或设置 loop = true。")
}
