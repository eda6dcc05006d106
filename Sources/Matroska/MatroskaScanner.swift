/// Reads the structure of a file that `MatroskaWriter` made, as far as it is whole; also of one that still grows.
/// What is in the blocks is passed over, so that looking at a long file costs little.
public struct MatroskaScanner: Sendable {
    public struct Block: Sendable, Equatable {
        public var track: Int
        public var milliseconds: Int
        public var isKey: Bool
        /// What is in it, bytes from the beginning of the file.
        public var payload: Range<Int>
    }

    public struct Failure: Error, CustomStringConvertible, Sendable, Equatable {
        public var description: String
    }

    public private(set) var layout = MatroskaLayout()
    /// After the last whole cluster; before the first one, after the header.
    public private(set) var end = 0
    public private(set) var pictures = 0
    public private(set) var keyPictures = 0
    public private(set) var soundBytes = 0
    /// Of the newest picture; nil before the first.
    public private(set) var newestMilliseconds: Int?
    /// One for every second.
    public private(set) var cues: [MatroskaCue] = []
    /// The index that a closed file ends with is there, and ends where the file says that it does.
    public private(set) var isComplete = false
    private var segmentEnd: Int?
    var next = 0

    public init() {}

    /// Reads on from where it stopped.
    /// - Parameters:
    ///   - size: of the file, now.
    ///   - read: up to so many bytes from a place; fewer at the end of the file.
    ///   - onBlock: sees every block of the whole clusters, in order.
    public mutating func advance(
        size: Int, read: (_ offset: Int, _ count: Int) throws -> [UInt8], onBlock: (Block) throws -> Void = { _ in }
    ) throws {
        while next < size {
            guard let head = try Head(at: next, read) else { return }
            let content = next + head.length
            switch head.id {
            case MatroskaID.segment.rawValue:
                layout.segmentSize = next + 4
                layout.segmentStart = content
                segmentEnd = head.size.map { content + $0 }
                next = content
                end = content
                continue
            case MatroskaID.cluster.rawValue:
                guard let length = head.size else { throw Failure(description: "a cluster at \(next) has no size") }
                guard content + length <= size else { return }
                try readCluster(content..<(content + length), at: next, read, onBlock)
                next = content + length
                end = next
                continue
            default: break
            }
            guard let length = head.size else { throw Failure(description: "an element at \(next) has no size") }
            guard content + length <= size else { return }
            try note(head.id, content..<(content + length), read)
            next = content + length
            if pictures == 0 { end = next }
            if [MatroskaID.cues.rawValue, MatroskaID.chapters.rawValue].contains(head.id) {
                isComplete = segmentEnd == next && next == size
            }
        }
    }

    /// What stands before the clusters.
    private mutating func note(_ id: UInt32, _ content: Range<Int>, _ read: (Int, Int) throws -> [UInt8]) throws {
        switch id {
        case MatroskaID.ebml.rawValue, MatroskaID.cues.rawValue, MatroskaID.chapters.rawValue: break
        case MatroskaID.void.rawValue where layout.contents.isEmpty, MatroskaID.seekHead.rawValue:
            layout.contents = next..<max(layout.contents.upperBound, content.upperBound)
        case MatroskaID.void.rawValue:
            // What the table of contents has left over of its room.
            if layout.contents.upperBound == next {
                layout.contents = layout.contents.lowerBound..<content.upperBound
            }
        case MatroskaID.info.rawValue:
            layout.info = next
            // The last thing in it, eight bytes.
            let tail = try read(content.upperBound - 11, 11)
            guard tail.starts(with: [0x44, 0x89, 0x88]) else { throw Failure(description: "no duration in the header") }
            layout.duration = content.upperBound - 8
        case MatroskaID.tracks.rawValue: layout.tracks = next
        case MatroskaID.tags.rawValue: layout.tags = next
        default: throw Failure(description: "an element \(String(id, radix: 16)) at \(next) is not of ours")
        }
    }

    private mutating func readCluster(
        _ content: Range<Int>, at cluster: Int, _ read: (Int, Int) throws -> [UInt8], _ onBlock: (Block) throws -> Void
    ) throws {
        var at = content.lowerBound
        var time = 0
        while at < content.upperBound {
            guard let head = try Head(at: at, read), let length = head.size,
                at + head.length + length <= content.upperBound
            else { throw Failure(description: "the cluster at \(cluster) is damaged") }
            let start = at + head.length
            switch head.id {
            case MatroskaID.timestamp.rawValue:
                time = try read(start, length).reduce(0) { $0 << 8 | Int($1) }
            case MatroskaID.simpleBlock.rawValue:
                let bytes = try read(start, 4)
                guard length >= 4, bytes.count == 4, bytes[0] & 0x80 != 0 else {
                    throw Failure(description: "a block at \(at) is damaged")
                }
                let block = Block(
                    track: Int(bytes[0] & 0x7F), milliseconds: time + Int(Int16(bytes[1]) << 8 | Int16(bytes[2])),
                    isKey: bytes[3] & 0x80 != 0, payload: (start + 4)..<(start + length))
                count(block, cluster)
                try onBlock(block)
            default: throw Failure(description: "an element \(String(head.id, radix: 16)) at \(at) is not of ours")
            }
            at = start + length
        }
    }

    private mutating func count(_ block: Block, _ cluster: Int) {
        guard block.track == MatroskaFormat.pictureTrack else {
            soundBytes += block.payload.count
            return
        }
        pictures += 1
        newestMilliseconds = block.milliseconds
        guard block.isKey else { return }
        keyPictures += 1
        if cues.last.map({ block.milliseconds - $0.milliseconds >= 1000 }) ?? true {
            cues.append(MatroskaCue(milliseconds: block.milliseconds, offset: cluster))
        }
    }

    /// An element's identifier and size; nil when they are not whole yet.
    private struct Head {
        var id: UInt32
        /// Nil: unknown.
        var size: Int?
        var length: Int

        init?(at offset: Int, _ read: (Int, Int) throws -> [UInt8]) throws {
            let bytes = try read(offset, 12)
            guard let first = bytes.first else { return nil }
            let idLength = first.leadingZeroBitCount + 1
            guard idLength <= 4 else { throw Failure(description: "there is no element at \(offset)") }
            guard bytes.count > idLength else { return nil }
            id = bytes[..<idLength].reduce(0) { $0 << 8 | UInt32($1) }
            let sizeLength = bytes[idLength].leadingZeroBitCount + 1
            guard sizeLength <= 8 else { throw Failure(description: "there is no size at \(offset)") }
            guard bytes.count >= idLength + sizeLength else { return nil }
            length = idLength + sizeLength
            var value = Int(bytes[idLength]) & ((1 << (8 - sizeLength)) - 1)
            for byte in bytes[(idLength + 1)..<length] { value = value << 8 | Int(byte) }
            size = value == (1 << (7 * sizeLength)) - 1 ? nil : value
        }
    }
}
