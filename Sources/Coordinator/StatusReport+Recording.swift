import Supervision
import VenuecastModel
import WorkerProtocol

extension StatusReport {
    /// With less left than this somebody has to do something.
    static let comfortableHours = 1.0
    /// A recorder that has recorded nothing for so long is not just beginning any more, seconds.
    static let beginning = 5.0

    func recordingStatus() -> RecordingStatus {
        guard let recording else { return noRecording() }
        guard let configured = activity.recording else {
            return RecordingStatus(
                health: .failed, session: recording.session, reasons: [.recordingNotConfigured])
        }
        let inputs = configured.inputs.map { recordedInput($0, lane: recording.lane) }
        let seen = recorder(WorkerID.recorder(lane: recording.lane))
        var status = RecordingStatus(
            health: seen.health, state: seen.state, session: recording.session, reasons: seen.reasons, inputs: inputs)
        if let report = seen.report {
            status.bytesWritten = report.bytesWritten
            status.frames = report.frames
            status.lastWriteAgeMs = rounded(report.lastWriteAgeMs, 0)
            status.lastSyncAgeMs = rounded(report.lastSyncAgeMs, 0)
            status.segments = report.segments
            status.checkedSegments = report.checkedSegments
            status.damagedSegments = report.damagedSegments
            status.freeBytes = report.freeBytes
        }
        measure(&status, configured, isFull: seen.report?.state == .full)
        if status.health == .ok, !status.reasons.isEmpty { status.health = .degraded }
        // The programme's own recording is there: the rest is a loss of safety.
        for input in inputs where input.health != .ok { status.health = status.health.worse(.degraded) }
        return status
    }

    /// Outside of sessions: whether the disk will do is known long before.
    private func noRecording() -> RecordingStatus {
        var status = RecordingStatus(health: .off)
        guard let configured = activity.recording else { return status }
        measure(&status, configured, isFull: false)
        // Without a rundown nobody has to do anything about it yet.
        if status.hoursNeeded == nil { status.reasons = [] }
        if !status.reasons.isEmpty { status.health = .degraded }
        return status
    }

    /// What is left, against what is needed.
    private func measure(_ status: inout RecordingStatus, _ configured: Activity.Recording, isFull: Bool) {
        status.freeBytes = status.freeBytes ?? freeBytes
        let needed = sessions.secondsLeft(moment) / 3600
        if sessions.rundown != nil { status.hoursNeeded = rounded(needed, 1) }
        guard let free = status.freeBytes else { return }
        let left = Double(max(0, free - configured.floorBytes)) / bytesPerSecond(configured) / 3600
        status.hoursLeft = rounded(left, 1)
        if isFull { return }
        if left < needed { add(.diskShort(left: left, needed: needed), to: &status.reasons) }
        if left < Self.comfortableHours, recording != nil || needed > 0 {
            add(.diskLow(hours: left), to: &status.reasons)
        }
    }

    private func recordedInput(_ id: String, lane: Int) -> RecordedInputStatus {
        let seen = recorder(WorkerID.recorder(lane: lane, id))
        var status = RecordedInputStatus(id: id, health: seen.health, state: seen.state, reasons: seen.reasons)
        status.bytesWritten = seen.report?.bytesWritten
        status.frames = seen.report?.frames
        status.lastWriteAgeMs = rounded(seen.report?.lastWriteAgeMs, 0)
        status.segments = seen.report?.segments
        return status
    }

    private struct Seen {
        var health: Health
        var state: RecordingStatus.State
        var reasons: [VenuecastModel.Reason]
        var report: RecorderReport?
    }

    private func recorder(_ id: String) -> Seen {
        let worker = workers[id]
        guard let worker, case .recorder(let report) = worker.report?.detail else {
            let isStarting = worker?.phase == .starting && worker?.restarts == 0
            let reason = VenuecastModel.Reason.worker(id, worker, now: now)
            return Seen(
                health: isStarting ? .degraded : .failed, state: isStarting ? .idle : .failed,
                reasons: reason.map { [$0] } ?? [])
        }
        let reasons = report.reasons.map { VenuecastModel.Reason($0) }
        let (health, state): (Health, RecordingStatus.State) =
            switch report.state {
            case .recording: (reasons.isEmpty ? .ok : .degraded, .recording)
            case .stalledDisk: (.degraded, .stalledDisk)
            case .full: (.failed, .full)
            case .failed: (.failed, .failed)
            case .idle: (report.frames == 0 && hasJustBegun(worker) ? .degraded : .failed, .idle)
            }
        return Seen(health: health, state: state, reasons: reasons, report: report)
    }

    private func hasJustBegun(_ worker: WorkerSnapshot) -> Bool {
        guard worker.restarts == 0, let started = worker.startedAt else { return false }
        // Whichever way the wall clock was set meanwhile.
        return abs(time.timeIntervalSince1970 - started) < Self.beginning
    }

    /// Of all recorders together; as configured where it is not known yet.
    private func bytesPerSecond(_ configured: Activity.Recording) -> Double {
        ([nil] + configured.inputs).reduce(0) { (sum: Double, input: String?) in
            let id = WorkerID.recorder(lane: recording?.lane ?? 0, input)
            guard case .recorder(let report) = workers[id]?.report?.detail else {
                return sum + configured.bytesPerSecond
            }
            return sum + max(report.bytesPerSecond ?? configured.bytesPerSecond, 1)
        }
    }
}

extension VenuecastModel.Reason {
    fileprivate static let recordingNotConfigured = Self(
        code: "recording-not-configured",
        text: "The session is not recorded: the configuration has no [recording]. Add it and reload.",
        textZh: "本场次没有录制：配置中缺少 [recording]。请添加后重新加载。")

    fileprivate static func diskShort(left: Double, needed: Double) -> Self {
        let (room, need) = (rounded(left, 1) ?? 0, rounded(needed, 1) ?? 0)
        return Self(
            code: "disk-short",
            text:
                "The disk has room for \(room) h, and the rundown still needs \(need) h. Make room, or record elsewhere.",
            textZh: "磁盘还可录制 \(room) 小时，而议程还需要 \(need) 小时。请清理空间或更换录制目录。")
    }

    fileprivate static func diskLow(hours: Double) -> Self {
        let minutes = Int(hours * 60)
        return Self(
            code: "disk-low",
            text: "At the present rate the disk is full in \(minutes) minutes. Make room.",
            textZh: "按目前速度，磁盘将在 \(minutes) 分钟后写满。请清理空间。")
    }
}
