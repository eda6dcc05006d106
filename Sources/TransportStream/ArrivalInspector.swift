import Synchronization

/// Tells when each picture has arrived, with the time that it carries. A picture is known to be whole only when the next one
/// begins, and that is not when it arrived: its last packet was.
public struct ArrivalInspector: Sendable {
    public struct Arrival: Sendable, Equatable {
        /// Nil: it carries no time.
        public var stamp: PrecisionTimeStamp?
        /// Of the piece with its last packet, as it was given.
        public var at: Int64
    }

    /// What the inspector's closure writes into.
    private final class Box: Sendable {
        let units = Mutex<[PrecisionTimeStamp?]>([])
    }

    public private(set) var inspector = StreamInspector()
    private let box = Box()
    private var lastPiece: Int64?

    public init() {
        inspector.onAccessUnit = { [box] unit in box.units.withLock { $0.append(unit.timeStamp) } }
    }

    /// - Parameter time: when the piece arrived, on whichever clock.
    public mutating func feed(_ piece: UnsafeRawBufferPointer, at time: Int64) -> [Arrival] {
        inspector.feed(piece)
        defer { if holdsPicture(piece) { lastPiece = time } }
        let units = box.units.withLock { units in
            defer { units = [] }
            return units
        }
        // Whatever this piece completes had come before it, unless it holds a whole picture and more.
        return units.enumerated().map { index, stamp in
            Arrival(stamp: stamp, at: index == 0 ? lastPiece ?? time : time)
        }
    }

    private func holdsPicture(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard let pid = inspector.programMap?.streams.first(where: \.isH264)?.pid else { return false }
        var at = 0
        while at + PacketView.size <= piece.count {
            let bytes = UnsafeRawBufferPointer(rebasing: piece[at..<(at + PacketView.size)])
            // Out of step: then a piece is as good as another.
            guard let packet = PacketView(bytes) else { return true }
            if packet.pid == pid { return true }
            at += PacketView.size
        }
        return false
    }
}
