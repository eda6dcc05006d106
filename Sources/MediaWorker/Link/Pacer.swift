/// When the next piece of media may leave, so that a keyframe does not flood a line. Pieces of a few packets leave
/// together: a timer for each packet, as SRT's `maxbw` has it, cost as much as all the rest of a link. Pure: the clock
/// is handed in.
struct Pacer: Sendable {
    /// Eight messages of SRT's 1316 bytes, in whole transport stream packets: no more leaves at once.
    static let piece = 8 * 1316
    /// Nanoseconds by which a late timer may be made good.
    private static let catchUp: UInt64 = 5_000_000

    /// Nanoseconds that a byte takes; 0 is no pacing.
    private let perByte: Double
    /// When the line is free again.
    private var freeAt: UInt64 = 0

    init(kilobitsPerSecond: Int) {
        perByte = kilobitsPerSecond > 0 ? 8e6 / Double(kilobitsPerSecond) : 0
    }

    /// CLOCK_MONOTONIC nanoseconds at which a piece that was ready at `readyAt` is due.
    func due(readyAt: UInt64) -> UInt64 { max(readyAt, freeAt) }

    /// It has left.
    mutating func sent(bytes: Int, due: UInt64, now: UInt64) {
        let began = max(due, now > Self.catchUp ? now - Self.catchUp : 0)
        freeAt = began + UInt64(Double(bytes) * perByte)
    }
}
