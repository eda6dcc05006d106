/// Joins pieces of one transport stream so that a receiver sees one: continuity counters go on across each cut, and
/// the first packet after it that carries the clock announces the jump in time (ISO/IEC 13818-1, 2.4.3.5).
///
/// Rewrites packets in place; costs a table look-up and a store for each, and allocates nothing once made.
public struct TransportStreamSplicer: Sendable {
    /// Cuts that were announced and of which packets have been seen since.
    public private(set) var splices: UInt64 = 0

    /// For each PID: what the last packet went out with, or `unseen`.
    private var lastOut: [UInt8]
    /// For each PID: what is added to the counters of the piece now running, or `unseen` at its beginning.
    private var offset: [UInt8]
    private static let unseen: UInt8 = 0xFF

    private var announceJump = false
    private var cutPending = false
    private var associations = SectionAssembler()
    private var maps = SectionAssembler()
    private var mapPID: UInt16?
    /// The PID that carries the clock, once the stream's tables have said so.
    public private(set) var pcrPID: UInt16?

    public init() {
        lastOut = [UInt8](repeating: Self.unseen, count: 0x2000)
        offset = [UInt8](repeating: Self.unseen, count: 0x2000)
    }

    /// What follows does not continue what went before.
    public mutating func splice() {
        cutPending = true
    }

    /// Takes whole packets. What does not begin with a sync byte, and a rest of less than a packet, stays as it is.
    public mutating func process(_ bytes: UnsafeMutableRawBufferPointer) {
        if cutPending, bytes.count >= PacketView.size { begin() }
        var at = 0
        while at + PacketView.size <= bytes.count {
            packet(UnsafeMutableRawBufferPointer(rebasing: bytes[at..<(at + PacketView.size)]))
            at += PacketView.size
        }
    }

    private mutating func begin() {
        cutPending = false
        splices += 1
        announceJump = lastOut.contains { $0 != Self.unseen }
        offset.withUnsafeMutableBufferPointer { $0.update(repeating: Self.unseen) }
        // Half a section from before the cut must not be joined to one from after it.
        associations = SectionAssembler()
        maps = SectionAssembler()
    }

    private mutating func packet(_ bytes: UnsafeMutableRawBufferPointer) {
        guard bytes[0] == PacketView.syncByte else { return }
        let pid = Int(bytes[1] & 0x1F) << 8 | Int(bytes[2])
        guard pid != Int(PacketView.nullPID) else { return }
        let counter = bytes[3] & 0x0F
        let hasPayload = bytes[3] & 0x10 != 0

        if offset[pid] == Self.unseen {
            let last = lastOut[pid]
            let wanted = last == Self.unseen ? counter : hasPayload ? last &+ 1 : last
            offset[pid] = (wanted &- counter) & 0x0F
        }
        let out = (counter &+ offset[pid]) & 0x0F
        bytes[3] = bytes[3] & 0xF0 | out
        lastOut[pid] = out

        if pid == 0 || UInt16(pid) == mapPID { learn(UnsafeRawBufferPointer(bytes)) }
        if announceJump, bytes[3] & 0x20 != 0, bytes[4] >= 7, bytes[5] & 0x10 != 0 {
            // Until the tables have been seen, any clock is the clock: the stream has one programme.
            if pcrPID == nil || pcrPID == UInt16(pid) {
                bytes[5] |= 0x80
                announceJump = false
            }
        }
    }

    private mutating func learn(_ bytes: UnsafeRawBufferPointer) {
        guard let packet = PacketView(bytes) else { return }
        if packet.pid == 0 {
            var found: UInt16?
            associations.append(packet) { found = ProgramAssociation(section: $0)?.programs.first?.mapPID ?? found }
            if let found { mapPID = found }
        } else {
            var found: UInt16?
            maps.append(packet) { found = ProgramMap(section: $0)?.pcrPID ?? found }
            if let found { pcrPID = found }
        }
    }
}
