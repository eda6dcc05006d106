/// Checks the continuity counters of every PID (ISO/IEC 13818-1, 2.4.3.3): they count packets with payload, stand
/// still on packets without, repeat for one exact duplicate, and may jump where a discontinuity is announced.
public struct ContinuityChecker: Sendable {
    public private(set) var packets: UInt64 = 0
    /// Jumps nobody announced, and duplicates that are none.
    public private(set) var errors: UInt64 = 0
    /// Packets that carry the discontinuity indicator.
    public private(set) var announcedDiscontinuities: UInt64 = 0
    public private(set) var duplicates: UInt64 = 0
    /// Packets that did not begin with the sync byte.
    public private(set) var missingSyncBytes: UInt64 = 0
    /// Packets whose sender already knew them to be broken; they are not checked further.
    public private(set) var transportErrors: UInt64 = 0

    private struct State {
        var counter: UInt8
        var duplicated = false
        var payload: [UInt8]
    }

    private var states: [UInt16: State] = [:]

    public init() {}

    /// Somebody who looks for packets in a stream of bytes found none where one should begin.
    mutating func noteMissingSync() {
        missingSyncBytes += 1
    }

    /// Takes 188 bytes. True when they are a sound packet that is neither a duplicate nor after an unannounced jump.
    @discardableResult
    public mutating func check(_ bytes: UnsafeRawBufferPointer) -> Bool {
        packets += 1
        guard let packet = PacketView(bytes) else {
            missingSyncBytes += 1
            return false
        }
        guard !packet.transportError else {
            transportErrors += 1
            return false
        }
        let pid = packet.pid
        guard pid != PacketView.nullPID else { return true }
        let announced = packet.discontinuityIndicator
        if announced { announcedDiscontinuities += 1 }
        let counter = packet.continuityCounter
        guard var state = states[pid] else {
            states[pid] = State(counter: counter, payload: Array(packet.payload))
            return true
        }
        let sound = verdict(packet, announced: announced, &state)
        state.counter = counter
        states[pid] = state
        return sound
    }

    private mutating func verdict(_ packet: PacketView, announced: Bool, _ state: inout State) -> Bool {
        let counter = packet.continuityCounter
        guard packet.hasPayload else {
            if counter == state.counter || announced { return true }
            errors += 1
            return false
        }
        let payload = packet.payload
        let isDuplicate =
            !announced && counter == state.counter && !state.duplicated && payload.elementsEqual(state.payload)
        if isDuplicate {
            state.duplicated = true
            duplicates += 1
            return false
        }
        state.duplicated = false
        state.payload.removeAll(keepingCapacity: true)
        state.payload.append(contentsOf: payload)
        if counter == (state.counter + 1) & 0x0F || announced { return true }
        errors += 1
        return false
    }
}
