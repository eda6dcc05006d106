import VenuecastModel

extension AlarmFacts {
    static let noProgram = AlarmCondition.key("program", "no-program")
    static let noGoodInput = AlarmCondition.key("program", "no-good-input")

    /// What takes picture or sound from everybody.
    private static let grave: Set<String> = [
        "no-program", "no-good-input", "picture-lost", "no-picture", "no-sound", "worker-failed", "worker-abandoned",
        "worker-restarting", "not-running", "black", "silent-content", "missing-picture", "missing-sound",
    ]

    /// What counts only when it has lasted: that was waited for where it was seen.
    private static let lasted = Set(AlarmWords.content.keys)

    /// Everything that is not as it should be.
    /// - Parameter seen: subjects of venues that have been connected.
    func conditions(_ policy: AlarmPolicy, seen: Set<String>) -> [AlarmCondition] {
        program(policy) + status.inputs.compactMap { input($0, policy) }
            + status.venues.compactMap { venue($0, policy, seen) } + recording(policy) + archive(policy)
            + workers(policy)
            + own(policy)
    }

    /// Subjects that are meant to be off, and raise nothing.
    var silenced: Set<String> {
        Set(status.venues.filter { $0.health == .off }.map { "venue/\($0.id)" })
    }

    /// Subjects that are as they should be.
    var well: Set<String> {
        var well = Set(status.venues.filter { $0.health == .ok }.map { "venue/\($0.id)" })
        well.formUnion(status.inputs.filter { $0.health == .ok }.map { "input/\($0.id)" })
        if status.program.health == .ok { well.insert("program") }
        if status.recording.health == .ok { well.insert("recording") }
        if status.archive?.health == .ok { well.insert("archive") }
        return well
    }

    /// Subjects of venues that are connected now.
    var connected: Set<String> {
        Set(status.venues.filter { $0.state == .connected || $0.state == .starved }.map { "venue/\($0.id)" })
    }

    private func program(_ policy: AlarmPolicy) -> [AlarmCondition] {
        let program = status.program
        // One is enough where there is none: the reason is a matter of its process.
        if program.health == .failed {
            let reason = program.reasons.first
            return [
                AlarmCondition(
                    kind: "no-program", subject: "program", severity: .critical, code: reason?.code ?? "no-program",
                    words: .noProgram(reason), hold: policy.program)
            ]
        }
        return program.reasons.map { reason in
            // Without anything on air it has only begun to start.
            let isGrave = Self.grave.contains(reason.code) && program.onAir != nil
            return AlarmCondition(
                kind: reason.code, subject: "program", severity: isGrave ? .critical : .warning, code: reason.code,
                words: .program(reason), hold: hold(reason, isGrave ? policy.program : policy.impaired),
                explainedBy: reason.code == "no-good-input" ? [] : [Self.noGoodInput])
        }
    }

    private func input(_ input: InputStatus, _ policy: AlarmPolicy) -> AlarmCondition? {
        guard input.health == .failed || input.health == .degraded else { return nil }
        let isLost = input.health == .failed
        let subject = "input/\(input.id)"
        var explainedBy = [Self.noGoodInput] + (isLost ? [] : [AlarmCondition.key(subject, "lost")])
        let first = input.reasons.first
        // What everybody sees and hears of it is told already.
        if input.onAir, let first, Self.lasted.contains(first.code) {
            explainedBy.append(AlarmCondition.key("program", first.code))
        }
        return AlarmCondition(
            kind: isLost ? "lost" : "impaired", subject: subject, severity: .warning,
            code: first?.code ?? (isLost ? "lost" : "starting"), words: .input(input),
            hold: isLost ? policy.input : hold(first, policy.impaired), explainedBy: explainedBy)
    }

    private func hold(_ reason: Reason?, _ usual: Duration) -> Duration {
        reason.map { Self.lasted.contains($0.code) } == true ? .zero : usual
    }

    private func venue(_ venue: VenueStatus, _ policy: AlarmPolicy, _ seen: Set<String>) -> AlarmCondition? {
        guard venue.health == .failed || venue.health == .degraded else { return nil }
        let isLost = venue.health == .failed
        let subject = "venue/\(venue.id)"
        let wasConnected = seen.contains(subject)
        var explainedBy = isLost ? [] : [AlarmCondition.key(subject, "lost")]
        // Nothing comes in: whatever it is, it is not the venue's.
        if venue.state == .starved { explainedBy += [Self.noProgram] }
        return AlarmCondition(
            kind: isLost ? "lost" : "impaired", subject: subject, severity: isLost ? .critical : .warning,
            code: venue.reasons.first?.code ?? venue.state.rawValue, words: .venue(venue),
            hold: !isLost ? policy.impaired : wasConnected ? policy.venue : policy.absent, explainedBy: explainedBy,
            wasConnected: wasConnected)
    }

    private func recording(_ policy: AlarmPolicy) -> [AlarmCondition] {
        let recording = status.recording
        guard recording.health == .failed || recording.health == .degraded else { return [] }
        let isLost = recording.health == .failed || recording.state == .stalledDisk
        return [
            AlarmCondition(
                kind: isLost ? "lost" : "impaired", subject: "recording", severity: isLost ? .critical : .warning,
                code: recording.reasons.first?.code ?? recording.state.rawValue, words: .recording(recording),
                hold: isLost ? policy.recording : policy.impaired,
                explainedBy: [Self.noProgram] + (isLost ? [] : [AlarmCondition.key("recording", "lost")]))
        ]
    }

    /// Nobody in the hall suffers from it: a warning, also when the station gets nothing.
    private func archive(_ policy: AlarmPolicy) -> [AlarmCondition] {
        (status.archive?.reasons ?? []).map { reason in
            AlarmCondition(
                kind: reason.code, subject: "archive", severity: .warning, code: reason.code, words: .archive(reason),
                hold: policy.impaired)
        }
    }

    /// What no other alarm is about: a process that cannot be ended, or that ends again and again.
    private func workers(_ policy: AlarmPolicy) -> [AlarmCondition] {
        workers.compactMap { worker in
            let recent = worker.endings.filter {
                // Whichever way the wall clock was set meanwhile.
                abs(status.time.timeIntervalSince($0.at)) < Double(policy.flapWindow.components.seconds)
            }
            let isAbandoned = worker.state == "abandoned" || worker.abandonedPids != nil
            guard isAbandoned || recent.count >= policy.flaps else { return nil }
            let code = isAbandoned ? "worker-abandoned" : "worker-unstable"
            return AlarmCondition(
                kind: code, subject: "worker/\(worker.id)", severity: .warning, code: code,
                words: .worker(worker, endings: recent.count), hold: .zero)
        }
    }

    private func own(_ policy: AlarmPolicy) -> [AlarmCondition] {
        var conditions: [AlarmCondition] = []
        if let refusal = status.configurationRefused {
            conditions.append(
                AlarmCondition(
                    kind: "refused", subject: "configuration", severity: .warning, code: "configuration-refused",
                    words: .configuration(refusal), hold: .zero))
        }
        if let eventsNotWritten {
            conditions.append(
                AlarmCondition(
                    kind: "not-written", subject: "events", severity: .warning, code: "events-not-written",
                    words: .events(eventsNotWritten), hold: policy.recording))
        }
        if let historyNotKept {
            conditions.append(
                AlarmCondition(
                    kind: "not-kept", subject: "history", severity: .warning, code: "history-not-kept",
                    words: .history(historyNotKept), hold: policy.recording))
        }
        if let notDelivered {
            conditions.append(
                AlarmCondition(
                    kind: "not-delivered", subject: "alarms", severity: .warning, code: "alarms-not-delivered",
                    words: .notDelivered(notDelivered), hold: policy.impaired))
        }
        return conditions
    }
}
