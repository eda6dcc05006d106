import Dispatch
import GStreamer
import LinuxSystem
import Logging
import Synchronization
import WorkerProtocol

/// The programme: mixes, encodes and serves; takes the operator's word.
final class ProgramJob: MediaJob {
    private struct State {
        var lastErrors: [String] = []
        var isReady = false
    }

    private let role: ProgramRole
    private let file: PipelineFile
    private let values: [String: PlaceholderValue]
    private let context: JobContext
    private let inputs: [ProgramInput]
    private let clean: CleanFeeds?
    private let countdown: CountdownOverlay?
    private let running = Mutex<(mixer: ProgramMixer, encoder: ProgramEncoder)?>(nil)
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "program")

    init(context: JobContext, specification: WorkerSpecification, role: ProgramRole) throws {
        self.context = context
        self.role = role
        values = specification.placeholders
        file = try PipelineFile(path: specification.pipelineFile)
        inputs = role.inputs.map { ProgramInput($0, house: role.house) }
        countdown = role.countdown.map { CountdownOverlay(house: role.house, place: $0) }
        clean = role.cleanFeeds.map {
            CleanFeeds($0, house: role.house, instance: context.identity.instance)
        }
    }

    func start() async throws {
        try await queue.perform { try self.begin() }
    }

    func stop() async {
        await queue.perform {
            let running = self.running.withLock { $0 }
            running?.mixer.stop()
            self.inputs.forEach { $0.stop() }
            self.clean?.close()
            running?.encoder.stop()
        }
    }

    private func begin() throws {
        let encoder = try ProgramEncoder(
            file: file, values: values, role: role, instance: context.identity.instance,
            onFailure: { [context] in context.fail($0) }, onWarning: { [weak self] in self?.note($0) })
        var slates: [String: Buffer] = [:]
        for slate in role.slates {
            slates[slate.id] = try SlateRenderer.render(slate, house: role.house) { note($0) }
        }
        if slates[Failover.faultSlate] == nil {
            slates[Failover.faultSlate] = try SlateRenderer.render(
                ProgramRole.Slate(id: Failover.faultSlate), house: role.house
            ) { note($0) }
        }
        let frameDuration = role.house.frameDuration
        let mixer = ProgramMixer(
            house: role.house, inputs: inputs, slates: slates, returnAfterSeconds: role.returnAfterSeconds,
            onSound: { encoder.push($0) },
            onSlot: { [clean, countdown] slot in
                encoder.push(countdown?.applied(to: slot) ?? slot, frameDuration: frameDuration)
                // What is recorded is the picture itself.
                clean?.push(slot)
            })
        running.withLock { $0 = (mixer, encoder) }
        inputs.forEach { $0.start() }
        try clean?.open()
        try encoder.start()
        mixer.start()
    }

    private func note(_ sentence: String) {
        context.logger.warning("\(sentence)")
        state.withLock { $0.lastErrors = ($0.lastErrors + [sentence]).suffix(8) }
    }
}

// MARK: - Commands

extension ProgramJob {
    func perform(_ request: WorkerRequest.Body) async -> WorkerResponse.Body {
        guard let (mixer, encoder) = running.withLock({ $0 }) else {
            return .refused(
                Refusal(code: "not-ready", message: "The programme is just starting: try again in a second."))
        }
        switch request {
        case .take(let source, let force): return take(source, force: force, mixer)
        case .mute(let isMuted): mixer.mute(isMuted)
        case .requestKeyframe: encoder.requestKeyframe()
        case .countdown(let end):
            guard let countdown else {
                return .refused(Refusal(code: "not-supported", message: "This programme shows no countdown."))
            }
            countdown.count(to: end)
        case .hello, .status, .stop, .adjust, .readFeed:
            return .refused(Refusal(code: "not-supported", message: "The programme takes no such command."))
        }
        return .done
    }

    private func take(_ name: String, force: Bool, _ mixer: ProgramMixer) -> WorkerResponse.Body {
        if name == "auto" {
            mixer.take(nil, force: false)
            return .done
        }
        if name.hasPrefix("slate:") {
            let id = String(name.dropFirst("slate:".count))
            guard id == Failover.faultSlate || role.slates.contains(where: { $0.id == id }) else {
                return unknown(name)
            }
            mixer.take(.slate(id), force: false)
            return .done
        }
        guard let index = inputs.firstIndex(where: { $0.id == name }) else { return unknown(name) }
        if !force, mixer.isDead(index) {
            return .refused(
                Refusal(
                    code: "dead-input",
                    message:
                        "\(name) has neither picture nor sound now. Repair it, or take it all the same with --force."))
        }
        mixer.take(.input(index), force: force)
        return .done
    }

    private func unknown(_ name: String) -> WorkerResponse.Body {
        let known = inputs.map(\.id) + role.slates.map { "slate:\($0.id)" } + ["auto"]
        return .refused(
            Refusal(
                code: "unknown-source", message: "There is no \(name). Take one of: \(known.joined(separator: ", "))."))
    }
}

// MARK: - Status

extension ProgramJob {
    func report() -> JobReport {
        guard let (mixer, encoder) = running.withLock({ $0 }) else {
            return JobReport(
                isReady: false, progress: .init(input: 0, output: 0), lastErrors: state.withLock { $0.lastErrors },
                detail: .program(ProgramReport(onAir: name(.slate(Failover.faultSlate)), mode: "auto")))
        }
        let snapshot = mixer.snapshot()
        let facts = encoder.facts(now: MonotonicClock.now())
        var report = ProgramReport(
            onAir: onAir(snapshot.decision), mode: snapshot.taken == nil ? "auto" : "manual",
            taken: snapshot.taken.map(name), reasons: reasons(snapshot), inputs: inputReports(snapshot),
            frames: facts.frames, framesPerSecond: facts.framesPerSecond, bitrateKbps: facts.bitrateKbps,
            sound: SoundReport(peakDbfs: snapshot.peakDbfs, muted: snapshot.isMuted))
        report.encodeDelay = facts.delay
        report.changedAt = Int64(snapshot.changedAt)
        return JobReport(
            isReady: facts.frames > 0, progress: .init(input: snapshot.ticks, output: facts.frames),
            lastErrors: state.withLock { $0.lastErrors }, detail: .program(report))
    }

    private func name(_ source: Failover.Source) -> String {
        switch source {
        case .input(let index): inputs[index].id
        case .slate(let id): "slate:\(id)"
        }
    }

    /// An input of which only the sound lives is still the one on air.
    private func onAir(_ decision: Failover.Decision) -> String {
        if decision.picture == .slate(Failover.faultSlate), let sound = decision.sound { return inputs[sound].id }
        return name(decision.picture)
    }

    private func reasons(_ snapshot: ProgramMixer.Snapshot) -> [Reason] {
        var reasons: [Reason] = []
        let decision = snapshot.decision
        if decision.takenIsDead, let taken = snapshot.taken {
            reasons.append(.takenIsDead(name(taken), instead: onAir(decision)))
        }
        if snapshot.taken == nil || decision.takenIsDead, decision.picture == .slate(Failover.faultSlate) {
            reasons.append(decision.sound.map { .soundOnly(inputs[$0].id) } ?? .nothingGood)
        }
        if case .input(let index) = decision.picture {
            if !snapshot.sounds[index].isGood { reasons.append(.silent(inputs[index].id)) }
            if !snapshot.pictures[index].isGood { reasons.append(.forced(inputs[index].id)) }
        }
        return reasons
    }

    private func inputReports(_ snapshot: ProgramMixer.Snapshot) -> [ProgramReport.Input] {
        inputs.enumerated().map { index, input in
            let (picture, sound) = (snapshot.pictures[index], snapshot.sounds[index])
            return ProgramReport.Input(
                id: input.id, pictureGood: picture.isGood, soundGood: sound.isGood, eligible: picture.isEligible,
                reasons: input.problems)
        }
    }
}
