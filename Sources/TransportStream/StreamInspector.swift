/// Looks at a transport stream as a receiver would and counts what it finds. Takes it in chunks of any size, finds
/// its way back after garbage, and never fails on what it is given.
public struct StreamInspector: Sendable {
    /// One video picture with all that belongs to it: as every muxer does it, one PES packet.
    public struct AccessUnit: Equatable, Sendable {
        /// In ticks of 90 kHz since an arbitrary start, unwrapped.
        public var pts: Int64?
        public var dts: Int64?
        public var isIDR: Bool
        public var hasDelimiter: Bool
        public var hasSPS: Bool
        public var hasPPS: Bool
        public var timeStamp: PrecisionTimeStamp?
        /// Of the elementary stream.
        public var bytes: Int
    }

    public internal(set) var continuity = ContinuityChecker()
    public internal(set) var bytes: UInt64 = 0
    /// Bytes thrown away in search of a sync byte.
    public internal(set) var bytesOutOfSync: UInt64 = 0
    public internal(set) var programMap: ProgramMap?
    /// Whether a PAT and a PMT came before the first packet of any elementary stream; nil before one came.
    public internal(set) var tablesCameFirst: Bool?
    public internal(set) var videoAccessUnits: UInt64 = 0
    public internal(set) var idrAccessUnits: UInt64 = 0
    public internal(set) var audioPackets: UInt64 = 0
    /// Nil before the first whole picture.
    public internal(set) var firstVideoIsIDR: Bool?
    /// Whether decoding times of picture and of sound have only grown.
    public internal(set) var timeOnlyGoesForward = true
    /// Of the elementary stream, in bytes.
    public internal(set) var largestAccessUnit = 0
    /// Between two clock references with no announced jump between them, in milliseconds.
    public internal(set) var longestClockIntervalMs: Double?
    public internal(set) var lastAccessUnit: AccessUnit?
    /// The presentation time of the latest sound packet, in ticks of 90 kHz, unwrapped.
    public internal(set) var lastAudioPTS: Int64?
    /// How far the times of presentation of the latest picture and the latest sound are ahead of the stream's clock, as they
    /// arrive, in milliseconds: what a receiver has to decode them.
    public internal(set) var pictureLeadMs: Double?
    public internal(set) var soundLeadMs: Double?
    /// Whether what is to be decoded is kept for `takeUnits`.
    public var keepsUnits = false {
        didSet {
            (video.limit, audio.limit) =
                keepsUnits ? (UnitAssembler.unitLimit, UnitAssembler.unitLimit) : (UnitAssembler.headLimit, 0)
        }
    }

    public var packets: UInt64 { continuity.packets }
    public var continuityErrors: UInt64 { continuity.errors + continuity.missingSyncBytes }

    /// As ETSI TR 101 290 counts them; what has not come up is not in it.
    public var errors: [TransportError: UInt64] {
        var errors = watch.errors
        errors[.syncLoss] = syncLosses
        errors[.syncByte] = continuity.missingSyncBytes - min(continuity.missingSyncBytes, syncLosses)
        errors[.continuity] = continuity.errors
        errors[.transport] = continuity.transportErrors
        errors[.crc] = associations.crcErrors + maps.crcErrors
        return errors.filter { $0.value > 0 }
    }

    /// Key pictures and sound that have come since it was last asked, in their order.
    public mutating func takeUnits() -> [ElementaryUnit] {
        defer { units.removeAll(keepingCapacity: true) }
        return units
    }

    /// Called for each whole picture; it is known to be whole when the next one begins.
    public var onAccessUnit: (@Sendable (AccessUnit) -> Void)?

    private var rest: [UInt8] = []
    var associations = SectionAssembler()
    var maps = SectionAssembler()
    var mapPID: UInt16?
    var watch = TransportWatch()
    var syncLosses: UInt64 = 0
    var units: [ElementaryUnit] = []
    var video = UnitAssembler()
    var audio = UnitAssembler()
    var videoPID: UInt16?
    var audioPID: UInt16?
    var videoClock = TimeUnwrapper()
    var audioClock = TimeUnwrapper()
    var lastClock: UInt64?

    public init() {
        rest.reserveCapacity(2 * PacketView.size)
    }

    public mutating func feed(_ chunk: [UInt8]) {
        chunk.withUnsafeBytes { feed($0) }
    }

    public mutating func feed(_ chunk: UnsafeRawBufferPointer) {
        bytes += UInt64(chunk.count)
        var start = 0
        if !rest.isEmpty {
            // Complete the packet that the last chunk began; what is left over is looked at in place.
            start = min(PacketView.size - rest.count, chunk.count)
            rest.append(contentsOf: chunk[..<start])
            guard rest.count == PacketView.size else { return }
            let whole = rest
            rest.removeAll(keepingCapacity: true)
            guard whole[0] == PacketView.syncByte else {
                resynchronise(whole, chunk, from: start)
                return
            }
            whole.withUnsafeBytes { take($0) }
        }
        walk(chunk, from: start)
    }

    private mutating func walk(_ chunk: UnsafeRawBufferPointer, from start: Int) {
        var at = start
        while at < chunk.count {
            if chunk[at] != PacketView.syncByte {
                continuity.noteMissingSync()
                let from = at
                while at < chunk.count, !Self.looksLikeStart(chunk, at) { at += 1 }
                bytesOutOfSync += UInt64(at - from)
                // One packet whose sync byte is broken is not yet a stream out of step.
                if at - from != PacketView.size { syncLosses += 1 }
                continue
            }
            guard at + PacketView.size <= chunk.count else { break }
            take(UnsafeRawBufferPointer(rebasing: chunk[at..<(at + PacketView.size)]))
            at += PacketView.size
        }
        if at < chunk.count { rest.append(contentsOf: chunk[at...]) }
    }

    private mutating func resynchronise(_ head: [UInt8], _ chunk: UnsafeRawBufferPointer, from: Int) {
        let joined = head + chunk[from...]
        joined.withUnsafeBytes { walk($0, from: 0) }
    }

    /// A sync byte that another one follows where the next packet would be, as far as one can see.
    private static func looksLikeStart(_ chunk: UnsafeRawBufferPointer, _ at: Int) -> Bool {
        guard chunk[at] == PacketView.syncByte else { return false }
        let next = at + PacketView.size
        return next >= chunk.count || chunk[next] == PacketView.syncByte
    }
}

/// A piece of an elementary stream as a decoder wants it.
public struct ElementaryUnit: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// A picture that can be decoded by itself, with its parameter sets.
        case keyPicture
        /// Whole frames of sound.
        case sound
    }

    public var kind: Kind
    /// In ticks of 90 kHz since an arbitrary start, unwrapped.
    public var pts: Int64?
    public var bytes: [UInt8]
}
