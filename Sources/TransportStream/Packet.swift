/// One transport packet, looked at in place (ISO/IEC 13818-1, 2.4.3.2). Reading it never goes past its 188 bytes,
/// whatever they say.
public struct PacketView {
    /// Bytes of a packet.
    public static let size = 188
    public static let syncByte: UInt8 = 0x47
    /// The PID of stuffing packets.
    public static let nullPID: UInt16 = 0x1FFF

    /// Exactly 188 bytes, of which the first is the sync byte.
    public let bytes: UnsafeRawBufferPointer

    /// Nil when there are too few bytes or they do not begin with the sync byte.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size, bytes[0] == Self.syncByte else { return nil }
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<Self.size])
    }

    public var transportError: Bool { bytes[1] & 0x80 != 0 }
    /// A PES packet or a section begins in this packet.
    public var payloadUnitStart: Bool { bytes[1] & 0x40 != 0 }
    public var pid: UInt16 { UInt16(bytes[1] & 0x1F) << 8 | UInt16(bytes[2]) }
    public var isScrambled: Bool { bytes[3] & 0xC0 != 0 }
    public var hasAdaptationField: Bool { bytes[3] & 0x20 != 0 }
    public var hasPayload: Bool { bytes[3] & 0x10 != 0 }
    /// 0 … 15.
    public var continuityCounter: UInt8 { bytes[3] & 0x0F }

    /// The adaptation field's flags; 0 when there is none or it is empty.
    private var adaptationFlags: UInt8 {
        hasAdaptationField && bytes[4] > 0 ? bytes[5] : 0
    }

    public var discontinuityIndicator: Bool { adaptationFlags & 0x80 != 0 }
    public var randomAccess: Bool { adaptationFlags & 0x40 != 0 }

    /// Whether the packet carries a programme clock reference.
    public var hasPCR: Bool { adaptationFlags & 0x10 != 0 && bytes[4] >= 7 }

    /// The programme clock reference in ticks of 27 MHz.
    public var pcr: UInt64? {
        guard hasPCR else { return nil }
        let base =
            UInt64(bytes[6]) << 25 | UInt64(bytes[7]) << 17 | UInt64(bytes[8]) << 9 | UInt64(bytes[9]) << 1
            | UInt64(bytes[10]) >> 7
        let fraction = UInt64(bytes[10] & 1) << 8 | UInt64(bytes[11])
        return base * 300 + fraction
    }

    /// The length of the programme clock's circle, in ticks of 27 MHz.
    public static let pcrPeriod: UInt64 = (1 << 33) * 300

    /// Empty when there is none, or when the adaptation field claims more than there is.
    public var payload: UnsafeRawBufferPointer {
        guard hasPayload else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let start = hasAdaptationField ? 5 + Int(bytes[4]) : 4
        guard start < Self.size else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: bytes[start...])
    }
}
