import WorkerProtocol

/// Whether it is being recorded, from what was seen on the disk; pure.
struct RecorderJudgement: Sendable {
    /// Nanoseconds, all of these. Beyond it a frame that is on the disk no more proves that it goes on.
    static let freshness: UInt64 = 2_000_000_000
    static let tolerableWait: UInt64 = 1_000_000_000
    /// A busy disk takes this long now and then.
    static let tolerableSync: UInt64 = 3_000_000_000
    /// What went wrong is mentioned for so long.
    static let memory: UInt64 = 60_000_000_000

    var role: RecorderRole
    var board: RecorderBoard.Facts
    var intake: RecorderIntake.Facts
    var encoder: RecorderEncoder.Facts
    var queue: EncodedQueue.Facts
    var now: UInt64

    var state: RecorderReport.State {
        if board.fault != nil { return .failed }
        if board.isFull { return .full }
        if stall != nil { return .stalledDisk }
        if let last = board.lastFrameAt, now - min(now, last) < Self.freshness { return .recording }
        return .idle
    }

    /// How long the disk has taken nothing, nanoseconds; nil when it does.
    private var stall: UInt64? {
        func age(_ since: UInt64?) -> UInt64 { since.map { now - min(now, $0) } ?? 0 }
        let waits = max(age(board.writingSince), age(queue.oldestAt))
        if waits > Self.tolerableWait { return waits }
        let syncs = age(board.syncingSince)
        return syncs > Self.tolerableSync ? syncs : nil
    }

    private func count(_ isMeant: (RecorderBoard.Segment) -> Bool) -> Int {
        board.segments.values.count(where: isMeant)
    }
    private var damaged: Int { count { $0.state == .damaged } }

    var lostFrames: UInt64 { board.lostFrames + queue.lost + encoder.lost }

    var reasons: [Reason] {
        var reasons: [Reason] = []
        switch state {
        case .failed: reasons.append(.diskFailed(board.fault ?? ""))
        case .full: reasons.append(.diskFull(free: board.freeBytes, floor: role.minimumFreeBytes))
        case .stalledDisk:
            let filled = Double(queue.waitingBytes) / Double(role.queueBytes)
            reasons.append(.diskStalled(seconds: Double(stall ?? 0) / 1e9, filled: filled))
        case .idle: reasons.append(intake.isForeign ? .recordedFormat : .nothingToRecord)
        case .recording: break
        }
        let losses = [intake.lastRepeatAt, encoder.lastLossAt, queue.lastLossAt, board.lastLossAt].compactMap { $0 }
        if losses.contains(where: { now - min(now, $0) < Self.memory }) {
            reasons.append(.framesMissing(repeated: intake.repeatedFrames, lost: lostFrames))
        }
        if damaged > 0 { reasons.append(.damaged(damaged)) }
        if let unread = board.unread.min(by: { $0.key < $1.key }) {
            reasons.append(.unread(board.unread.count, unread.value))
        }
        if let problem = board.copyProblem { reasons.append(.copyFailed(problem)) }
        return reasons
    }

    var report: RecorderReport {
        func milliseconds(since time: UInt64?) -> Double? { time.map { Double(now - min(now, $0)) / 1e6 } }
        var report = RecorderReport(
            state: state, session: role.session,
            bytesWritten: board.segments.values.reduce(board.openBytes) { $0 + $1.bytes },
            frames: board.segments.values.reduce(board.openFrames) { $0 + $1.frames },
            segments: board.segments.count, checkedSegments: count { $0.state == .checked },
            damagedSegments: damaged,
            waitingBytes: queue.waitingBytes, repeatedFrames: intake.repeatedFrames, lostFrames: lostFrames,
            reasons: reasons)
        report.lastWriteAgeMs = milliseconds(since: board.lastFrameAt)
        report.lastSyncAgeMs = milliseconds(since: board.lastSyncAt)
        report.lastSyncMs = board.lastSyncTook.map { Double($0) / 1e6 }
        report.copiedSegments = role.copyDirectory == nil ? nil : count { $0.isCopied }
        report.file = board.open?.path
        report.freeBytes = board.freeBytes
        report.bytesPerSecond = board.rate.perSecond(now: now)?.bytes
        return report
    }
}
