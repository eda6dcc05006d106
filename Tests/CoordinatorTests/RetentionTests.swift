import Foundation
import LinuxSystem
import Testing
import VenuecastModel

@testable import Coordinator

@Suite struct RetentionTests {
    private let now = VenuecastJSON.parse("2012-12-31T12:00:00.000+08:00")!

    private func recording(
        _ session: String, newest: String = "2012-11-16T17:59:00.000+08:00",
        state: RecordingSummary.State = .checked, received: [String], isMarked: Bool = true
    ) -> RecordingDetail {
        var summary = RecordingSummary(
            session: session, state: state, isInternal: false, startedAt: nil, sources: ["program"], bytes: 1,
            segments: 1, checkedSegments: 1, damagedSegments: 0, copiedSegments: 0, frames: 1, missingFrames: 0,
            repeatedFrames: 0)
        summary.handover = received.isEmpty ? (isMarked ? .delivered : nil) : .received
        let segment = RecordingDetail.Segment(
            path: "master/\(session)_0001.mkv", source: "program", state: "checked", firstTime: newest,
            firstTimecode: "17:59:00:00", frames: 1, bytes: 1, missingBefore: 0, repeatedFrames: 0, silentFrames: 0,
            isRecovered: false, isCopied: false, sha256: nil, problem: nil)
        let receipt = DeliveryReceipt(delivery: "20121116_\(session)", files: 1, bytes: 1, chainXXH64: "00")
        return RecordingDetail(
            summary: summary, directory: "/r/\(session)", segments: [segment],
            deliveries: DeliveryStatus.all(
                [], received.map { ReceiptMark(at: $0, uid: nil, user: "station", receipt: receipt) }))
    }

    @Test func removesOnlyWhatSomebodyReceivedLongAgo() {
        let long = "2012-11-20T10:00:00.000+08:00"
        let recordings = [
            recording("OLD", received: [long]),
            recording("NEVER", received: []),
            recording("UNTOLD", received: [], isMarked: false),
            recording("AGAIN", received: [long, "2012-12-30T10:00:00.000+08:00"]),
            recording("MORE", newest: "2012-11-21T09:00:00.000+08:00", received: [long]),
            recording("OPEN", state: .recording, received: [long]),
            recording("RUNS", received: [long]),
        ]
        #expect(Retention(days: 30).expired(recordings, active: "RUNS", now: now) == ["OLD"])
        #expect(Retention(days: 60).expired(recordings, active: "RUNS", now: now) == [])
    }

    @Test func removesOneSessionWholeAndNothingElse() throws {
        let directory = NSTemporaryDirectory() + "retention-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for path in ["S1/master", "S1/iso-camera", "S10/master", ".removed-S1/master"] {
            try Files.ensureDirectory("\(directory)/\(path)")
            try Files.writeAtomically("\(directory)/\(path)/x.mkv", [1])
        }
        // What a link leads to stays.
        symlink("\(directory)/S10", "\(directory)/S1/other")
        #expect(RecordingRemoval(session: "S1", directory: directory).remove() == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["S10"])
        #expect(Files.exists("\(directory)/S10/master/x.mkv"))
        // Gone already, as on a second disk that never had it.
        #expect(RecordingRemoval(session: "S1", directory: directory).remove() == nil)
    }
}
