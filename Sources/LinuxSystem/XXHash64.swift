/// XXH64 with seed 0 (xxHash, the 64-bit kind that ASC MHL names `xxh64`): tells accidental changes, at the speed of
/// memory.
public struct XXHash64: Sendable {
    private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
        0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
        0x27D4_EB2F_1656_67C5
    )

    private var lanes: (UInt64, UInt64, UInt64, UInt64)
    private var rest: [UInt8] = []
    private var count: UInt64 = 0

    public init() {
        let (one, two, _, _, _) = Self.primes
        lanes = (one &+ two, two, 0, 0 &- one)
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        count &+= UInt64(bytes.count)
        var at = 0
        if !rest.isEmpty {
            at = min(32 - rest.count, bytes.count)
            rest.append(contentsOf: bytes[..<at])
            guard rest.count == 32 else { return }
            rest.withUnsafeBytes { _ = stripes($0, from: 0) }
            rest.removeAll(keepingCapacity: true)
        }
        at = stripes(bytes, from: at)
        rest.append(contentsOf: bytes[at...])
    }

    /// Of everything so far; more may follow.
    public var value: UInt64 {
        let (one, two, three, four, five) = Self.primes
        var hash: UInt64
        if count >= 32 {
            hash = lanes.0.rotated(1) &+ lanes.1.rotated(7) &+ lanes.2.rotated(12) &+ lanes.3.rotated(18)
            for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
                hash = (hash ^ Self.round(0, lane)) &* one &+ four
            }
        } else {
            hash = five
        }
        hash &+= count
        rest.withUnsafeBytes { rest in
            var at = 0
            while at + 8 <= rest.count {
                hash = (hash ^ Self.round(0, Self.word(rest, at))).rotated(27) &* one &+ four
                at += 8
            }
            if at + 4 <= rest.count {
                let word = UInt64(UInt32(littleEndian: rest.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
                hash = (hash ^ (word &* one)).rotated(23) &* two &+ three
                at += 4
            }
            while at < rest.count {
                hash = (hash ^ (UInt64(rest[at]) &* five)).rotated(11) &* one
                at += 1
            }
        }
        hash = (hash ^ (hash >> 33)) &* two
        hash = (hash ^ (hash >> 29)) &* three
        return hash ^ (hash >> 32)
    }

    /// Sixteen hexadecimal digits.
    public var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private mutating func stripes(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var (a, b, c, d) = lanes
        var at = start
        while at + 32 <= bytes.count {
            a = Self.round(a, Self.word(bytes, at))
            b = Self.round(b, Self.word(bytes, at + 8))
            c = Self.round(c, Self.word(bytes, at + 16))
            d = Self.round(d, Self.word(bytes, at + 24))
            at += 32
        }
        lanes = (a, b, c, d)
        return at
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    }

    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        (lane &+ word &* primes.1).rotated(31) &* primes.0
    }
}

extension UInt64 {
    fileprivate func rotated(_ bits: UInt64) -> UInt64 { self << bits | self >> (64 - bits) }
}
