import Foundation
import LinuxSystem
import Testing
import VenuecastModel

@testable import Coordinator

@Suite struct RetentionTests {
    private let now = VenuecastJSON.parse("2012-12-31T12:00:00.000+08:00")!

    private static let end = "2012-11-16T18:00:00.000+08:00"

    /// - Parameters:
    ///   - end: of its newest segment; nil: not known.
    ///   - made: when deliveries were made; nil: nobody here knows of it.
    private func recording(
        _ session: String, end: String? = end, state: RecordingSummary.State = .checked,
        made: String? = "2012-11-19T10:00:00.000+08:00", received: [String]
    ) -> RecordingDetail {
        let summary = RecordingSummary(
            session: session, state: state, isInternal: false, startedAt: nil, sources: ["program"], bytes: 1,
            segments: 1, checkedSegments: 1, damagedSegments: 0, copiedSegments: 0, frames: 1, missingFrames: 0,
            repeatedFrames: 0)
        let segment = RecordingDetail.Segment(
            path: "master/\(session)_0001.mkv", source: "program", state: "checked",
            firstTime: "2012-11-16T17:59:00.000+08:00", firstTimecode: "17:59:00:00", frames: 1, bytes: 1,
            missingBefore: 0, repeatedFrames: 0, silentFrames: 0, isRecovered: false, isCopied: false, sha256: nil,
            problem: nil, endTime: end.flatMap(VenuecastJSON.parse))
        let receipt = DeliveryReceipt(delivery: "20121116_\(session)", files: 1, bytes: 1, chainXXH64: "00")
        let mark = made.map {
            DeliveryMark(
                at: $0, by: "li", delivery: receipt.delivery, to: "/d", files: 1, bytes: 1, chainXXH64: "00")
        }
        return RecordingDetail(
            summary: summary, directory: "/r/\(session)", segments: [segment],
            deliveries: DeliveryStatus.all(
                mark.map { [$0] } ?? [],
                received.map { ReceiptMark(at: $0, uid: nil, user: "station", receipt: receipt) }))
    }

    @Test func removesOnlyWhatSomebodyReceivedLongAgo() {
        let long = "2012-11-20T10:00:00.000+08:00"
        let recordings = [
            recording("OLD", received: [long]),
            recording("NEVER", received: []),
            recording("AGAIN", received: [long, "2012-12-30T10:00:00.000+08:00"]),
            recording("OPEN", state: .recording, received: [long]),
            recording("RUNS", received: [long]),
        ]
        #expect(Retention(days: 30).expired(recordings, active: "RUNS", now: now) == ["OLD"])
        #expect(Retention(days: 60).expired(recordings, active: "RUNS", now: now) == [])
    }

    /// What was received counts for what was in it, and not for what came later.
    @Test func keepsWhatWasRecordedAfterTheDeliveryWasMade() {
        let long = "2012-11-20T10:00:00.000+08:00"
        let recordings = [
            // Taken up again between the making and the receipt, and in the very last seconds.
            recording("MORE", end: "2012-11-19T12:00:00.000+08:00", received: [long]),
            recording("SECONDS", made: "2012-11-16T17:59:30.000+08:00", received: [long]),
            recording("STRANGE", made: nil, received: [long]),
            recording("ENDLESS", end: nil, received: [long]),
        ]
        #expect(Retention(days: 1).expired(recordings, active: nil, now: now) == [])
    }

    @Test func believesOnlyAClockThatIsKept() {
        let recordings = [recording("S1", received: ["2012-11-20T10:00:00.000+08:00"])]
        func doubts(_ wall: String, isSynchronised: Bool = true, set: Double? = nil) -> Bool {
            let wall = Int64(VenuecastJSON.parse(wall)!.timeIntervalSince1970 * 1e9)
            let clock = ClockReading(monotonic: 7200_000_000_000, boot: 7200_000_000_000, wall: wall)
            let before = set.map {
                ClockReading(
                    monotonic: 3600_000_000_000, boot: 3600_000_000_000, wall: wall - 3600_000_000_000 - Int64($0 * 1e9)
                )
            }
            return Retention.doubt(of: clock, isSynchronised: isSynchronised, before: before, recordings) != nil
        }
        #expect(!doubts("2012-12-31T12:00:00.000+08:00"))
        #expect(!doubts("2012-12-31T12:00:00.000+08:00", set: 3))
        #expect(doubts("2012-12-31T12:00:00.000+08:00", isSynchronised: false))
        #expect(doubts("2012-12-31T12:00:00.000+08:00", set: 86_400))
        #expect(doubts("2012-12-31T12:00:00.000+08:00", set: -86_400))
        #expect(doubts("2012-11-20T09:58:00.000+08:00"), "it was received in the future")
    }

    @Test func sweepsOutWhatAKilledDaemonLeft() throws {
        let directory = NSTemporaryDirectory() + "retention-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for path in ["S1/master", ".removed-S2/master", ".removed-/x", ".other"] {
            try Files.ensureDirectory("\(directory)/\(path)")
        }
        #expect(RecordingRemoval.sweep(directory).isEmpty)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == [".other", ".removed-", "S1"])
        #expect(RecordingRemoval.sweep("\(directory)/nowhere").isEmpty)
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
