import Matroska
import WorkerProtocol

/// A segment as it lies on the disk: which of its frames are there, and where.
struct MasterSegment: Sendable {
    struct Place: Sendable, Equatable {
        /// Bytes from the file's beginning; -1: the frame is not there.
        var picture: Int
        var pictureBytes: Int32
        var soundBytes: Int32

        static let missing = Place(picture: -1, pictureBytes: 0, soundBytes: 0)
        var isThere: Bool { picture >= 0 }
        /// The recorder writes them side by side.
        var sound: Int { picture + Int(pictureBytes) + MatroskaWriter.blockHead }
        var end: Int { sound + Int(soundBytes) }
    }

    var record: SegmentRecord
    var path: String
    /// 0 when there is no such file.
    var bytes: Int
    /// Nil when nothing of it can be used.
    var format: MatroskaFormat?
    /// The number of its first frame.
    var firstFrame: Int
    /// From the first frame on.
    var places: [Place]
    /// Where the parts of a complete file lie, and where its index begins; nil of one that is not.
    var structure: (layout: MatroskaLayout, index: Int)?
    /// What is wrong with its structure.
    var problem: String?
    /// What it shows: where two segments claim a frame, it is the earlier one's.
    var owned: Range<Int> = 0..<0

    var range: Range<Int> { firstFrame..<(firstFrame + places.count) }

    subscript(frame: Int) -> Place {
        range.contains(frame) ? places[frame - firstFrame] : .missing
    }
}

extension MasterSegment {
    /// Looks through the structure of a segment's file, which is not changed; pictures and sound are passed over.
    /// What is damaged is left out, and what follows is found again. A file that is gone is a segment without frames.
    static func survey(_ record: SegmentRecord, path: String) throws -> MasterSegment {
        let clock = record.clock
        var segment = MasterSegment(
            record: record, path: path, bytes: 0, format: nil,
            firstFrame: clock.clock.frameNumber(ofSlot: record.firstSlot, frameRate: clock.frameRate),
            places: [Place](repeating: .missing, count: record.frames), problem: nil)
        let file: SourceFile
        do {
            file = try SourceFile(path)
        } catch {
            segment.problem = "Its file cannot be read: \(error)."
            return segment
        }
        if record.state == .open, file.isBeingWritten { throw StillRecording(file: path) }
        file.expect(.hereAndThere)
        defer { file.expect(.fromFrontToEnd) }
        segment.bytes = file.size
        var frames = FrameCollector(frameMilliseconds: 1000 / clock.frameRate)
        do {
            try segment.scan(file, &frames)
        } catch {
            segment.problem = "It cannot be read further than \(frames.places.count { $0.isThere }) frames: \(error)."
        }
        // A recorder that was killed wrote no count.
        let count = record.state == .open ? frames.places.count : max(record.frames, frames.places.count)
        segment.places = frames.places + [Place](repeating: .missing, count: max(0, count - frames.places.count))
        if segment.problem == nil, record.state != .open, frames.places.count < record.frames {
            segment.problem = "It holds \(frames.places.count) frames, and \(record.frames) were written."
        }
        return segment
    }

    private mutating func scan(_ file: SourceFile, _ frames: inout FrameCollector) throws {
        // Heads of elements are asked for one by one and lie close together.
        var window: (start: Int, bytes: [UInt8]) = (0, [])
        func read(_ offset: Int, _ count: Int) throws -> [UInt8] {
            let end = window.start + window.bytes.count
            if offset < window.start || offset + count > end {
                let bytes = try file.read(at: offset, max(count, 64))
                if count > 64 { return bytes }
                window = (offset, bytes)
            }
            let from = offset - window.start
            return Array(window.bytes[from..<min(from + count, window.bytes.count)])
        }
        var scanner = MatroskaScanner()
        while true {
            do {
                try scanner.advance(size: file.size, read: read) { frames.add($0) }
                break
            } catch let failure as MatroskaScanner.Failure {
                problem = "Its structure is damaged: \(failure)."
                guard try scanner.resynchronise(size: file.size, read: file.read) else { break }
            }
        }
        guard scanner.layout.tracks > 0 else {
            problem = problem ?? "Its header is missing."
            frames.places = []
            return
        }
        if problem == nil, scanner.isComplete { structure = (scanner.layout, scanner.end) }
        format = MatroskaFormat(tracks: try file.read(at: scanner.layout.tracks, 4096))
        if format == nil {
            problem = "Its header is damaged."
            frames.places = []
        }
    }
}

/// A recorder is at work on it.
struct StillRecording: Error {
    let file: String
}

/// Brings picture and sound of each frame together again.
private struct FrameCollector {
    let frameMilliseconds: Int
    var places: [MasterSegment.Place] = []
    private var picture: (index: Int, payload: Range<Int>)?

    init(frameMilliseconds: Int) {
        self.frameMilliseconds = frameMilliseconds
    }

    mutating func add(_ block: MatroskaScanner.Block) {
        let index = block.milliseconds / frameMilliseconds
        guard block.track == MatroskaFormat.soundTrack else {
            picture = (index, block.payload)
            return
        }
        // A day of frames is more than any segment has; a larger number is damage.
        guard let own = picture, own.index == index, index >= places.count, index < 5_000_000 else { return }
        picture = nil
        let place = MasterSegment.Place(
            picture: own.payload.lowerBound, pictureBytes: Int32(own.payload.count),
            soundBytes: Int32(block.payload.count))
        guard place.sound == block.payload.lowerBound else { return }
        if index > places.count {
            places += [MasterSegment.Place](repeating: .missing, count: index - places.count)
        }
        places.append(place)
    }
}
