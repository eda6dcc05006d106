extension PrecisionTimeStamp {
    /// A picture's own packets that are searched; headers and messages fit into fewer.
    private static let packets = 24

    /// Of the picture whose packets these are: what a muxer makes of one picture begins with all that is not picture data.
    /// - Parameter group: whole packets of 188 bytes.
    public init?(group: UnsafeRawBufferPointer, videoPID: UInt16 = 256) {
        var head: [UInt8] = []
        var taken = 0
        var at = 0
        while at + PacketView.size <= group.count, taken < Self.packets {
            defer { at += PacketView.size }
            guard let packet = PacketView(UnsafeRawBufferPointer(rebasing: group[at..<(at + PacketView.size)])),
                packet.pid == videoPID
            else { continue }
            let payload = packet.payload
            if taken == 0 {
                guard packet.payloadUnitStart, let header = PESHeader(payload) else { return nil }
                head.reserveCapacity(4 * PacketView.size)
                head.append(contentsOf: payload[header.payloadOffset...])
            } else {
                head.append(contentsOf: payload)
            }
            taken += 1
            // A unit is known to be whole when the next one begins.
            if let found = Self.find(in: head) {
                guard let stamp = found else { return nil }
                self = stamp
                return
            }
        }
        return nil
    }

    /// - Returns: nil while the picture data have not begun; then the stamp, if there is one.
    private static func find(in head: [UInt8]) -> Self?? {
        head.withUnsafeBytes { bytes -> Self?? in
            var stamp: Self?
            var isComplete = false
            AnnexB.forEachUnit(in: bytes) { unit in
                if unit.kind == .sei { stamp = stamp ?? PrecisionTimeStamp(sei: unit.bytes) }
                isComplete = unit.kind.isPicture
                return !isComplete
            }
            return isComplete ? .some(stamp) : nil
        }
    }
}
