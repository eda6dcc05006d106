import GStreamer
import LinuxSystem
import Synchronization
import WorkerProtocol

/// Where a link reads: the programme, or the slate while a session is not for its venue. It can be changed under a receiver
/// that stays connected; once `read` has returned nothing of the feed before passes any more.
final class LinkSource: Sendable {
    private struct State {
        var reader: FeedReader
        var keyframes: KeyframeRequester
        var feed: LinkFeed
        var isStarted = false
    }

    private let state: Mutex<State>

    init(_ feed: LinkFeed) throws {
        state = Mutex(
            State(
                reader: FeedReader(path: feed.liveFeed),
                keyframes: try KeyframeRequester(programSocket: feed.programSocket), feed: feed))
    }

    var feed: LinkFeed { state.withLock { $0.feed } }

    func requestKeyframe() {
        state.withLock { $0.keyframes }.request()
    }

    func start(_ stream: LinkStream) {
        state.withLock { state in
            state.isStarted = true
            state.reader.start(FeedTap(stream, epoch: stream.beginEpoch()))
        }
    }

    func read(_ feed: LinkFeed, into stream: LinkStream) throws {
        let keyframes = try KeyframeRequester(programSocket: feed.programSocket)
        let reader = FeedReader(path: feed.liveFeed)
        state.withLock { state in
            state.reader.stop()
            state.reader = reader
            state.keyframes = keyframes
            state.feed = feed
            // From here on the one before is not listened to.
            if state.isStarted { reader.start(FeedTap(stream, epoch: stream.beginEpoch())) }
        }
    }

    func stop() {
        state.withLock { $0.reader.stop() }
    }
}

/// What one reader brings; it counts as long as it is the link's.
private final class FeedTap: FeedConsumer {
    private let stream: LinkStream
    private let epoch: UInt64

    init(_ stream: LinkStream, epoch: UInt64) {
        self.stream = stream
        self.epoch = epoch
    }

    func feedConnected(caps: String) { stream.feedConnected(epoch) }
    func feedReceived(_ header: FeedHeader, _ buffer: Buffer) { stream.feedReceived(header, buffer, epoch) }
    func feedDisconnected() { stream.feedDisconnected(epoch) }
}
