import CLinux
import GStreamer
import Glibc
import LinuxSystem
import Synchronization

/// Serves one stream of media to any number of readers on a Unix socket. Each reader has a queue of its own, bounded
/// in bytes; a slow one loses media, and nobody waits for it.
///
/// The socket exists while there is media: `open` makes it, `close` takes it away and ends every reader, which is
/// how readers learn at once that the media has ended.
///
/// One thread lets readers in and writes to all of them. It needs nothing that could be short later: dispatch, which
/// cannot start a thread when memory is short, lost a feed's callers for ever.
final class FeedServer: Sendable {
    private struct Reader {
        let descriptor: Int32
        var queue: FeedQueue<FeedMessage>
        /// The message being written, and how much of it is out.
        var current: (header: [UInt8], message: FeedMessage, written: Int)?
        /// More than the latest message waits.
        var isBehind: Bool { current != nil || queue.count > 1 }
    }

    private struct State {
        var listener: ListeningSocket?
        var caps: FeedMessage?
        var readers: [Int32: Reader] = [:]
        var isOpen = false
        var dropped: UInt64 = 0
    }

    let path: String
    private let instance: String
    private let policy: FeedQueue<FeedMessage>.Policy
    private let limitBytes: Int
    private let state = Mutex(State())
    private let wake: Int32

    /// - Parameters:
    ///   - limitBytes: what may wait for one reader.
    ///   - urgent: written before anything else on this machine is computed; not for raw pictures.
    init(
        path: String, instance: String, policy: FeedQueue<FeedMessage>.Policy, limitBytes: Int, urgent: Bool = false
    ) {
        self.path = path
        self.instance = instance
        self.policy = policy
        self.limitBytes = limitBytes
        wake = clinux_eventfd()
        MediaThread.start("feed-writer", urgent: urgent) { [wake, weak self] in
            FeedServer.writeLoop(wake) { self }
        }
    }

    deinit {
        // The writer holds no reference while it waits: it sees the server gone and closes the wake descriptor.
        for descriptor in state.withLock({ Array($0.readers.keys) }) { Glibc.close(descriptor) }
        Self.signal(wake)
    }

    var isOpen: Bool { state.withLock { $0.isOpen } }
    var readerCount: Int { state.withLock { $0.readers.count } }
    var droppedMessages: UInt64 { state.withLock { $0.dropped } }

    /// Makes the socket appear. Does nothing when it is there already.
    func open(caps: String) throws {
        let message = FeedMessage(caps: caps)
        let isNew = state.withLock { state in
            defer { state.isOpen = true }
            state.caps = message
            return !state.isOpen
        }
        guard isNew else { return }
        do {
            let listener = try ListeningSocket.bind(path: path, temporarySuffix: ".\(instance.prefix(8))")
            state.withLock { $0.listener = listener }
            Self.signal(wake)
        } catch {
            state.withLock { $0.isOpen = false }
            throw error
        }
    }

    func send(_ buffer: Buffer, flags: FeedHeader.Flags, pts: UInt64, duration: UInt64, sentAt: UInt64) {
        let header = FeedHeader(
            flags: flags, payloadSize: buffer.size, pts: pts, duration: duration, sentAt: sentAt)
        let message = FeedMessage(header: header, payload: .buffer(buffer))
        let size = FeedHeader.size + header.payloadSize
        let any = state.withLock { state in
            for key in state.readers.keys {
                state.readers[key]!.queue.enqueue(message, size: size, isKey: flags.contains(.key))
                // Somebody is late: what is held beyond the usual must not stay with the source's pool for ever.
                if state.readers[key]!.isBehind { buffer.leavePool() }
            }
            return !state.readers.isEmpty
        }
        if any { Self.signal(wake) }
    }

    /// Ends every reader and takes the socket away; `open` may follow.
    func close() {
        let listener = state.withLock { state in
            state.isOpen = false
            // The writer owns the descriptors: it closes them, so that no number is used twice under it.
            for key in state.readers.keys { shutdown(key, Int32(SHUT_RDWR)) }
            let listener = state.listener
            state.listener = nil
            return listener
        }
        listener?.withdraw()
        Self.signal(wake)
    }

    private static func signal(_ wake: Int32) {
        var one: UInt64 = 1
        _ = Glibc.write(wake, &one, 8)
    }
}

// MARK: - The writing thread

extension FeedServer {
    private static func writeLoop(_ wake: Int32, _ server: () -> FeedServer?) {
        var blocked: [Int32] = []
        // Held while it is waited for, so that its number stays its own.
        var listener: ListeningSocket?
        var isShort = false
        while true {
            var waits = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
            if let listener { waits.append(pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)) }
            waits += blocked.map { pollfd(fd: $0, events: Int16(POLLOUT), revents: 0) }
            // A reader that leaves while nothing is sent is noticed within this time; a caller that could not be let
            // in is tried again.
            poll(&waits, nfds_t(waits.count), isShort ? 100 : 1000)
            var count: UInt64 = 0
            _ = read(wake, &count, 8)
            guard let server = server() else {
                Glibc.close(wake)
                return
            }
            listener = server.listener
            isShort = !server.admitAll(from: listener)
            if isShort { listener = nil }
            blocked = server.writeAll()
        }
    }

    private var listener: ListeningSocket? { state.withLock { $0.listener } }

    /// Lets in who waits; false where somebody could not be let in, and waiting for callers would only turn in a circle.
    private func admitAll(from listener: ListeningSocket?) -> Bool {
        while let listener {
            switch listener.accept() {
            case .admitted(let descriptor): add(descriptor, from: listener)
            case .nobody: return true
            case .failed: return false
            }
        }
        return true
    }

    private func add(_ descriptor: Int32, from listener: ListeningSocket) {
        state.withLock { state in
            // It may have been closed, and opened again, since somebody called.
            guard state.listener === listener, let caps = state.caps else {
                Glibc.close(descriptor)
                return
            }
            var reader = Reader(
                descriptor: descriptor, queue: FeedQueue(policy: policy, limitBytes: limitBytes))
            reader.queue.enqueue(caps, size: caps.size, isKey: true, always: true)
            state.readers[descriptor] = reader
        }
    }

    /// Writes what can be written without waiting; returns who would have to be waited for.
    private func writeAll() -> [Int32] {
        var blocked: [Int32] = []
        for descriptor in state.withLock({ state in
            if !state.isOpen, !state.readers.isEmpty {
                for key in state.readers.keys { Glibc.close(key) }
                state.readers.removeAll()
            }
            return Array(state.readers.keys)
        }) {
            switch writeReader(descriptor) {
            case .idle: break
            case .blocked: blocked.append(descriptor)
            case .gone:
                state.withLock { state in
                    if let reader = state.readers.removeValue(forKey: descriptor) {
                        state.dropped += reader.queue.droppedMessages
                    }
                    Glibc.close(descriptor)
                }
            }
        }
        return blocked
    }

    private enum WriteOutcome { case idle, blocked, gone }

    private func writeReader(_ descriptor: Int32) -> WriteOutcome {
        while true {
            // The queue is locked only to take the next message, never while writing.
            let taken = state.withLock { state -> (header: [UInt8], message: FeedMessage, written: Int)? in
                if let current = state.readers[descriptor]?.current {
                    state.readers[descriptor]?.current = nil
                    return current
                }
                guard let (message, discontinuity) = state.readers[descriptor]?.queue.next() else { return nil }
                return (message.header(discontinuity: discontinuity), message, 0)
            }
            guard var taken else { return Self.isAlive(descriptor) ? .idle : .gone }
            switch Self.write(&taken, to: descriptor) {
            case .idle: continue
            case .blocked:
                state.withLock { $0.readers[descriptor]?.current = taken }
                return .blocked
            case .gone: return .gone
            }
        }
    }

    private static func write(
        _ taken: inout (header: [UInt8], message: FeedMessage, written: Int), to descriptor: Int32
    ) -> WriteOutcome {
        let total = taken.header.count + taken.message.payloadSize
        while taken.written < total {
            let (written, header) = (taken.written, taken.header)
            let outcome = taken.message.withPayload { payload in
                header.withUnsafeBytes { header -> Int in
                    let pieces = [
                        UnsafeRawBufferPointer(rebasing: header.dropFirst(written)),
                        UnsafeRawBufferPointer(rebasing: payload.dropFirst(max(0, written - header.count))),
                    ]
                    var vectors = pieces.filter { !$0.isEmpty }.map {
                        iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
                    }
                    var message = msghdr()
                    return vectors.withUnsafeMutableBufferPointer { vectors in
                        message.msg_iov = vectors.baseAddress
                        message.msg_iovlen = vectors.count
                        return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                    }
                }
            }
            if outcome >= 0 {
                taken.written += outcome
            } else if errno == EAGAIN {
                return .blocked
            } else if errno != EINTR {
                return .gone
            }
        }
        return .idle
    }

    private static func isAlive(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT))
        return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
    }
}
