import Glibc
import LinuxSystem
import Matroska
import WorkerProtocol

/// An open file of a segment. It is closed with the last reference, so that whoever syncs or reads it never has another
/// one's descriptor.
final class SegmentHandle: Sendable {
    let path: String
    let descriptor: Int32

    /// A new file, held against every other recorder; there is none of this name.
    static func create(_ path: String) throws -> SegmentHandle {
        let owner = try FileDescriptorOwner.open(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o640)
        return try SegmentHandle(path, owner)
    }

    /// One that is there.
    /// - Throws: `SystemError` with `EWOULDBLOCK` while another recorder writes it.
    static func open(_ path: String, writing: Bool) throws -> SegmentHandle {
        let owner = try FileDescriptorOwner.open(path, writing ? O_RDWR : O_RDONLY)
        return writing ? try SegmentHandle(path, owner) : SegmentHandle(path: path, descriptor: owner.take())
    }

    private convenience init(_ path: String, _ owner: consuming FileDescriptorOwner) throws {
        let descriptor = owner.take()
        self.init(path: path, descriptor: descriptor)
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            throw SystemError(code: errno, operation: "take hold of", path: path)
        }
    }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    var size: Int {
        get throws {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw failure("ask for the size of") }
            return Int(status.st_size)
        }
    }

    /// Whether what lies at its path is still this very file.
    var isInPlace: Bool {
        var (here, there) = (stat(), stat())
        return fstat(descriptor, &here) == 0 && stat(path, &there) == 0 && here.st_ino == there.st_ino
            && here.st_dev == there.st_dev
    }

    /// Fewer than asked for at the end of the file.
    func read(at offset: Int, _ count: Int) throws -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = result.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + done, count - done, off_t(offset + done))
            }
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw failure("read") }
            if got == 0 { break }
            done += got
        }
        result.removeLast(count - done)
        return result
    }

    func write(_ pieces: [UnsafeRawBufferPointer], at offset: Int) throws {
        var offset = offset
        var pieces = pieces
        while let first = pieces.first {
            let vectors = pieces.map {
                iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
            }
            var written = pwritev(descriptor, vectors, Int32(vectors.count), off_t(offset))
            if written < 0, errno == EINTR { continue }
            guard written >= 0 else { throw failure("write") }
            offset += written
            if first.isEmpty { pieces.removeFirst() }
            while written > 0, let piece = pieces.first {
                let part = min(written, piece.count)
                written -= part
                if part == piece.count {
                    pieces.removeFirst()
                } else {
                    pieces[0] = UnsafeRawBufferPointer(rebasing: piece[part...])
                }
            }
        }
    }

    func truncate(to size: Int) throws {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw failure("cut off the end of") }
    }

    /// What was written is on the disk when it returns.
    func sync() throws {
        guard fdatasync(descriptor) == 0 else { throw failure("flush") }
    }

    /// What is read next comes from the disk, and does not stay in memory.
    func forgetCache() {
        posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED))
    }

    private func failure(_ operation: String) -> SystemError {
        SystemError(code: errno, operation: operation, path: path)
    }
}

/// A segment that is being written. For one thread.
struct OpenSegment {
    /// Missing sound of less than a millisecond is a source's clock that is followed, and no gap.
    private static let tolerableSamples = 48

    let handle: SegmentHandle
    let format: MatroskaFormat
    private(set) var record: SegmentRecord
    private let layout: MatroskaLayout
    /// Bytes up to the end of the last whole frame.
    private var end: Int
    private var cues: [MatroskaCue] = []
    private var pictureHash = XXHash64()
    private var soundHash = XXHash64()

    /// Writes the header.
    init(_ handle: SegmentHandle, format: MatroskaFormat, record: SegmentRecord) throws {
        self.handle = handle
        self.format = format
        self.record = record
        let time = record.firstSlot * UInt64(format.frameMilliseconds) * 1_000_000
        let (bytes, layout) = MatroskaWriter.header(
            format, dateNanoseconds: record.clock.clock.wallTime(at: time), timecode: record.firstTimecode,
            application: "Venuecast \(WorkerProcess.version)")
        self.layout = layout
        end = bytes.count
        try bytes.withUnsafeBytes { try handle.write([$0], at: 0) }
    }

    /// The slot that continues it.
    var nextSlot: UInt64 { record.endSlot }

    /// After an error it is as before, apart from what may lie behind its end.
    mutating func append(_ slot: RecordedSlot) throws {
        let milliseconds = record.frames * format.frameMilliseconds
        let (picture, sound) = (slot.picture, slot.sound)
        let heads = MatroskaWriter.cluster(
            milliseconds: milliseconds, pictureSize: picture.size, isKey: slot.isKey, soundSize: sound.size)
        var length = 0
        try picture.withBytes { picture in
            try sound.withBytes { sound in
                try heads.beforePicture.withUnsafeBytes { beforePicture in
                    try heads.beforeSound.withUnsafeBytes { beforeSound in
                        let pieces = [beforePicture, picture, beforeSound, sound]
                        try handle.write(pieces, at: end)
                        length = pieces.reduce(0) { $0 + $1.count }
                    }
                }
                pictureHash.update(picture)
                soundHash.update(sound)
            }
        }
        if slot.isKey, cues.last.map({ milliseconds - $0.milliseconds >= 1000 }) ?? true {
            cues.append(MatroskaCue(milliseconds: milliseconds, offset: end))
        }
        end += length
        record.frames += 1
        record.samples += sound.size / (format.channels * format.bitDepth / 8)
        if slot.isRepeated { record.gaps.add(slot.slot) }
        if slot.missingSamples > Self.tolerableSamples { record.silences.add(slot.slot) }
    }

    /// Makes a complete file of it.
    /// - Returns: what is known of it now.
    mutating func finish(closed: String) throws -> SegmentRecord {
        record.bytes = try SegmentEnding.write(
            handle, layout, end: end, milliseconds: record.frames * format.frameMilliseconds, cues: cues)
        record.pictureXXH64 = pictureHash.text
        record.soundXXH64 = soundHash.text
        record.closed = closed
        record.state = .closed
        return record
    }
}

/// What makes a segment complete; the same for one that was just written and for one whose recorder was killed.
enum SegmentEnding {
    /// - Returns: the file's size.
    static func write(
        _ handle: SegmentHandle, _ layout: MatroskaLayout, end: Int, milliseconds: Int, cues: [MatroskaCue]
    ) throws -> Int {
        // The frame that was just being written.
        if try handle.size > end { try handle.truncate(to: end) }
        var (index, patches) = MatroskaWriter.ending(layout, end: end, milliseconds: milliseconds, cues: cues)
        do {
            try index.withUnsafeBytes { try handle.write([$0], at: end) }
        } catch let error as SystemError where error.code == ENOSPC {
            // The rest needs no more room than there is, and a player finds its way without an index.
            try? handle.truncate(to: end)
            (index, patches) = MatroskaWriter.ending(
                layout, end: end, milliseconds: milliseconds, cues: cues, withIndex: false)
        }
        for (offset, bytes) in patches { try bytes.withUnsafeBytes { try handle.write([$0], at: offset) } }
        return end + index.count
    }

    /// A header and one frame that was cut off are less than this.
    private static let nothing = 16 << 20

    /// Closes what a killed recorder left: everything that is whole stays, and what is known of it is written down.
    /// - Parameter record: what that recorder wrote down when it began.
    /// - Returns: nil: its recorder ended as it began, and nothing is in it.
    static func recover(_ handle: SegmentHandle, _ record: SegmentRecord, closed: String) throws -> SegmentRecord? {
        var scanner = MatroskaScanner()
        let size = try handle.size
        try scanner.advance(size: size, read: handle.read)
        let frame = 1000 / record.clock.frameRate
        var record = record
        guard scanner.pictures > 0 else {
            if size < nothing { return nil }
            record.state = .damaged
            record.problem = "No frame is found in it."
            return record
        }
        record.frames = scanner.pictures
        record.samples = scanner.pictures * HouseClock.sampleRate / record.clock.frameRate
        record.bytes = try write(
            handle, scanner.layout, end: scanner.end, milliseconds: scanner.pictures * frame, cues: scanner.cues)
        record.isRecovered = true
        record.state = .closed
        record.closed = closed
        return record
    }
}
