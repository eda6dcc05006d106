import Glibc
import Matroska
import Testing
import WorkerProtocol

@testable import MediaWorker

/// What becomes of a segment whose recorder was killed.
@Suite struct SegmentEndingTests {
    private let format = MatroskaFormat(width: 320, height: 180, codecPrivate: [1, 2, 3], frameMilliseconds: 40)
    private let record = SegmentRecord(
        file: "S1_0001.mkv", session: "S1", source: "program", firstSlot: 100,
        clock: SessionClock(bootID: "boot", frameRate: 25, clock: DayClock(offset: 0, utcOffsetSeconds: 28_800)),
        firstTime: "2012-11-16T14:00:00.000+08:00", started: "2012-11-16T14:00:00.000+08:00")

    /// A header, and so many bytes of one frame, whose parts are `picture` and `sound`.
    private func recover(bytesOfFrame: Int?) throws -> SegmentRecord? {
        let path = "/tmp/segment-ending-\(getpid())-\(UInt64.random(in: 0 ... .max)).mkv"
        let handle = try SegmentHandle.create(path)
        defer { unlink(path) }
        _ = try OpenSegment(handle, format: format, record: record)
        let heads = MatroskaWriter.cluster(milliseconds: 0, pictureSize: 100, isKey: true, soundSize: 60)
        let frame =
            heads.beforePicture + [UInt8](repeating: 7, count: 100) + heads.beforeSound
            + [UInt8](repeating: 9, count: 60)
        let part = Array(frame.prefix(bytesOfFrame ?? frame.count))
        let size = try handle.size
        try part.withUnsafeBytes { try handle.write([$0], at: size) }
        return try SegmentEnding.recover(handle, record, closed: "2012-11-16T14:00:01.000+08:00")
    }

    /// Nothing is lost with it, and no disk is to blame.
    @Test(arguments: [0, 50])
    func isNothingWithoutAFrame(bytesOfFrame: Int) throws {
        #expect(try recover(bytesOfFrame: bytesOfFrame) == nil)
    }

    @Test func isClosedWithItsFrames() throws {
        let recovered = try #require(try recover(bytesOfFrame: nil))
        #expect(recovered.state == .closed && recovered.frames == 1 && recovered.isRecovered)
    }
}
