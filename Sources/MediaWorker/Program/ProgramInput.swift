import GStreamer
import Synchronization
import WorkerProtocol

/// One input as the programme sees it: two feeds, read as they come, taken slot by slot.
final class ProgramInput: Sendable {
    private struct State {
        var pictures = PictureTimeline<Buffer>()
        var sounds = SoundTimeline()
        var picture = Track()
        var sound = Track()
    }

    private struct Track {
        var isConnected = false
        /// Of the last piece that came in time, CLOCK_MONOTONIC nanoseconds.
        var lastAt: UInt64?
        var problem: Reason?
    }

    let id: String
    private let clock: HouseClock
    private let house: HouseFormat
    private let pictureReader: FeedReader
    private let soundReader: FeedReader
    private let state = Mutex(State())

    init(_ input: ProgramRole.Input, house: HouseFormat) {
        id = input.id
        self.house = house
        clock = HouseClock(house)
        pictureReader = FeedReader(path: input.feeds.picture)
        soundReader = FeedReader(path: input.feeds.sound)
    }

    func start() {
        pictureReader.start(PictureConsumer(input: self))
        soundReader.start(SoundConsumer(input: self))
    }

    func stop() {
        pictureReader.stop()
        soundReader.stop()
    }

    func facts(now: UInt64) -> Failover.Facts {
        state.withLock { state in
            func track(_ track: Track) -> Failover.Track {
                Failover.Track(isConnected: track.isConnected, age: track.lastAt.map { now - min(now, $0) })
            }
            return Failover.Facts(picture: track(state.picture), sound: track(state.sound))
        }
    }

    /// What its tracks suffer from, for status.
    var problems: [Reason] {
        state.withLock { [$0.picture.problem, $0.sound.problem].compactMap { $0 } }
    }

    func frame(for slot: UInt64) -> Buffer? {
        state.withLock { $0.pictures.frame(for: slot) }
    }

    func readSound(at place: Int64, into target: UnsafeMutableBufferPointer<Float>) {
        state.withLock { $0.sounds.read(at: place, into: target, endsSoftly: true) }
    }
}

// MARK: - What the feeds bring

extension ProgramInput {
    fileprivate func pictureConnected(caps: String) {
        let fits = house.fits(caps)
        state.withLock { state in
            state.pictures.clear()
            // An input of another configuration may live a moment longer than it should.
            state.picture = Track(isConnected: fits, problem: fits ? nil : .notHouseFormat(caps, house))
        }
    }

    fileprivate func pictureReceived(_ header: FeedHeader, _ buffer: Buffer) {
        let slot = clock.slot(nearest: header.pts)
        let now = MonotonicClock.now()
        state.withLock { state in
            guard state.picture.isConnected else { return }
            let isInTime = state.pictures.insert(buffer, slot: slot)
            if isInTime { state.picture.lastAt = now }
            state.picture.problem = isInTime ? nil : .lateMedia
        }
    }

    fileprivate func pictureClosed() {
        state.withLock { $0.picture = Track() }
    }

    fileprivate func soundConnected() {
        state.withLock { $0.sound = Track(isConnected: true) }
    }

    fileprivate func soundReceived(_ header: FeedHeader, _ buffer: Buffer) {
        let place = HouseClock.sample(nearest: header.pts)
        let now = MonotonicClock.now()
        state.withLock { state in
            let isInTime = buffer.withBytes {
                state.sounds.write(
                    $0.assumingMemoryBound(to: Float.self), at: place, jumps: header.flags.contains(.discontinuity))
            }
            if isInTime { state.sound.lastAt = now }
            state.sound.problem = isInTime ? nil : .lateMedia
        }
    }

    fileprivate func soundClosed() {
        state.withLock { $0.sound = Track() }
    }
}

private final class PictureConsumer: FeedConsumer {
    let input: ProgramInput
    init(input: ProgramInput) { self.input = input }
    func feedConnected(caps: String) { input.pictureConnected(caps: caps) }
    func feedReceived(_ header: FeedHeader, _ buffer: Buffer) { input.pictureReceived(header, buffer) }
    func feedDisconnected() { input.pictureClosed() }
}

private final class SoundConsumer: FeedConsumer {
    let input: ProgramInput
    init(input: ProgramInput) { self.input = input }
    func feedConnected(caps: String) { input.soundConnected() }
    func feedReceived(_ header: FeedHeader, _ buffer: Buffer) { input.soundReceived(header, buffer) }
    func feedDisconnected() { input.soundClosed() }
}

extension Reason {
    fileprivate static func notHouseFormat(_ caps: String, _ house: HouseFormat) -> Reason {
        let fields = Caps(caps).first
        let sent =
            "\(fields?["format"]?.stringValue ?? "?") \(fields?["width"]?.intValue ?? 0)×\(fields?["height"]?.intValue ?? 0)"
        let wanted = "\(house.chroma.pictureFormat) \(house.width)×\(house.height)"
        return Reason(
            code: "not-house-format",
            text:
                "The input sends \(sent) and the house has \(wanted): restart the input's worker. In a pipeline file of "
                + "your own write format=${pictureFormat}, as the shipped ones do.",
            textZh: "信号源的格式为 \(sent)，而设定为 \(wanted)：请重启该信号源。自己的管线文件中应写 format=${pictureFormat}，与自带文件相同。")
    }
    fileprivate static let lateMedia = Reason(
        code: "late",
        text: "What the input sends comes too late to be shown: raise its bufferMs, or relieve the machine.",
        textZh: "信号源的数据到达过晚：请增大 bufferMs，或减轻本机负载。")
}
