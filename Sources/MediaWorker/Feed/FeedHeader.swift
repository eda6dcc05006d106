/// What precedes each piece of media on a feed: 40 bytes, little-endian, between processes of one machine and one
/// version. The first message of a connection is `caps`; its payload is the caps as text.
struct FeedHeader: Sendable, Equatable {
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt32
        /// A reader may begin here: every raw buffer; in a transport stream, PAT, PMT and an IDR.
        static let key = Flags(rawValue: 1)
        /// Something before this was left out for this reader, or the source jumped.
        static let discontinuity = Flags(rawValue: 2)
        /// The payload is the caps, not media.
        static let caps = Flags(rawValue: 4)
    }

    static let size = 40
    private static let magic: UInt32 = 0x3146_4356  // "VCF1"
    /// 8-bit 4:2:2 at 3840 × 2160 is 16.6 MB; anything beyond this is not from us.
    static let largestPayload = 64 << 20
    static let unknownTime = UInt64.max

    var flags: Flags
    var payloadSize: Int
    /// CLOCK_MONOTONIC nanoseconds, or `unknownTime`.
    var pts: UInt64
    /// Nanoseconds, or `unknownTime`.
    var duration: UInt64
    /// When it left the element that made it, CLOCK_MONOTONIC nanoseconds.
    var sentAt: UInt64

    func encode(into bytes: UnsafeMutableRawBufferPointer) {
        bytes.storeBytes(of: Self.magic.littleEndian, toByteOffset: 0, as: UInt32.self)
        bytes.storeBytes(of: flags.rawValue.littleEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: UInt64(payloadSize).littleEndian, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: pts.littleEndian, toByteOffset: 16, as: UInt64.self)
        bytes.storeBytes(of: duration.littleEndian, toByteOffset: 24, as: UInt64.self)
        bytes.storeBytes(of: sentAt.littleEndian, toByteOffset: 32, as: UInt64.self)
    }

    var encoded: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.size) { buffer, count in
            encode(into: UnsafeMutableRawBufferPointer(buffer))
            count = Self.size
        }
    }

    /// Nil when the bytes are not a header of this version.
    init?(decoding bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size,
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)) == Self.magic
        else { return nil }
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        guard let size = Int(exactly: word(8)), size <= Self.largestPayload else { return nil }
        flags = Flags(rawValue: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        payloadSize = size
        pts = word(16)
        duration = word(24)
        sentAt = word(32)
    }

    init(
        flags: Flags, payloadSize: Int, pts: UInt64 = unknownTime, duration: UInt64 = unknownTime, sentAt: UInt64
    ) {
        self.flags = flags
        self.payloadSize = payloadSize
        self.pts = pts
        self.duration = duration
        self.sentAt = sentAt
    }
}
