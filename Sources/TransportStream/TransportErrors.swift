/// What ETSI TR 101 290 (V1.4.1, 5.2.1 and 5.2.2) counts, by its name there. PCR_accuracy_error is not among them: it is
/// defined for constant bit rates alone.
public enum TransportError: String, Sendable, CaseIterable {
    // First priority: a receiver cannot decode.
    case syncLoss = "TS_sync_loss"
    case syncByte = "Sync_byte_error"
    case association = "PAT_error"
    case continuity = "Continuity_count_error"
    case map = "PMT_error"
    case pid = "PID_error"
    // Second priority: it should be watched.
    case transport = "Transport_error"
    case crc = "CRC_error"
    case clockRepetition = "PCR_repetition_error"
    case clockDiscontinuity = "PCR_discontinuity_indicator_error"
    case presentation = "PTS_error"
    case conditionalAccess = "CAT_error"

    /// 1 or 2.
    public var priority: Int {
        switch self {
        case .syncLoss, .syncByte, .association, .continuity, .map, .pid: 1
        default: 2
        }
    }
}

/// Watches that everything a receiver needs comes often enough. Its time is the stream's own clock, so that a burst on the
/// way is no error of the stream, and a file can be looked at as fast as it can be read.
struct TransportWatch: Sendable {
    /// Milliseconds: TR 101 290, table 5.0a and 5.0b; for a PID it leaves the period to the user.
    private static let tables = 500.0
    private static let absence = 5_000.0
    private static let clock = 100.0
    private static let presentation = 700.0
    /// A clock that goes further at once has not been late but has jumped.
    private static let jump = 1_000.0

    private(set) var errors: [TransportError: UInt64] = [:]
    /// Milliseconds since the first clock reference.
    private var time = 0.0
    private var lastClock: UInt64?
    private var lastAssociation = 0.0
    private var lastMap: Double?
    /// For each elementary stream: when a packet, and when a time of presentation came last.
    private var lastPacket: [UInt16: Double] = [:]
    private var lastPresentation: [UInt16: Double] = [:]
    private var hasConditionalAccess = false
    private var scrambledAt: Double?

    mutating func saw(_ packet: PacketView) {
        let pid = packet.pid
        if pid == 0 { sawAssociation(packet) }
        if pid == 1 { hasConditionalAccess = true }
        if lastPacket[pid] != nil { lastPacket[pid] = time }
        // Once for each half second: every packet of it is scrambled.
        if packet.isScrambled, !hasConditionalAccess, scrambledAt.map({ time - $0 > Self.tables }) ?? true {
            scrambledAt = time
            count(.conditionalAccess)
        }
    }

    private mutating func sawAssociation(_ packet: PacketView) {
        lastAssociation = time
        let payload = packet.payload
        let isOther =
            packet.payloadUnitStart && !payload.isEmpty && 1 + Int(payload[0]) < payload.count
            && payload[1 + Int(payload[0])] != 0x00 && payload[1 + Int(payload[0])] != 0xFF
        if packet.isScrambled || isOther { count(.association) }
    }

    mutating func sawMap() { lastMap = time }

    mutating func adopt(_ map: ProgramMap) {
        let streams = map.streams.map(\.pid)
        lastPacket = Dictionary(streams.map { ($0, time) }) { first, _ in first }
        lastPresentation = lastPresentation.filter { streams.contains($0.key) }
    }

    /// A time of presentation came in that PID.
    mutating func sawTime(_ pid: UInt16) { lastPresentation[pid] = time }

    mutating func clock(_ pcr: UInt64, announced: Bool) {
        defer { lastClock = pcr }
        guard let lastClock, !announced else { return }
        let ticks = (pcr + PacketView.pcrPeriod - lastClock % PacketView.pcrPeriod) % PacketView.pcrPeriod
        let passed = Double(ticks) / 27_000
        guard passed <= Self.jump else { return count(.clockDiscontinuity) }
        if passed > Self.clock { count(.clockRepetition) }
        time += passed
        look()
    }

    /// What is overdue counts once for each period that it is.
    private mutating func look() {
        if time - lastAssociation > Self.tables {
            lastAssociation = time
            count(.association)
        }
        if let last = lastMap, time - last > Self.tables {
            lastMap = time
            count(.map)
        }
        for (pid, last) in lastPacket where time - last > Self.absence {
            lastPacket[pid] = time
            count(.pid)
        }
        for (pid, last) in lastPresentation where time - last > Self.presentation {
            lastPresentation[pid] = time
            count(.presentation)
        }
    }

    private mutating func count(_ error: TransportError) { errors[error, default: 0] += 1 }
}
