import Dispatch
import Foundation
import Glibc
import LinuxSystem
import Sessions
import VenuecastModel
import WorkerProtocol

/// What lies in the recordings' directory, from the records beside the segments. May wait for a disk, and is not waited
/// for longer than its deadline.
struct RecordingCatalogue: Sendable {
    /// Absolute.
    var directory: String
    /// What the trail knows: whether a session is internal.
    var isInternal: [String: Bool]
    /// Is told of what lies there and is no recording, or cannot be read.
    var leftOut: @Sendable (_ path: String, any Error) -> Void = { _, _ in }

    private static let queue = DispatchQueue(label: "venuecast.catalogue")
    private static let deadline = Duration.seconds(2)

    /// Sorted by session.
    func all() async throws(ControlError) -> [RecordingDetail] {
        try await ask {
            // One that cannot be read takes nothing from the others.
            try sessions().compactMap { session in
                do {
                    return try detail(session)
                } catch {
                    leftOut("\(directory)/\(session)", error)
                    return nil
                }
            }
        }
    }

    /// Nil where there is none.
    func recording(_ session: String) async throws(ControlError) -> RecordingDetail? {
        guard RundownReader.isSessionID(session) else { return nil }
        return try await ask { try detail(session) }
    }

    private func ask<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws(ControlError)
        -> Value
    {
        do {
            return try await DurableOrder<Value>.carryOut(on: Self.queue, within: Self.deadline, path: directory) {
                order in order.finish(Result(catching: body))
            }
        } catch {
            throw ControlError(
                status: 503, code: "recordings-not-read", title: "The recordings cannot be read now",
                detail: "\(error).", nextStep: "Look after the disk of \(directory).", detailZh: "\(chinese(error))。",
                nextStepZh: "请检查 \(directory) 所在的磁盘。")
        }
    }

    private func sessions() throws -> [String] {
        try Files.list(directory).filter(RundownReader.isSessionID)
    }

    private func detail(_ session: String) throws -> RecordingDetail? {
        let root = "\(directory)/\(session)"
        let folders = try Files.list(root).filter { $0 == "master" || $0.hasPrefix("iso-") }
        // The programme's first.
        let ordered = folders.filter { $0 == "master" } + folders.filter { $0 != "master" }
        if ordered.isEmpty { return nil }
        var records: [(folder: String, record: SegmentRecord, bytes: UInt64)] = []
        for folder in ordered {
            for name in try Files.list("\(root)/\(folder)") where name.hasSuffix(".json") {
                // One that is just being written is seen the next time.
                guard let bytes = try? Files.read("\(root)/\(folder)/\(name)"),
                    let record = try? JSONDecoder().decode(SegmentRecord.self, from: Data(bytes))
                else { continue }
                var status = stat()
                let isThere = stat("\(root)/\(folder)/\(record.file)", &status) == 0
                records.append((folder, record, isThere ? UInt64(status.st_size) : 0))
            }
        }
        let segments = records.map { RecordingDetail.Segment($0.record, folder: $0.folder, bytes: $0.bytes) }
        let deliveries = DeliveryStatus.all(
            lines("\(root)/\(DeliveryMark.file)"), lines("\(root)/\(ReceiptMark.file)"))
        var summary = summary(session, records.map(\.record), segments, root)
        if !deliveries.isEmpty {
            summary.handover = deliveries.contains { !$0.received.isEmpty } ? .received : .delivered
        }
        return RecordingDetail(summary: summary, directory: root, segments: segments, deliveries: deliveries)
    }

    /// Those that can be read: the last one may just be coming.
    private func lines<Value: Decodable>(_ path: String) -> [Value] {
        ((try? Files.read(path, limit: 16 << 20)) ?? []).split(separator: UInt8(ascii: "\n")).compactMap {
            try? VenuecastJSON.decode(Value.self, from: Data($0))
        }
    }

    private func summary(
        _ session: String, _ records: [SegmentRecord], _ segments: [RecordingDetail.Segment], _ root: String
    ) -> RecordingSummary {
        let program = segments.filter { $0.source == RecorderRole.program }
        let states = Set(records.map(\.state))
        let state: RecordingSummary.State =
            if states.contains(.open) { .recording } else if states.contains(.damaged) {
                .damaged
            } else if states.contains(.closed) || states.isEmpty { .closed } else { .checked }
        return RecordingSummary(
            session: session, state: state, isInternal: isInternal(session, root),
            startedAt: records.map(\.firstTime).min().flatMap(VenuecastJSON.parse),
            sources: segments.reduce(into: []) { if !$0.contains($1.source) { $0.append($1.source) } },
            bytes: segments.reduce(0) { $0 + $1.bytes }, segments: segments.count,
            checkedSegments: records.count { $0.state == .checked },
            damagedSegments: records.count { $0.state == .damaged }, copiedSegments: records.count { $0.copy != nil },
            frames: program.reduce(0) { $0 + $1.frames },
            missingFrames: program.reduce(0) { $0 + $1.missingBefore },
            repeatedFrames: program.reduce(0) { $0 + $1.repeatedFrames })
    }

    /// What nobody knows is not shown to everybody.
    private func isInternal(_ session: String, _ root: String) -> Bool {
        if let known = isInternal[session] { return known }
        let bytes = try? Files.read("\(root)/\(AsRun.fileName)", limit: 64 << 20)
        return bytes.flatMap { try? VenuecastJSON.decode(AsRun.self, from: Data($0)) }?.isInternal ?? true
    }
}

extension RecordingDetail.Segment {
    fileprivate init(_ record: SegmentRecord, folder: String, bytes: UInt64) {
        self.init(
            path: "\(folder)/\(record.file)", source: record.source, state: record.state.rawValue,
            firstTime: record.firstTime, firstTimecode: record.firstTimecode, frames: record.frames, bytes: bytes,
            missingBefore: record.gapBefore?.count ?? 0, repeatedFrames: record.gaps.reduce(0) { $0 + $1.count },
            silentFrames: record.silences.reduce(0) { $0 + $1.count }, isRecovered: record.isRecovered,
            isCopied: record.copy != nil, sha256: record.sha256, problem: record.problem,
            endTime: VenuecastJSON.parse(record.firstTime)?.addingTimeInterval(
                Double(record.frames) / Double(record.clock.frameRate)))
    }
}

extension Coordinator {
    private nonisolated var catalogue: RecordingCatalogue? {
        guard let directory = recordingsDirectory else { return nil }
        let known = sessionLog.sessions.map { ($0.id, $0.plan.isInternal) }
        return RecordingCatalogue(directory: directory, isInternal: Dictionary(uniqueKeysWithValues: known)) {
            [self] path, error in
            guard leftOut.withLock({ $0.insert(path).inserted }) else { return }
            logger.warning("left out of the recordings", metadata: ["path": "\(path)", "because": "\(error)"])
        }
    }

    public nonisolated func recordings() async throws(ControlError) -> [RecordingDetail] {
        try await catalogue?.all() ?? []
    }

    public nonisolated func recording(_ session: String) async throws(ControlError) -> RecordingDetail? {
        try await catalogue?.recording(session)
    }
}
