/// The wall clock in the picture: an H.264 SEI *user data unregistered* with the UUID `MISPmicrosectime`
/// (MISB ST 0604, ST 0603): a status byte and the microseconds since 1970, which every muxer and decoder passes
/// untouched.
enum PrecisionTimeStamp {
    private static let uuid = Array("MISPmicrosectime".utf8)

    /// A whole NAL unit with its start code.
    static func nalUnit(microseconds: UInt64) -> [UInt8] {
        var payload = uuid
        // ST 0603: bits 7 locked, 6 discontinuity, 5 reverse; the five low bits are 1. Not locked to a reference.
        payload.append(0x9F)
        for pair in 0..<4 {
            let shift = UInt64(48 - pair * 16)
            payload.append(UInt8(truncatingIfNeeded: microseconds >> (shift + 8)))
            payload.append(UInt8(truncatingIfNeeded: microseconds >> shift))
            // ST 0604: 0xFF after every second byte keeps start codes out.
            if pair < 3 { payload.append(0xFF) }
        }
        var unit: [UInt8] = [0, 0, 0, 1, 0x06, 0x05, UInt8(payload.count)]
        unit += emulationPrevented(payload)
        // rbsp_trailing_bits
        unit.append(0x80)
        return unit
    }

    /// Where the first slice's start code begins in an access unit with Annex B start codes; nil without a slice.
    static func firstSlice(in accessUnit: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        while index + 3 < accessUnit.count {
            guard accessUnit[index] == 0, accessUnit[index + 1] == 0, accessUnit[index + 2] == 1 else {
                index += 1
                continue
            }
            let type = accessUnit[index + 3] & 0x1F
            if type == 1 || type == 5 {
                return index > 0 && accessUnit[index - 1] == 0 ? index - 1 : index
            }
            index += 4
        }
        return nil
    }

    private static func emulationPrevented(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var zeros = 0
        for byte in bytes {
            if zeros >= 2, byte <= 3 {
                result.append(3)
                zeros = 0
            }
            result.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
        }
        return result
    }
}
