import Crypto
import Glibc
import LinuxSystem
import Matroska

/// Copies a segment, puts chapters into the copy, and holds what is read against what its recorder wrote down.
struct MasterCopy {
    private static let pieceBytes = 1 << 20
    private static let blockBytes = 4096

    let segment: MasterSegment
    let source: SourceFile
    /// Nil: the copy is as the segment is.
    let addition: MatroskaAddition?
    let beforeRead: (_ file: String, _ offset: Int) throws -> Void

    /// - Parameter onPiece: bytes that are done; it throws to break off.
    /// - Returns: what is wrong with it, if anything is.
    func run(into output: OutputFile, onPiece: (Int) throws -> Void) throws -> String? {
        var problem: String?
        var content = ContentCheck(segment)
        var at = 0
        while at < source.size {
            let count = min(Self.pieceBytes, source.size - at)
            let piece: [UInt8]
            do {
                try beforeRead(segment.record.file, at)
                piece = try source.read(at: at, count)
            } catch let error as SystemError where error.code == EIO {
                let (rescued, lost) = rescue(at, count)
                piece = rescued
                problem = problem ?? "The disk cannot read it at byte \(lost): in the copy there are zeros instead."
            }
            guard piece.count == count else {
                throw DeliveryError(
                    "\(source.path) became shorter while it was read.", "\(source.path) 在读取时变短了。",
                    next: "See who writes to it, and run the same command again.", "请查明谁在改动它，然后重新执行同一命令。")
            }
            content.update(piece, at: at)
            try output.append(patched(piece, at: at))
            at += count
            try onPiece(count)
        }
        if let addition { try output.append(addition.tail) }
        return problem ?? content.problem
    }

    private func patched(_ piece: [UInt8], at start: Int) -> [UInt8] {
        var piece = piece
        for (offset, bytes) in addition?.patches ?? [] {
            let range = (offset..<(offset + bytes.count)).clamped(to: start..<(start + piece.count))
            if range.isEmpty { continue }
            piece.replaceSubrange(
                (range.lowerBound - start)..<(range.upperBound - start),
                with: bytes[(range.lowerBound - offset)..<(range.upperBound - offset)])
        }
        return piece
    }

    /// Block by block, with zeros for what cannot be had.
    private func rescue(_ start: Int, _ count: Int) -> ([UInt8], firstLost: Int) {
        var result: [UInt8] = []
        var lost: Int?
        for at in stride(from: start, to: start + count, by: Self.blockBytes) {
            let size = min(Self.blockBytes, start + count - at)
            if let block = try? source.read(at: at, size), block.count == size {
                result += block
            } else {
                lost = lost ?? at
                result += [UInt8](repeating: 0, count: size)
            }
        }
        return (result, lost ?? start)
    }
}

/// Pictures and sound on their way past, against the checksums that the recorder made as it wrote them.
private struct ContentCheck {
    private let segment: MasterSegment
    private var pictures = XXHash64()
    private var sound = XXHash64()
    private var whole = SHA256()
    private var next = 0
    private let usesBlocks: Bool

    init(_ segment: MasterSegment) {
        self.segment = segment
        usesBlocks =
            segment.record.pictureXXH64 != nil && segment.record.soundXXH64 != nil
            && segment.places.allSatisfy(\.isThere)
    }

    mutating func update(_ piece: [UInt8], at start: Int) {
        guard usesBlocks else {
            // After a recovery there is only the checksum of all of it.
            if segment.record.pictureXXH64 == nil, segment.record.sha256 != nil { whole.update(data: piece) }
            return
        }
        piece.withUnsafeBytes { bytes in
            func part(_ offset: Int, _ count: Int32) -> UnsafeRawBufferPointer {
                let from = max(offset - start, 0)
                let to = min(offset + Int(count) - start, bytes.count)
                return UnsafeRawBufferPointer(rebasing: bytes[min(from, to)..<to])
            }
            let end = start + piece.count
            while next < segment.places.count {
                let place = segment.places[next]
                if place.picture < end, place.picture + Int(place.pictureBytes) > start {
                    pictures.update(part(place.picture, place.pictureBytes))
                }
                if place.sound < end, place.end > start {
                    sound.update(part(place.sound, place.soundBytes))
                }
                // The rest of it comes with the next piece.
                if place.end > end { return }
                next += 1
            }
        }
    }

    var problem: String? {
        let record = segment.record
        if usesBlocks {
            if record.pictureXXH64 != pictures.text { return "Its pictures are not those that were recorded." }
            if record.soundXXH64 != sound.text { return "Its sound is not what was recorded." }
        } else if record.pictureXXH64 == nil, let expected = record.sha256 {
            if whole.finalize().hexadecimal != expected { return "It is not what was recorded." }
        }
        return nil
    }
}
