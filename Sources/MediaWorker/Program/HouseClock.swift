import WorkerProtocol

/// The house's time: CLOCK_MONOTONIC cut into whole frames, and into samples of 48 kHz.
struct HouseClock: Sendable {
    static let sampleRate = 48_000

    /// Nanoseconds.
    let frameDuration: UInt64
    let samplesPerFrame: Int

    init(_ house: HouseFormat) {
        frameDuration = house.frameDuration
        samplesPerFrame = Self.sampleRate / house.frameRate
    }

    /// The slot whose beginning is nearest.
    func slot(nearest time: UInt64) -> UInt64 { (time + frameDuration / 2) / frameDuration }
    /// The slot that is running.
    func slot(at time: UInt64) -> UInt64 { time / frameDuration }
    func time(of slot: UInt64) -> UInt64 { slot * frameDuration }
    func firstSample(of slot: UInt64) -> Int64 { Int64(slot) * Int64(samplesPerFrame) }

    /// The sample whose time is nearest.
    static func sample(nearest time: UInt64) -> Int64 {
        let (seconds, rest) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int64(seconds) * Int64(sampleRate) + Int64((rest * UInt64(sampleRate) + 500_000_000) / 1_000_000_000)
    }
}
