import GStreamer
import LinuxSystem
import Logging
import Synchronization
import WorkerProtocol

/// The SRT side of a link: sets the pipeline going, notices who comes and goes, and tries again when it fails.
/// Works on a queue of its own, because changes of a pipeline's state may wait.
actor LinkSender {
    enum Event: Sendable {
        case tick
        case failed(SenderFailure)
        /// We reached the far side.
        case connected
        /// Somebody calls, and has not been let in yet.
        case calling(String)
        /// A caller is in.
        case called(String)
        case left
    }

    private enum Phase: Equatable {
        case idle, opening, running
        /// Until then, CLOCK_MONOTONIC nanoseconds.
        case resting(until: UInt64)
        case stopped
    }

    private static let tick = Duration.milliseconds(250)
    /// Between two looks at a receiver that is served, nanoseconds; a little less than whole ticks.
    private static let steadyInterval: UInt64 = 900_000_000
    /// A caller that is not in by then, nanoseconds, was refused: being let in takes no time.
    private static let patience: UInt64 = 400_000_000
    /// Nanoseconds for which a refused caller is worth mention.
    private static let memory: UInt64 = 15_000_000_000

    private nonisolated let executor = QueueExecutor(label: "venuecast.link")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let address: LinkAddress
    private let role: LinkRole
    private let passphrase: String?
    private let pipeline: Pipeline
    private let sink: Element
    private let source: AppSource
    private let stream: LinkStream
    private let board: LinkBoard
    private let logger: Logger
    private let events: AsyncStream<Event>
    private let post: AsyncStream<Event>.Continuation

    private var phase = Phase.idle
    private var isConnected = false
    private var lookedAt: UInt64 = 0
    private var connections = 0
    private var statistics = LinkStatistics()
    /// Why nobody is connected, where more is known than that.
    private var trouble: Reason?
    /// When callers that are not in yet began, by address.
    private var calling: [String: UInt64] = [:]
    private var refused: (reason: Reason, at: UInt64)?

    /// - Throws: a sentence, when the pipeline file is not one for links.
    init(
        file: PipelineFile, values: [String: PlaceholderValue], role: LinkRole, address: LinkAddress,
        passphrase: String?, stream: LinkStream, board: LinkBoard, logger: Logger
    ) throws {
        self.address = address
        self.role = role
        self.passphrase = passphrase
        self.stream = stream
        self.board = board
        self.logger = logger
        pipeline = try file.build(values)
        sink = try pipeline.required("sink", in: file.path)
        source = try AppSource(try pipeline.required("feedsrc", in: file.path))
        (events, post) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(256))
        try Self.connect(pipeline: pipeline, sink: sink, address: address, stream: stream, board: board, post: post)
        stream.attach(source)
    }

    private static func connect(
        pipeline: Pipeline, sink: Element, address: LinkAddress, stream: LinkStream, board: LinkBoard,
        post: AsyncStream<Event>.Continuation
    ) throws {
        pipeline.bus.onMessage { message in
            // An appsrc complains too when the sink has failed.
            guard case .error(let problem) = message.body, message.sourceType == "GstSRTSink" else { return }
            let failure = SenderFailure(problem)
            board.noteFailure(failure)
            post.yield(.failed(failure))
        }
        try sink.pad("sink").onBuffer { buffer in
            guard buffer.pts == Buffer.noTime else {
                stream.entered(buffer)
                return .pass
            }
            if buffer.size != ConnectionProbe.arrival.size { return .pass }
            stream.receiverJoined()
            post.yield(.connected)
            return .drop
        }
        guard address.mode == .listener else { return }
        // These come while srtsink holds locks: nothing may be asked of it here.
        try sink.connect("caller-connecting") { arguments in
            post.yield(.calling(arguments.first?.stringValue ?? ""))
            return .bool(true)
        }
        try sink.connect("caller-added") { arguments in
            stream.receiverJoined()
            post.yield(.called(arguments.last?.stringValue ?? ""))
            return nil
        }
        try sink.connect("caller-removed") { _ in
            post.yield(.left)
            return nil
        }
    }

    // MARK: Life

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

    /// Says goodbye to the far side.
    func stop() {
        phase = .stopped
        post.finish()
        close()
    }

    private func handle(_ event: Event) async {
        let now = MonotonicClock.now()
        switch event {
        case .tick:
            if case .resting(let until) = phase, now >= until { await open() }
            if phase == .running, needsLook(now) { look(now) }
        case .failed(let failure):
            if phase == .running { fail(failure) }
        case .connected:
            noteConnection()
        case .calling(let caller):
            if calling.count < 64, calling[caller] == nil { calling[caller] = now }
        case .called(let caller):
            calling[caller] = nil
            refused = nil
            let isAlone = !isConnected
            if isAlone { noteConnection() }
            look(now, isTakeover: !isAlone)
        case .left:
            if phase == .running { look(now) }
        }
    }

    private func open() async {
        phase = .opening
        var numeric: String?
        if let host = address.host {
            switch await NetworkAddress.resolve(host) {
            case .found(let number): numeric = number
            case .failed(let detail):
                if phase == .opening { rest(.unresolved(host, detail), seconds: 5) }
                markReady()
                return
            }
        }
        // It may have been stopped while the resolver was asked.
        guard phase == .opening else { return }
        if address.mode != .caller, NetworkAddress.isInUse(address.localAddress(numeric), address.localPort) {
            return rest(.portInUse(localEndpoint), seconds: 1)
        }
        phase = .running
        _ = board.takeFailure()
        do {
            try configure(numeric)
            try pipeline.setState(.playing)
        } catch {
            // Where srtsink itself has failed it has said why on the bus, before it returned.
            return fail(board.takeFailure() ?? .other("\(error)"))
        }
        if address.mode == .listener {
            trouble = nil
        } else {
            ConnectionProbe.push(to: source)
        }
        markReady()
    }

    private var localEndpoint: String {
        LinkAddress.endpoint(address.localAddress(address.host), address.localPort)
    }

    private func configure(_ numericHost: String?) throws {
        // The address first: it resets the rest.
        try sink.set("uri", .string(address.uri(numericHost: numericHost)))
        if address.value(of: "latency") == nil { try sink.set("latency", .int(Int64(role.latencyMs))) }
        if address.value(of: "poll-timeout") == nil { try sink.set("poll-timeout", .int(1000)) }
        if let passphrase {
            try sink.set("passphrase", .string(passphrase))
            if address.value(of: "pbkeylen") == nil { try sink.set("pbkeylen", .string("16")) }
        }
        // A listener never waits for callers. A caller's sink waits for the answer and says what it was; left not to
        // wait, it would turn in a circle until then. Trying again is our business.
        try sink.set("wait-for-connection", .bool(address.mode != .listener))
        try sink.set("auto-reconnect", .bool(false))
        try sink.set("authentication", .bool(address.mode == .listener))
    }

    private func markReady() {
        board.update { $0.isReady = true }
    }

    private func noteConnection() {
        guard phase == .running else { return }
        isConnected = true
        connections += 1
        trouble = nil
        let since = wallClockSeconds()
        board.update { $0.report.connectedSince = since }
        logger.info("a receiver is connected", metadata: ["connections": "\(connections)"])
    }

    // MARK: Trouble

    private func fail(_ failure: SenderFailure) {
        let wasConnected = isConnected
        let peer = address.peer ?? "the receiver"
        close()
        switch failure {
        case .passphraseRejected: rest(.passphraseRejected(peer), seconds: 5)
        // SRT itself has waited 3 s.
        case .absent: rest(.absent(peer), seconds: 0)
        case .lost where wasConnected: rest(.absent(peer), seconds: 0)
        case .lost: rest(.absent(peer), seconds: 1)
        case .portInUse: rest(.portInUse(localEndpoint), seconds: 1)
        case .refused(let detail): rest(.refused(peer, detail), seconds: 5)
        case .other(let detail): rest(.broken(detail), seconds: 2)
        }
    }

    private func rest(_ reason: Reason, seconds: UInt64) {
        phase = .resting(until: MonotonicClock.now() + seconds * 1_000_000_000)
        note(reason)
        trouble = reason
    }

    /// A trouble that stays is said once.
    private func note(_ reason: Reason) {
        let isNews = trouble != reason
        let now = wallClockSeconds()
        board.update { entry in
            entry.report.lastError = reason.text
            entry.report.lastErrorAt = now
            guard isNews else { return }
            entry.errors.append(reason.text)
            if entry.errors.count > LinkBoard.longestErrors { entry.errors.removeFirst() }
        }
        if isNews { logger.warning("\(reason.text)", metadata: ["code": "\(reason.code)"]) }
    }

    private func close() {
        stream.receiverLeft(joins: stream.joins)
        _ = try? pipeline.setState(.null)
        isConnected = false
        statistics.add([], at: MonotonicClock.now())
    }

    // MARK: Watching

    /// A receiver that is served needs no look more often than figures are asked for: each costs more than the media of
    /// that time.
    private func needsLook(_ now: UInt64) -> Bool {
        !isConnected || !calling.isEmpty || stream.awaitsKey || now >= lookedAt + Self.steadyInterval
    }

    /// Asks srtsink who is there; that may wait for its lock.
    /// - Parameter isTakeover: another connection than the one before is a reconnection that nobody has counted: it had come
    ///   while the one before was there, and stays behind.
    private func look(_ now: UInt64, isTakeover: Bool = true) {
        lookedAt = now
        let joins = stream.joins
        guard let stats = try? sink.get("stats").structureValue else { return }
        let samples = PeerSample.all(in: stats, peer: address.peer)
        // SRT may take a moment to count a caller that is in.
        let isKnown = statistics.current != nil && !samples.isEmpty
        statistics.add(samples, at: now)
        if isTakeover, isKnown, isConnected, address.mode == .listener, statistics.isOther { noteConnection() }
        for (caller, since) in calling where since + Self.patience < now {
            calling[caller] = nil
            let reason = Reason.passphraseRejected(caller)
            if refused == nil { note(reason) }
            refused = (reason, now)
        }
        if let at = refused?.at, at + Self.memory < now { refused = nil }
        if stream.awaitsKey { stream.askAgain() }
        guard samples.isEmpty, isConnected else { return }
        if address.mode == .listener {
            stream.receiverLeft(joins: joins)
            isConnected = stream.hasReceiver
        } else {
            fail(.lost)
        }
    }

    private func publish() {
        let current = isConnected ? statistics.current : nil
        let stalled = isConnected && statistics.isStalled
        stream.note(isServing: current != nil && !stalled)
        let peer = current?.peer ?? address.peer
        var reasons: [Reason] = []
        if stalled { reasons.append(.stalled(peer ?? "The receiver")) }
        if !isConnected, let trouble { reasons.append(trouble) }
        if !isConnected, reasons.isEmpty, refused == nil, address.mode == .listener { reasons.append(.noCaller) }
        if let refused { reasons.insert(refused.reason, at: 0) }
        board.update { entry in
            entry.report.connection = isConnected ? .connected : trouble == nil ? .waiting : .retrying
            if !isConnected { entry.report.connectedSince = nil }
            entry.report.peer = current?.peer
            entry.report.reconnects = max(0, connections - 1)
            entry.report.reasons = reasons
            statistics.fill(&entry.report)
        }
    }
}
