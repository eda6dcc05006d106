import GStreamer
import Synchronization
import WorkerProtocol

/// What the recorder's threads tell one another and status. Nothing here waits for anything.
final class RecorderBoard: Sendable {
    /// A segment that is closed, of this session and source; also of an earlier process.
    struct Segment: Sendable, Equatable {
        var bytes: UInt64
        var frames: UInt64
        var state: SegmentRecord.State
        var isCopied: Bool
    }

    struct Facts: Sendable {
        /// By file.
        var segments: [String: Segment] = [:]
        var open: SegmentHandle?
        /// Seen in the open segment's file.
        var openBytes: UInt64 = 0
        var openFrames: UInt64 = 0
        /// The segment that no more is to be written to.
        var condemned: SegmentHandle?
        /// Why the disk is not written to; nil once it is again.
        var fault: String?
        /// Less room than the floor.
        var isFull = false
        /// When the disk itself last said that it is full.
        var refusedAt: UInt64?
        var freeBytes: Int64?
        /// CLOCK_MONOTONIC nanoseconds, all of these. Of a call that has not returned.
        var writingSince: UInt64?
        var syncingSince: UInt64?
        /// When a new frame was last seen in a file.
        var lastFrameAt: UInt64?
        /// When the last sync that has succeeded began: what was written before is safe.
        var lastSyncAt: UInt64?
        var lastSyncTook: UInt64?
        /// Frames that found no place on the disk.
        var lostFrames: UInt64 = 0
        var lastLossAt: UInt64?
        var copyProblem: String?
        /// By file: why a closed segment could not be read again yet.
        var unread: [String: String] = [:]
        var rate = RateMeter()
    }

    private let state = Mutex(Facts())

    var facts: Facts { state.withLock { $0 } }

    func update(_ change: (inout Facts) -> Void) {
        state.withLock { change(&$0) }
    }

    func withFacts<Result: Sendable>(_ body: (inout Facts) -> Result) -> Result {
        state.withLock { body(&$0) }
    }

    /// - Returns: whether it is new.
    func fail(_ sentence: String) -> Bool {
        state.withLock { facts in
            defer { facts.fault = sentence }
            return facts.fault != sentence
        }
    }

    func lose(_ now: UInt64) {
        state.withLock { facts in
            facts.lostFrames += 1
            facts.lastLossAt = now
        }
    }

    /// What was found in the open segment's file.
    func saw(_ handle: SegmentHandle, bytes: UInt64, frames: UInt64, now: UInt64) {
        state.withLock { facts in
            guard facts.open === handle else { return }
            facts.rate.add(
                frames: frames - min(frames, facts.openFrames), bytes: bytes - min(bytes, facts.openBytes), now: now)
            if frames > facts.openFrames {
                facts.lastFrameAt = now
                facts.fault = nil
            }
            facts.openBytes = bytes
            facts.openFrames = frames
        }
    }

    /// What is known of a closed segment now.
    func note(_ record: SegmentRecord) {
        state.withLock { $0.segments[record.file] = Segment(record) }
    }

    func opened(_ handle: SegmentHandle) {
        state.withLock { facts in
            facts.open = handle
            facts.openBytes = 0
            facts.openFrames = 0
        }
    }

    /// - Parameter record: what became of it; nil when that is not known.
    func closed(_ record: SegmentRecord?, now: UInt64) {
        state.withLock { facts in
            if let record {
                let bytes = UInt64(record.bytes)
                if record.frames > facts.openFrames { facts.lastFrameAt = now }
                facts.rate.add(
                    frames: UInt64(record.frames) - min(UInt64(record.frames), facts.openFrames),
                    bytes: bytes - min(bytes, facts.openBytes), now: now)
                facts.segments[record.file] = Segment(record)
            }
            facts.open = nil
            facts.condemned = nil
            facts.openBytes = 0
            facts.openFrames = 0
        }
    }
}

extension RecorderBoard.Segment {
    fileprivate init(_ record: SegmentRecord) {
        self.init(
            bytes: UInt64(record.bytes), frames: UInt64(record.frames), state: record.state,
            isCopied: record.copy != nil)
    }
}
