import LinuxSystem
import WorkerProtocol

/// What a worker says of itself, asked again and again.
extension WorkerSupervisor {
    func poll(_ worker: RunningWorker) async {
        let timing = context.timing
        while running === worker, !worker.isEnding, !Task.isCancelled {
            if let channel = worker.channel {
                await askStatus(worker, channel)
            } else {
                await connect(worker)
            }
            if worker.isEnding { return }
            let pause =
                if worker.channel == nil { timing.connectInterval } else if worker.readyAt == nil {
                    timing.pollStarting
                } else if case .confidence = worker.lastReport?.detail {
                    timing.pollWatching
                } else { timing.poll }
            try? await Task.sleep(for: pause)
        }
    }

    /// Passes a command on. Where it was carried out, the snapshot shows its effect afterwards.
    /// - Throws: `.notRunning` when there is no process that answers.
    func perform(_ body: WorkerRequest.Body) async throws(WorkerError) -> WorkerResponse.Body {
        guard let worker = running, let channel = worker.channel else { throw .notRunning }
        let answer = try await channel.ask(body, timeout: context.timing.answer)
        if answer == .done, case .status(let report) = try? await channel.ask(.status, timeout: context.timing.answer),
            !worker.isEnding
        {
            await note(report, worker)
        }
        return answer
    }

    /// Until the worker has put its socket into place, a predecessor's may still be there.
    private func connect(_ worker: RunningWorker) async {
        guard let channel = try? WorkerChannel.connect(path: context.paths.socket(id)) else { return }
        guard channel.peer.pid == worker.process.pid else { return channel.close() }
        let answer = try? await channel.ask(
            .hello(protocolVersion: WorkerHello.protocolVersion), timeout: context.timing.silence)
        guard !worker.isEnding, case .hello(let hello) = answer, hello.instance == worker.instance else {
            return channel.close()
        }
        worker.answeredAt = .now
        guard WorkerHello.spokenVersions.contains(hello.protocolVersion) else {
            channel.close()
            worker.illness =
                "speaks version \(hello.protocolVersion) of the protocol and we \(WorkerHello.protocolVersion) "
                + "(install venuecastd and venuecast-worker of one version)"
            return await bell.ring()
        }
        worker.channel = channel
        // From now on silence has a deadline, which may be earlier than what the loop waits for.
        await bell.ring()
        await askStatus(worker, channel)
    }

    /// Now, and not at the next time: somebody waits to see a change.
    func look(_ worker: RunningWorker) async {
        if let channel = worker.channel, !worker.isEnding { await askStatus(worker, channel) }
    }

    private func askStatus(_ worker: RunningWorker, _ channel: WorkerChannel) async {
        let answer = try? await channel.ask(.status, timeout: context.timing.silence)
        if worker.isEnding { return }
        guard case .status(let report) = answer else {
            // Lost, late or nonsense: a new connection will tell, within the time of a silence.
            channel.close()
            worker.channel = nil
            return
        }
        await note(report, worker)
    }

    private func note(_ report: WorkerReport, _ worker: RunningWorker) async {
        let now = MonotonicInstant.now
        let report = report.clipped
        worker.answeredAt = now
        worker.lastReport = report
        let isNewlyReady = worker.readyAt == nil && report.state == .ready
        if isNewlyReady {
            worker.readyAt = now
            // The start deadline is over; what died before is not what is wrong now.
            snapshot.lastError = nil
            logger.info(
                "a worker is ready", metadata: ["afterSeconds": "\(worker.since.duration(to: now).inSeconds)"])
        }
        var next = snapshot
        next.report = report
        if report.state == .ready {
            switch worker.watch.observe(report.progress, at: now) {
            case .moving: next.phase = .running
            case .starved: next.phase = .starved
            case .stuck:
                worker.illness = "let nothing out for \(context.timing.stuck.inSeconds) s while its input went on"
                await bell.ring()
                if worker.isEnding { return }
            }
        }
        sample(worker, &next, now)
        snapshot = next
        // Whoever hears of it finds the report on the board.
        if isNewlyReady {
            context.events.yield(.ready(id: id, isTakenBack: worker.isTakenBack))
        }
    }

    private func sample(_ worker: RunningWorker, _ next: inout WorkerSnapshot, _ now: MonotonicInstant) {
        let pid = worker.process.pid
        if let last = worker.cpuSample {
            let seconds = last.at.duration(to: now).inSeconds
            if seconds >= context.timing.cpuSampling.inSeconds, let ticks = ProcessFacts.cpuTicks(pid) {
                let used = Double(ticks &- last.ticks) / ProcessFacts.ticksPerSecond
                next.cpuPercent = (used / seconds * 1000).rounded() / 10
                worker.cpuSample = (ticks, now)
            }
        } else if let ticks = ProcessFacts.cpuTicks(pid) {
            worker.cpuSample = (ticks, now)
        }
        guard worker.readyAt != nil else { return }
        if let last = worker.memorySampledAt, last.duration(to: now) < context.timing.memorySampling { return }
        worker.memorySampledAt = now
        next.memoryBytes = ProcessFacts.proportionalMemory(pid)
    }
}
