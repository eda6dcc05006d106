/// The programme association table: which PID carries the map of which programme.
public struct ProgramAssociation: Equatable, Sendable {
    public struct Program: Equatable, Sendable {
        public var number: UInt16
        public var mapPID: UInt16
    }

    public var programs: [Program]

    /// A whole, checked section. Nil when it is another table or not yet in force.
    public init?(section: UnsafeRawBufferPointer) {
        guard section.count >= 12, section[0] == 0x00, section[5] & 1 == 1 else { return nil }
        programs = []
        var at = 8
        while at + 4 <= section.count - 4 {
            let number = section.bigEndian16(at)
            // Programme 0 is the network information table.
            if number != 0 { programs.append(Program(number: number, mapPID: section.bigEndian16(at + 2) & 0x1FFF)) }
            at += 4
        }
    }
}

/// The programme map table: the clock's PID and the elementary streams of one programme.
public struct ProgramMap: Equatable, Sendable {
    public struct Stream: Equatable, Sendable {
        /// As in ISO/IEC 13818-1, table 2-34: 0x1B is H.264, 0x0F AAC in ADTS.
        public var type: UInt8
        public var pid: UInt16

        public var isH264: Bool { type == 0x1B }
        public var isVideo: Bool { [0x01, 0x02, 0x10, 0x1B, 0x24, 0x42].contains(type) }
        public var isAudio: Bool { [0x03, 0x04, 0x0F, 0x11, 0x81].contains(type) }

        /// As people call it.
        public var coding: String {
            switch type {
            case 0x01: "MPEG-1 Video"
            case 0x02: "MPEG-2 Video"
            case 0x03, 0x04: "MPEG Audio"
            case 0x0F: "AAC"
            case 0x10: "MPEG-4 Video"
            case 0x11: "AAC LATM"
            case 0x1B: "H.264"
            case 0x24: "H.265"
            case 0x42: "AVS"
            case 0x81: "AC-3"
            default: "0x\(String(type, radix: 16))"
            }
        }
    }

    public var programNumber: UInt16
    /// The PID whose packets carry the clock.
    public var pcrPID: UInt16
    public var streams: [Stream]

    /// A whole, checked section. Nil when it is another table, not yet in force, or contradicts itself.
    public init?(section: UnsafeRawBufferPointer) {
        guard section.count >= 16, section[0] == 0x02, section[5] & 1 == 1 else { return nil }
        programNumber = section.bigEndian16(3)
        pcrPID = section.bigEndian16(8) & 0x1FFF
        streams = []
        var at = 12 + Int(section.bigEndian16(10) & 0x0FFF)
        let end = section.count - 4
        guard at <= end else { return nil }
        while at + 5 <= end {
            streams.append(Stream(type: section[at], pid: section.bigEndian16(at + 1) & 0x1FFF))
            at += 5 + Int(section.bigEndian16(at + 3) & 0x0FFF)
        }
    }
}

/// Puts the sections of one PID together from packet payloads and lets through those whose CRC is right.
public struct SectionAssembler: Sendable {
    private var pending: [UInt8] = []
    /// Sections that were thrown away for it.
    public private(set) var crcErrors: UInt64 = 0

    public init() {}

    /// Calls `body` for each section this packet completes.
    public mutating func append(_ packet: PacketView, _ body: (UnsafeRawBufferPointer) -> Void) {
        let payload = packet.payload
        guard !payload.isEmpty else { return }
        guard packet.payloadUnitStart else {
            if !pending.isEmpty {
                pending.append(contentsOf: payload)
                deliver(body)
            }
            return
        }
        let pointer = Int(payload[0])
        guard 1 + pointer <= payload.count else {
            pending.removeAll(keepingCapacity: true)
            return
        }
        if !pending.isEmpty {
            pending.append(contentsOf: payload[1..<(1 + pointer)])
            deliver(body)
        }
        pending.removeAll(keepingCapacity: true)
        pending.append(contentsOf: payload[(1 + pointer)...])
        deliver(body)
    }

    private mutating func deliver(_ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        var broken: UInt64 = 0
        pending.withUnsafeBytes { all in
            // 0xFF where a table id should be is stuffing to the end of the packet.
            while start < all.count, all[start] != 0xFF {
                guard start + 3 <= all.count else { return }
                let length = 3 + Int(all.bigEndian16(start + 1) & 0x0FFF)
                guard start + length <= all.count else { return }
                let section = UnsafeRawBufferPointer(rebasing: all[start..<(start + length)])
                if length >= 12, crc32MPEG(section) == 0 { body(section) } else { broken += 1 }
                start += length
            }
            start = all.count
        }
        pending.removeFirst(start)
        crcErrors += broken
    }
}

/// The CRC of ISO/IEC 13818-1, annex A; 0 over a section that ends with its own CRC.
public func crc32MPEG(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        crc ^= UInt32(byte) << 24
        for _ in 0..<8 {
            crc = crc & 0x8000_0000 != 0 ? crc << 1 ^ 0x04C1_1DB7 : crc << 1
        }
    }
    return crc
}

extension UnsafeRawBufferPointer {
    func bigEndian16(_ at: Int) -> UInt16 {
        UInt16(self[at]) << 8 | UInt16(self[at + 1])
    }
}
