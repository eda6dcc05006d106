import Foundation
import GStreamer
import Glibc
import Synchronization
import WorkerProtocol

@testable import MediaWorker

/// Serves picture and sound as the programme does, in real time. Each picture has its slot's number painted into it, and
/// each sample is its own number: what was lost, doubled or moved shows.
final class CountingSource: Sendable {
    private struct State {
        var isStopped = false
        var skippedPictures = 0
        var skippedSound = 0
        var isSilent = false
        var sent: [UInt64] = []
    }

    private let picture: FeedServer
    private let sound: FeedServer
    private let house: HouseFormat
    private let state = Mutex(State())

    init(_ feeds: InputFeeds, house: HouseFormat) throws {
        self.house = house
        let instance = UUID().uuidString
        picture = FeedServer(path: feeds.picture, instance: instance, policy: .dropOldest, limitBytes: 16 << 20)
        sound = FeedServer(path: feeds.sound, instance: instance, policy: .dropOldest, limitBytes: 16 << 20)
        try picture.open(caps: house.pictureCaps)
        try sound.open(caps: InputTrack.soundCaps)
        MediaThread.start("test-source") { [self] in play() }
    }

    static func sample(_ number: Int64) -> Int32 { Int32(number % (1 << 22)) }

    /// Leaves out as many pictures, or slots of sound, from now on.
    func skip(pictures: Int = 0, sounds: Int = 0) {
        state.withLock { state in
            state.skippedPictures = pictures
            state.skippedSound = sounds
        }
    }

    /// As a programme that hangs: nothing comes, and the feeds stay.
    func setSilent(_ isSilent: Bool) {
        state.withLock { $0.isSilent = isSilent }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        picture.close()
        sound.close()
    }

    private func play() {
        let clock = HouseClock(house)
        var slot = clock.slot(at: MonotonicClock.now()) + 1
        while true {
            let now = MonotonicClock.now()
            if clock.time(of: slot) > now { usleep(UInt32((clock.time(of: slot) - now) / 1000)) }
            let (isStopped, hasPicture, hasSound) = state.withLock { state in
                let hasPicture = !state.isSilent && state.skippedPictures == 0
                let hasSound = !state.isSilent && state.skippedSound == 0
                state.skippedPictures = max(0, state.skippedPictures - 1)
                state.skippedSound = max(0, state.skippedSound - 1)
                return (state.isStopped, hasPicture, hasSound)
            }
            if isStopped { return }
            let time = clock.time(of: slot)
            let sent = MonotonicClock.now()
            if hasPicture {
                picture.send(painted(slot), flags: .key, pts: time, duration: clock.frameDuration, sentAt: sent)
            }
            if hasSound {
                sound.send(counted(slot), flags: .key, pts: time, duration: clock.frameDuration, sentAt: sent)
            }
            slot += 1
        }
    }

    /// Sixteen bars for sixteen bits, the highest to the left; noise below, so that the encoder has something to do.
    private func painted(_ slot: UInt64) -> Buffer {
        let (width, height) = (house.width, house.height)
        return Buffer.allocate(size: width * height * 3 / 2) { bytes in
            bytes.initializeMemory(as: UInt8.self, repeating: 128)
            for bit in 0..<16 {
                let value: UInt8 = slot >> UInt64(15 - bit) & 1 == 1 ? 235 : 16
                for row in 0..<height {
                    let start = row * width + bit * width / 16
                    bytes[start..<(start + width / 16)].initializeMemory(as: UInt8.self, repeating: value)
                }
            }
            var noise = UInt32(truncatingIfNeeded: slot) | 1
            for at in stride(from: width * (height - 40), to: width * height, by: 2) {
                noise = noise &* 1_664_525 &+ 1_013_904_223
                bytes[at] = 16 + UInt8(noise >> 24) / 2
            }
        }
    }

    private func counted(_ slot: UInt64) -> Buffer {
        let first = Int64(slot) * Int64(HouseClock.sampleRate / house.frameRate)
        let samples = (0..<(HouseClock.sampleRate / house.frameRate)).flatMap { index in
            let value = Float(Self.sample(first + Int64(index))) / 8_388_608
            return [value, -value]
        }
        return Buffer.samples(samples, pts: 0, duration: 0)
    }
}
