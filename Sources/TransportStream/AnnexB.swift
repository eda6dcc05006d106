#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One unit of an H.264 byte stream (ITU-T H.264, 7.3.1).
public struct NALUnit {
    public enum Kind: Equatable, Sendable {
        case slice
        case idrSlice
        case sei
        case sps
        case pps
        case accessUnitDelimiter
        case other(UInt8)

        init(type: UInt8) {
            switch type {
            case 1: self = .slice
            case 5: self = .idrSlice
            case 6: self = .sei
            case 7: self = .sps
            case 8: self = .pps
            case 9: self = .accessUnitDelimiter
            default: self = .other(type)
            }
        }

        /// Coded picture data, data partitions included.
        public var isPicture: Bool {
            switch self {
            case .slice, .idrSlice: true
            case .other(let type): (2...4).contains(type)
            default: false
            }
        }
    }

    public var kind: Kind
    /// Where its start code begins (three bytes; a zero byte before it is not counted).
    public var startCodeOffset: Int
    /// From the NAL head up to the next start code, emulation prevention bytes included.
    public var bytes: UnsafeRawBufferPointer
}

/// Finds the units of an H.264 byte stream (ITU-T H.264, annex B).
public enum AnnexB {
    /// Calls `body` for each unit until it returns false.
    public static func forEachUnit(in bytes: UnsafeRawBufferPointer, _ body: (NALUnit) -> Bool) {
        guard var code = nextStartCode(in: bytes, from: 0) else { return }
        while true {
            let start = code + 3
            guard start < bytes.count else { return }
            let next = nextStartCode(in: bytes, from: start)
            let end = next ?? bytes.count
            if end > start {
                let unit = NALUnit(
                    kind: .init(type: bytes[start] & 0x1F), startCodeOffset: code,
                    bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                guard body(unit) else { return }
            }
            guard let next else { return }
            code = next
        }
    }

    /// The offset of the next 00 00 01 at or after `from`. The C library looks for the 01: picture data holds few, and
    /// a debug build would take a tenth of a second for each megabyte otherwise.
    static func nextStartCode(in bytes: UnsafeRawBufferPointer, from: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var at = from + 2
        while at < bytes.count {
            guard let found = memchr(base + at, 1, bytes.count - at) else { return nil }
            let offset = UnsafeRawPointer(found) - base
            if bytes[offset - 1] == 0, bytes[offset - 2] == 0 { return offset - 2 }
            at = offset + 1
        }
        return nil
    }
}

/// The time of day in a frame, as MISB ST 0604 puts it into an SEI message: microseconds since 1970.
public struct PrecisionTimeStamp: Equatable, Sendable {
    static let uuid: [UInt8] = Array("MISPmicrosectime".utf8)

    public var microseconds: UInt64
    /// As in MISB ST 0603: 0x1F says locked to a reference, no discontinuity; bit 7 set says not locked.
    public var status: UInt8

    public init(microseconds: UInt64, status: UInt8 = 0x1F) {
        self.microseconds = microseconds
        self.status = status
    }

    /// Of the first such message in an SEI unit.
    public init?(sei unit: UnsafeRawBufferPointer) {
        guard unit.count > 1, unit[0] & 0x1F == 6 else { return nil }
        let body = Self.withoutEmulationPrevention(unit.dropFirst())
        var at = 0
        while at + 2 <= body.count {
            guard let type = Self.number(body, &at), let size = Self.number(body, &at), size <= body.count - at else {
                return nil
            }
            if type == 5, let stamp = Self.parse(body[at..<(at + size)]) {
                self = stamp
                return
            }
            at += size
        }
        return nil
    }

    /// A whole SEI unit with a four-byte start code, to be put before an access unit's first slice.
    public var annexB: [UInt8] {
        var message = Self.uuid + [status]
        for pair in 0..<4 {
            let word = UInt16(truncatingIfNeeded: microseconds >> UInt64(48 - 16 * pair))
            message += [UInt8(word >> 8), UInt8(word & 0xFF)]
            // After every second byte but the last a 0xFF keeps start codes from appearing.
            if pair < 3 { message.append(0xFF) }
        }
        var unit: [UInt8] = [0, 0, 0, 1, 6, 5, UInt8(message.count)]
        // A time can still end in two zeros followed by what looks like a start code.
        var zeros = 0
        for byte in message + [0x80] {
            if zeros >= 2, byte <= 3 {
                unit.append(3)
                zeros = 0
            }
            unit.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
        }
        return unit
    }

    private static func parse(_ message: ArraySlice<UInt8>) -> Self? {
        guard message.count >= 28, message.prefix(16).elementsEqual(uuid) else { return nil }
        let time = Array(message.dropFirst(16).prefix(12))
        guard time[3] == 0xFF, time[6] == 0xFF, time[9] == 0xFF else { return nil }
        var value: UInt64 = 0
        for at in [1, 2, 4, 5, 7, 8, 10, 11] { value = value << 8 | UInt64(time[at]) }
        return Self(microseconds: value, status: time[0])
    }

    /// A payload type or size: a run of 0xFF and a last byte, added up.
    private static func number(_ body: [UInt8], _ at: inout Int) -> Int? {
        var value = 0
        while at < body.count {
            let byte = body[at]
            at += 1
            value += Int(byte)
            if byte != 0xFF { return value }
        }
        return nil
    }

    private static func withoutEmulationPrevention(_ bytes: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var zeros = 0
        for byte in bytes {
            if zeros >= 2, byte == 3 {
                zeros = 0
                continue
            }
            zeros = byte == 0 ? zeros + 1 : 0
            result.append(byte)
        }
        return result
    }
}
