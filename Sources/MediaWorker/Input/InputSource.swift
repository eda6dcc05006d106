import GStreamer
import Glibc
import LinuxSystem
import Logging
import WorkerProtocol

/// Keeps a source going: opens it, begins anew when it fails, lets a file follow on itself, and says what is wrong.
/// Works on a queue of its own, because changes of a pipeline's state may wait.
actor InputSource {
    private enum Event: Sendable {
        case tick
        case run(Int, InputRun.Event)
        /// So long after a track's end that its last part has been shown.
        case shown(Int, MediaKind?)
        /// A file is near its end.
        case nearEnd(Int)
        /// What had been read to its end ought to be through.
        case overdue(Int)
    }

    private enum Phase: Equatable {
        case idle, opening, running
        /// Until then, CLOCK_MONOTONIC nanoseconds.
        case resting(until: UInt64)
        case ended, stopped
    }

    /// A pipeline, and where it is in its life.
    private struct Life {
        var number: Int
        var run: InputRun
        var isLive: Bool
        var openedAt: UInt64
        var isPrerolled = false
        var isStarted = false
        /// The feed's time at which it has to begin; nil for as soon as can be.
        var follows: UInt64?
    }

    private static let tick = Duration.milliseconds(250)
    private static let second: UInt64 = 1_000_000_000
    /// A source that has sent and then sends nothing is begun anew after this long: SRT takes 5.3 s to notice that a
    /// sender has died, and takes the next one without our help.
    private static let stall = 10 * second
    /// One that is connected and has never sent anything that could be shown.
    private static let silence = 30 * second
    /// A file whose first picture or sound is not at hand by then begins without it.
    private static let prerollPatience = second
    /// How long before its end a file is opened again, to follow on itself.
    private static let lead = 2 * second
    /// Shorter than this, a file that ends does not follow on itself.
    private static let shortest = second / 5
    /// A caller that is not in by then was refused: being let in takes no time.
    private static let callPatience: UInt64 = 400_000_000
    /// For so long a refused caller is worth mention.
    private static let memory = 15 * second

    private nonisolated let executor = QueueExecutor(label: "venuecast.input")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let file: PipelineFile
    private let values: [String: PlaceholderValue]
    private let role: InputRole
    private let address: SourceAddress
    private let latency: UInt64
    private let outputs: [MediaKind: InputTrack]
    private let entered: InputRun.SourceCounter
    private let board: InputBoard
    private let logger: Logger
    private let events: AsyncStream<Event>
    private let post: AsyncStream<Event>.Continuation

    private var phase = Phase.idle
    private var current: Life?
    /// What follows on the current one without a gap.
    private var next: Life?
    private var lives = 0
    /// In a row, without anything coming in between.
    private var failures = 0
    private var calling: [String: UInt64] = [:]
    private var refusedAt: UInt64?

    /// - Throws: a sentence, when the address can never work.
    init(
        file: PipelineFile, values: [String: PlaceholderValue], role: InputRole, outputs: [MediaKind: InputTrack],
        entered: InputRun.SourceCounter, board: InputBoard, logger: Logger
    ) throws {
        self.file = file
        self.values = values
        self.role = role
        self.outputs = outputs
        self.entered = entered
        self.board = board
        self.logger = logger
        address = try SourceAddress(file: file, values: values)
        // A source's own latency (a jitter buffer, SRT) adds to what the decoders take.
        let own = values["latencyMs"] ?? file.defaults["latencyMs"]
        let buffer = values["bufferMs"] ?? file.defaults["bufferMs"] ?? .integer(200)
        latency = (Self.milliseconds(own) + Self.milliseconds(buffer)) * 1_000_000
        (events, post) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(256))
    }

    private static func milliseconds(_ value: PlaceholderValue?) -> UInt64 {
        switch value {
        case .integer(let number): UInt64(max(0, number))
        case .number(let number): UInt64(max(0, number))
        default: 0
        }
    }

    func run() async {
        let ticks = post.repeating(.tick, every: Self.tick)
        defer { ticks.cancel() }
        await open()
        publish()
        for await event in events {
            await handle(event)
            publish()
        }
    }

    func stop() {
        phase = .stopped
        post.finish()
        closeFeeds()
        end()
    }

    private func handle(_ event: Event) async {
        switch event {
        case .tick: await look(MonotonicClock.now())
        case .run(let number, let event): await handle(event, of: number)
        case .shown(let number, let kind):
            guard number == lives, phase == .running || phase == .ended else { return }
            for (track, output) in outputs where kind == nil || kind == track { output.close() }
        case .nearEnd(let number):
            if number == current?.number { openNext() }
        case .overdue(let number):
            if number == current?.number { await ended() }
        }
    }

    private func publish() {
        let tracks = current?.run.tracks
        let waits = address.isListener && phase == .running && current?.run.awaitsCaller == true
        let isRefused = refusedAt != nil
        board.update { entry in
            if let tracks { entry.tracks = tracks }
            entry.awaitsCaller = waits ? .noSender(address.name) : nil
            if !isRefused { entry.refused = nil }
            entry.hasEnded = phase == .ended
        }
    }
}

// MARK: - Opening

extension InputSource {
    private func open() async {
        phase = .opening
        let obstacle = await obstacle()
        // It may have been stopped while the resolver was asked.
        guard phase == .opening else { return }
        board.update { $0.isReady = true }
        if let obstacle { return fail(obstacle) }
        do {
            current = try live()
            phase = .running
            // Everybody else's trouble lasts until something comes.
            if address.isListener { board.update { $0.trouble = nil } }
        } catch let failure as SourceFailure {
            fail(failure)
        } catch {
            fail(.other("\(error)"))
        }
    }

    /// What stands in the way, as far as it can be known before anything is opened.
    private func obstacle() async -> SourceFailure? {
        if case .file(let path) = address { return Self.fault(ofFile: path) }
        guard let host = address.host else { return listenerObstacle(nil) }
        switch await NetworkAddress.resolve(host) {
        case .failed(let detail): return .unresolved(detail)
        case .found(let number): return listenerObstacle(number)
        }
    }

    private func listenerObstacle(_ numericHost: String?) -> SourceFailure? {
        guard case .srt(let address) = address, address.mode != .caller else { return nil }
        return NetworkAddress.isInUse(address.localAddress(numericHost), address.localPort) ? .portInUse : nil
    }

    private static func fault(ofFile path: String) -> SourceFailure? {
        var status = Glibc.stat()
        if stat(path, &status) != 0 { return errno == EACCES ? .forbidden : .noSuchFile }
        if status.st_mode & S_IFMT == S_IFDIR { return .isDirectory }
        return access(path, R_OK) == 0 ? nil : .forbidden
    }

    private func live() throws -> Life {
        lives += 1
        let number = lives
        let passphrase: String?
        do {
            passphrase = try role.passphraseFile.map { try Passphrase.read($0) }
        } catch {
            throw SourceFailure.passphraseUnusable("\(error)")
        }
        let run = try InputRun(
            file: file, values: values, address: address, passphrase: passphrase, latency: latency,
            house: role.house, outputs: outputs, entered: entered
        ) { [post] in
            post.yield(.run(number, $0))
        }
        calling = [:]
        var life = Life(number: number, run: run, isLive: false, openedAt: MonotonicClock.now())
        life.isLive = run.open()
        life.isStarted = life.isLive
        return life
    }

    private func openNext() {
        guard role.loop, address.isFile, phase == .running, next == nil else { return }
        next = try? live()
    }

    /// Sets one going that has been waiting.
    private func start() {
        guard let life = current, !life.isStarted else { return }
        current?.isStarted = true
        life.run.start(at: life.follows)
        guard role.loop, let duration = life.run.duration else { return }
        later(.nanoseconds(max(0, Int64(duration) - Int64(Self.lead))), .nearEnd(life.number))
    }

    private func later(_ delay: Duration, _ event: Event) {
        Task { [post] in
            try await Task.sleep(for: delay)
            post.yield(event)
        }
    }
}

// MARK: - What happens to it

extension InputSource {
    private func handle(_ event: InputRun.Event, of number: Int) async {
        guard number == current?.number else { return handleNext(event, of: number) }
        switch event {
        case .prerolled: start()
        case .ending:
            openNext()
            // Something may hold back the end: a decoder that waits for its first keyframe.
            if current?.isLive == true { later(.nanoseconds(Int64(latency)) + .seconds(3), .overdue(number)) }
        case .trackEnded(let kind):
            if !role.loop { later(Self.untilShown, .shown(number, kind)) }
        case .ended: await ended()
        case .failed(let failure): await failed(failure)
        case .calling(let caller):
            if calling.count < 64, calling[caller] == nil { calling[caller] = MonotonicClock.now() }
        case .called(let caller):
            calling[caller] = nil
            refusedAt = nil
            logger.info("a sender is connected", metadata: ["sender": "\(caller)"])
        case .turnedAway(let caller):
            note("\(caller) calls \(address.name) while another sender is connected, and was turned away")
        }
    }

    private func handleNext(_ event: InputRun.Event, of number: Int) {
        guard number == next?.number else { return }
        switch event {
        case .prerolled: next?.isPrerolled = true
        case .failed, .ended:
            // What is wrong is found again when its turn comes.
            next?.run.stop()
            next = nil
        default: break
        }
    }

    /// What it had is shown `ProgramMixer.patience` after its time.
    private static let untilShown = Duration.nanoseconds(Int64(ProgramMixer.patience)) + .milliseconds(60)

    private func ended() async {
        guard let life = current else { return }
        if address.isFile {
            guard let played = life.run.played else { return fail(.notMedia) }
            if role.loop {
                return played.end - played.begin > Self.shortest ? follow(played.end) : fail(.tooShort)
            }
            phase = .ended
            end()
            logger.info("the file has been played to its end")
            return later(Self.untilShown, .shown(life.number, nil))
        }
        let hadMedia = hasCome(since: life.openedAt)
        closeFeeds()
        end()
        // A listener is there for the next one at once.
        guard address.isListener, hadMedia else { return fail(.lost) }
        note(Reason(.lost, at: address).text)
        await open()
    }

    /// The file again, from where it has ended.
    private func follow(_ end: UInt64) {
        current?.run.stop()
        if next == nil { next = try? live() }
        guard var life = next else { return fail(.other("it cannot be opened again")) }
        next = nil
        life.follows = end
        current = life
        if life.isPrerolled { start() }
    }

    private func failed(_ failure: SourceFailure) async {
        var failure = failure
        if case .refused = failure, let life = current, hasCome(since: life.openedAt) { failure = .lost }
        closeFeeds()
        end()
        if failure == .notConnected, case .rtsp(let host, let port) = address {
            phase = .opening
            let answer = await NetworkAddress.knock(host, port)
            guard phase == .opening else { return }
            failure = answer == .no ? .connectionRefused : .absent
        }
        fail(failure)
    }

    private func fail(_ failure: SourceFailure) {
        closeFeeds()
        end()
        let wait = failure.rest(after: failures) * 1_000_000
        phase = .resting(until: MonotonicClock.now() + wait)
        failures += 1
        let reason = Reason(failure, at: address)
        board.update { $0.trouble = reason }
        note(reason.text)
    }

    private func note(_ sentence: String) {
        if board.note(sentence) { logger.warning("\(sentence)") }
    }

    private func closeFeeds() {
        for output in outputs.values { output.close() }
    }

    private func end() {
        current?.run.stop()
        next?.run.stop()
        (current, next) = (nil, nil)
    }

    private func hasCome(since time: UInt64) -> Bool { last > time }

    /// When anything came last, of either track; 0 for never.
    private var last: UInt64 {
        let now = MonotonicClock.now()
        return outputs.values.compactMap { $0.facts(now: now).lastAt }.max() ?? 0
    }
}

// MARK: - Watching

extension InputSource {
    private func look(_ now: UInt64) async {
        if case .resting(let until) = phase, now >= until { return await open() }
        guard phase == .running, let life = current else { return }
        lookAtCallers(now)
        if !life.isStarted {
            if now > life.openedAt + Self.prerollPatience { start() }
            return
        }
        if last > life.openedAt {
            if now < last + Self.second {
                failures = 0
                board.update { $0.trouble = nil }
            } else if now > last + Self.stall {
                await failed(.silent)
            }
        } else if life.isLive, !life.run.awaitsCaller, now > life.openedAt + Self.silence {
            await failed(.silent)
        }
    }

    private func lookAtCallers(_ now: UInt64) {
        for (caller, since) in calling where since + Self.callPatience < now {
            calling[caller] = nil
            let reason = Reason.passphrasesDiffer(caller)
            if refusedAt == nil { note(reason.text) }
            refusedAt = now
            board.update { $0.refused = reason }
        }
        if let at = refusedAt, at + Self.memory < now { refusedAt = nil }
    }
}
