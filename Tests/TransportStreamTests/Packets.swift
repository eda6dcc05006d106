@testable import TransportStream

/// Transport packets and tables made by hand.
enum Synthetic {
    static func packet(
        pid: UInt16, counter: UInt8, payload: [UInt8]? = [0xAA], start: Bool = false, pcr: UInt64? = nil,
        discontinuity: Bool = false, randomAccess: Bool = false
    ) -> [UInt8] {
        var bytes: [UInt8] = [0x47, (start ? 0x40 : 0) | UInt8(pid >> 8), UInt8(pid & 0xFF), counter & 0x0F]
        if payload != nil { bytes[3] |= 0x10 }
        var flags: UInt8 = 0
        var field: [UInt8] = []
        if discontinuity { flags |= 0x80 }
        if randomAccess { flags |= 0x40 }
        if let pcr {
            flags |= 0x10
            let (base, fraction) = (pcr / 300, pcr % 300)
            field += [UInt8(base >> 25 & 0xFF), UInt8(base >> 17 & 0xFF), UInt8(base >> 9 & 0xFF)]
            field += [
                UInt8(base >> 1 & 0xFF), UInt8(base & 1) << 7 | 0x7E | UInt8(fraction >> 8), UInt8(fraction & 0xFF),
            ]
        }
        let room = PacketView.size - 4 - (payload?.count ?? 0)
        if room > 0 {
            bytes[3] |= 0x20
            bytes.append(UInt8(room - 1))
            if room > 1 {
                bytes.append(flags)
                bytes += field
                bytes += [UInt8](repeating: 0xFF, count: room - 2 - field.count)
            }
        }
        bytes += payload ?? []
        return bytes
    }

    static func section(_ body: [UInt8]) -> [UInt8] {
        let crc = body.withUnsafeBytes { crc32MPEG($0) }
        return body + [UInt8(crc >> 24), UInt8(crc >> 16 & 0xFF), UInt8(crc >> 8 & 0xFF), UInt8(crc & 0xFF)]
    }

    static func pat(mapPID: UInt16, counter: UInt8) -> [UInt8] {
        let table = section([
            0, 0xB0, 13, 0, 1, 0xC1, 0, 0, 0, 1, 0xE0 | UInt8(mapPID >> 8), UInt8(mapPID & 0xFF),
        ])
        let padding = [UInt8](repeating: 0xFF, count: 183 - table.count)
        return packet(pid: 0, counter: counter, payload: [0] + table + padding, start: true)
    }

    static func pmtSection(pcrPID: UInt16, streams: [(UInt8, UInt16)]) -> [UInt8] {
        var body: [UInt8] = [2, 0xB0, 0, 0, 1, 0xC1, 0, 0, 0xE0 | UInt8(pcrPID >> 8), UInt8(pcrPID & 0xFF), 0xF0, 0]
        for (type, pid) in streams { body += [type, 0xE0 | UInt8(pid >> 8), UInt8(pid & 0xFF), 0xF0, 0] }
        body[2] = UInt8(body.count - 3 + 4)
        return section(body)
    }

    static func pmt(
        pid: UInt16 = 0x20, pcrPID: UInt16, streams: [(UInt8, UInt16)] = [(0x1B, 0x41), (0x0F, 0x42)], counter: UInt8
    ) -> [UInt8] {
        let table = pmtSection(pcrPID: pcrPID, streams: streams)
        let padding = [UInt8](repeating: 0xFF, count: 183 - table.count)
        return packet(pid: pid, counter: counter, payload: [0] + table + padding, start: true)
    }
}

func withView<T>(_ bytes: [UInt8], _ body: (PacketView) throws -> T) throws -> T {
    try bytes.withUnsafeBytes { bytes in
        guard let view = PacketView(bytes) else { throw NoPacket() }
        return try body(view)
    }
}

struct NoPacket: Error {}

/// The same numbers in every run.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
