/// The head of a packetised elementary stream packet (ISO/IEC 13818-1, 2.4.3.6).
public struct PESHeader: Equatable, Sendable {
    public var streamID: UInt8
    /// In ticks of 90 kHz, modulo 2³³.
    public var pts: UInt64?
    /// In ticks of 90 kHz, modulo 2³³; nil when it is the same as `pts`.
    public var dts: UInt64?
    /// Where the elementary stream begins, in bytes from the start of the PES packet.
    public var payloadOffset: Int

    /// The length of the time stamps' circle, in ticks of 90 kHz.
    public static let period: UInt64 = 1 << 33

    public var isVideo: Bool { streamID & 0xF0 == 0xE0 }

    /// When it is decoded, in ticks of 90 kHz.
    public var decodingTime: UInt64? { dts ?? pts }

    /// Nil when the bytes do not begin a PES packet, or its head goes past them.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 9, bytes[0] == 0, bytes[1] == 0, bytes[2] == 1 else { return nil }
        streamID = bytes[3]
        // Padding, private_stream_2 and the like have no such head.
        guard bytes[6] & 0xC0 == 0x80 else { return nil }
        payloadOffset = 9 + Int(bytes[8])
        guard payloadOffset <= bytes.count else { return nil }
        let flags = bytes[7] >> 6
        if flags & 2 != 0, bytes[8] >= 5 { pts = Self.time(bytes, 9) }
        if flags == 3, bytes[8] >= 10 { dts = Self.time(bytes, 14) }
    }

    private static func time(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        UInt64(bytes[at] >> 1 & 7) << 30 | UInt64(bytes[at + 1]) << 22 | UInt64(bytes[at + 2] >> 1) << 15
            | UInt64(bytes[at + 3]) << 7 | UInt64(bytes[at + 4] >> 1)
    }
}
