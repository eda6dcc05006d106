/// Parts of a QuickTime file as bytes: big-endian numbers, and atoms with their size in front.
struct Atom {
    private(set) var bytes: [UInt8] = []

    mutating func u8(_ value: Int) { bytes.append(UInt8(truncatingIfNeeded: value)) }

    mutating func u16(_ value: Int) {
        u8(value >> 8)
        u8(value)
    }

    mutating func u32(_ value: Int) {
        u16(value >> 16)
        u16(value)
    }

    mutating func u64(_ value: Int) {
        u32(value >> 32)
        u32(value)
    }

    mutating func zeros(_ count: Int) { bytes += [UInt8](repeating: 0, count: count) }
    mutating func raw(_ more: [UInt8]) { bytes += more }
    mutating func code(_ text: String) { bytes += Array(text.utf8) }

    /// A length and as many bytes.
    mutating func pascal(_ text: String) {
        let utf8 = Array(text.utf8.prefix(255))
        u8(utf8.count)
        raw(utf8)
    }

    mutating func atom(_ kind: String, _ content: (inout Atom) -> Void) {
        let start = bytes.count
        u32(0)
        code(kind)
        content(&self)
        let size = bytes.count - start
        for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: size >> ((3 - index) * 8)) }
    }

    /// With a version and flags.
    mutating func full(_ kind: String, flags: Int = 0, _ content: (inout Atom) -> Void) {
        atom(kind) { atom in
            atom.u32(flags)
            content(&atom)
        }
    }

    /// Unscaled, unrotated.
    mutating func matrix() {
        for value in [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000] { u32(value) }
    }
}
