import GStreamer
import Glibc
import LinuxSystem
import Synchronization

/// What a reader of a feed is told, all on the reader's own thread.
protocol FeedConsumer: AnyObject, Sendable {
    /// A producer is there; its caps come first.
    func feedConnected(caps: String)
    /// For a transport stream the buffer is what the muxer made of one frame: whole packets of 188 bytes.
    func feedReceived(_ header: FeedHeader, _ buffer: Buffer)
    /// The producer has closed its feed, or has died. The reader tries again by itself.
    func feedDisconnected()
}

/// Reads one feed for as long as it lives, connecting again whenever the producer comes back.
final class FeedReader: Sendable {
    /// How soon a feed that is not there is looked for again.
    static let retryMilliseconds: Int32 = 50
    /// How often a silent feed is asked whether it is still the one at its path.
    static let patienceSeconds = 1

    private struct State {
        var isStopped = false
        var descriptor: Int32 = -1
        /// Of the socket that it is connected to.
        var identity: FileIdentity?
    }

    private let path: String
    private let state = Mutex(State())

    init(path: String) {
        self.path = path
    }

    /// Once. The consumer is held until `stop`.
    func start(_ consumer: any FeedConsumer) {
        MediaThread.start("feed-reader") { [self] in
            while !isStopped {
                if let (descriptor, identity) = connect() {
                    if adopt(descriptor, identity) { read(descriptor, consumer) }
                    release(descriptor)
                }
                if !isStopped { poll(nil, 0, Self.retryMilliseconds) }
            }
        }
    }

    /// Ends the reading thread within the retry time; the consumer may hear of one last disconnection.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            if state.descriptor >= 0 { shutdown(state.descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func connect() -> (descriptor: Int32, identity: FileIdentity)? {
        // Looked at before: where another one comes in between, a feed is left once for nothing, and none is kept for ever.
        guard let identity = try? FileIdentity(path: path), let descriptor = try? connectUnix(path: path) else {
            return nil
        }
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size) == 0 else {
            close(descriptor)
            return nil
        }
        return (descriptor, identity)
    }

    private func adopt(_ descriptor: Int32, _ identity: FileIdentity) -> Bool {
        state.withLock { state in
            state.descriptor = descriptor
            state.identity = identity
            return !state.isStopped
        }
    }

    private func release(_ descriptor: Int32) {
        state.withLock { $0.descriptor = -1 }
        close(descriptor)
    }

    /// A producer that not even SIGKILL ended keeps its sockets open: nothing comes any more, and no end either. Where its
    /// successor has put a feed into place, that one is read. One that is merely silent is not left.
    private func isForsaken() -> Bool {
        let (isStopped, identity) = state.withLock { ($0.isStopped, $0.identity) }
        if isStopped { return true }
        guard let there = try? FileIdentity(path: path) else { return false }
        return there != identity
    }

    private func read(_ descriptor: Int32, _ consumer: any FeedConsumer) {
        var announced = false
        defer { if announced { consumer.feedDisconnected() } }
        let headerBytes = UnsafeMutableRawBufferPointer.allocate(byteCount: FeedHeader.size, alignment: 8)
        defer { headerBytes.deallocate() }
        while fill(headerBytes, from: descriptor),
            let header = FeedHeader(decoding: UnsafeRawBufferPointer(headerBytes))
        {
            if header.flags.contains(.caps) {
                var caps = [UInt8](repeating: 0, count: header.payloadSize)
                guard caps.withUnsafeMutableBytes({ fill($0, from: descriptor) }) else { return }
                announced = true
                consumer.feedConnected(caps: String(decoding: caps, as: UTF8.self))
                continue
            }
            // A feed that does not begin with its caps is not one of ours.
            guard announced else { return }
            var complete = false
            let buffer = Buffer.allocate(size: header.payloadSize) { complete = fill($0, from: descriptor) }
            guard complete else { return }
            consumer.feedReceived(header, buffer)
        }
    }

    private func fill(_ bytes: UnsafeMutableRawBufferPointer, from descriptor: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = recv(descriptor, bytes.baseAddress! + done, bytes.count - done, Int32(MSG_WAITALL))
            if count > 0 {
                done += count
            } else if count == 0 {
                return false
            } else if errno == EAGAIN {
                if isForsaken() { return false }
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
