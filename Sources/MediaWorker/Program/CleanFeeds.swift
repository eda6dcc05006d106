import GStreamer
import WorkerProtocol

/// The programme as it is on air, raw and without anything laid over it, for the recorder: two feeds as an input has
/// them. A reader that is too slow loses frames; the programme does not notice.
final class CleanFeeds: Sendable {
    /// Pictures, and bytes at least: two thirds of a second of 1080p25, enough for a busy machine, and little beside the
    /// programme's own pictures.
    private static let pictureQueue = 20
    private static let pictureQueueBytes = 64 << 20
    private static let soundQueueBytes = 1 << 20

    private let picture: FeedServer
    private let sound: FeedServer
    private let pictureCaps: String
    private let frameDuration: UInt64

    init(_ feeds: InputFeeds, house: HouseFormat, instance: String) {
        picture = FeedServer(
            path: feeds.picture, instance: instance, policy: .dropOldest,
            limitBytes: max(Self.pictureQueueBytes, Self.pictureQueue * PictureLayout(house).size))
        sound = FeedServer(path: feeds.sound, instance: instance, policy: .dropOldest, limitBytes: Self.soundQueueBytes)
        pictureCaps = house.pictureCaps
        frameDuration = house.frameDuration
    }

    func open() throws {
        try picture.open(caps: pictureCaps)
        try sound.open(caps: InputTrack.soundCaps)
    }

    func close() {
        picture.close()
        sound.close()
    }

    func push(_ slot: ProgramSlot) {
        let now = MonotonicClock.now()
        picture.send(slot.picture, flags: .key, pts: slot.time, duration: frameDuration, sentAt: now)
        guard sound.readerCount > 0 else { return }
        sound.send(
            Buffer.samples(slot.sound, pts: slot.time, duration: frameDuration), flags: .key, pts: slot.time,
            duration: frameDuration, sentAt: now)
    }
}

extension Buffer {
    /// Interleaved samples as they travel between workers.
    static func samples(_ samples: [Float], pts: UInt64, duration: UInt64) -> Buffer {
        allocate(size: samples.count * 4, pts: pts, duration: duration) { target in
            samples.withUnsafeBytes { target.copyMemory(from: $0) }
        }
    }
}
