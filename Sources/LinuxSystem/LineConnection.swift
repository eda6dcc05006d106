import CLinux
import Dispatch
import Glibc
import Synchronization

/// Lines in both directions over a connected stream socket, without a thread and without ever waiting.
/// The connection closes on `close`, at the other side's end, on an error, and when nobody holds it or iterates
/// over its lines any more (a cancelled iteration included).
public final class LineConnection: Sendable {
    /// Bytes that may wait to be sent.
    public static let longestOutgoingQueue = 4 << 20
    /// Lines that may wait to be read, and the bytes of all of them; a peer that sends more is cut off.
    public static let longestIncomingQueue = 4096
    public static let largestIncomingQueue = 4 << 20

    /// What arrives, without the newline; to be iterated over once. Finishes at the end of the stream, throws
    /// when the connection fails or the other side breaks the rules.
    public let lines: IncomingLines
    /// Nil when the socket does not say.
    public let peer: PeerCredentials?
    private let core: LineConnectionCore

    /// - Parameters:
    ///   - descriptor: a connected stream socket, owned by the connection from now on.
    ///   - maximumLine: bytes; a longer line ends the connection with an error.
    public init(descriptor: Int32, maximumLine: Int = 1 << 20) {
        _ = clinux_set_blocking(descriptor, 0)
        peer = try? PeerCredentials(descriptor: descriptor)
        let (lines, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.longestIncomingQueue))
        let backlog = Backlog()
        let core = LineConnectionCore(
            descriptor: descriptor, maximumLine: maximumLine, continuation: continuation, backlog: backlog)
        continuation.onTermination = { _ in core.close(error: nil) }
        self.lines = IncomingLines(stream: lines, backlog: backlog)
        self.core = core
        core.start()
    }

    public static func connect(path: String, maximumLine: Int = 1 << 20) throws -> LineConnection {
        LineConnection(descriptor: try connectNonBlocking(path: path).take(), maximumLine: maximumLine)
    }

    /// Sends a line (a newline is added) or queues it. Never waits.
    /// - Throws: `SystemError` when the connection is closed (`ENOTCONN`) or 4 MiB wait already (`ENOBUFS`).
    public func send(_ line: [UInt8]) throws {
        try core.send(line)
    }

    /// Ends the connection at once; what still waits to be sent is lost.
    public func close() {
        core.close(error: nil)
    }
}

/// The lines of a `LineConnection`, which hears of each one that was taken.
public struct IncomingLines: AsyncSequence, Sendable {
    fileprivate let stream: AsyncThrowingStream<[UInt8], any Error>
    fileprivate let backlog: Backlog

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var base: AsyncThrowingStream<[UInt8], any Error>.AsyncIterator
        fileprivate let backlog: Backlog

        public mutating func next() async throws -> [UInt8]? {
            guard let line = try await base.next() else { return nil }
            backlog.remove(line.count)
            return line
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: stream.makeAsyncIterator(), backlog: backlog)
    }
}

/// Bytes that have come in and that nobody has taken yet.
private final class Backlog: Sendable {
    private let bytes = Atomic(0)

    /// - Returns: how many there are now.
    func add(_ count: Int) -> Int { bytes.add(count, ordering: .relaxed).newValue }
    func remove(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }
}

/// Everything behind one lock; the two sources only ring.
private final class LineConnectionCore: Sendable {
    private struct State {
        var descriptor: Int32
        var incoming: [UInt8] = []
        /// How far `incoming` is known to hold no newline.
        var searched = 0
        var outgoing: [UInt8] = []
        var outgoingStart = 0
        var reader: EventSource?
        var writer: EventSource?
        var writerRings = false
        var isClosed = false

        var waiting: Int { outgoing.count - outgoingStart }
    }

    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "venuecast.line-connection")
    private let maximumLine: Int
    private let continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation
    private let backlog: Backlog

    init(
        descriptor: Int32, maximumLine: Int, continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation,
        backlog: Backlog
    ) {
        self.backlog = backlog
        state = Mutex(State(descriptor: descriptor))
        self.maximumLine = maximumLine
        self.continuation = continuation
    }

    func start() {
        state.withLock { state in
            let reader = EventSource(reading: state.descriptor, queue: queue)
            reader.onEvent { self.receive() }
            state.reader = reader
            reader.resume()
        }
    }

    func send(_ line: [UInt8]) throws {
        let failure: SystemError? = state.withLock { state in
            if state.isClosed {
                return SystemError(code: ENOTCONN, operation: "send a line")
            }
            if state.waiting + line.count + 1 > LineConnection.longestOutgoingQueue {
                return SystemError(
                    code: ENOBUFS, operation: "send a line",
                    advice: "\(state.waiting) bytes wait already: the other side does not read.")
            }
            state.outgoing.append(contentsOf: line)
            state.outgoing.append(0x0A)
            return flush(&state)
        }
        if let failure {
            if failure.code != ENOBUFS { close(error: failure) }
            throw failure
        }
    }

    func close(error: (any Error)?) {
        let closing = state.withLock { state -> Bool in
            if state.isClosed { return false }
            state.isClosed = true
            let descriptor = state.descriptor
            // The other side learns of it now, the number is free only when no source watches it any more.
            shutdown(descriptor, Int32(SHUT_RDWR))
            let sources: [EventSource] = [state.reader, state.writer].compactMap { $0 }
            let group = DispatchGroup()
            for source in sources {
                group.enter()
                source.onCancel { group.leave() }
                source.cancel()
            }
            // A suspended source would never come to its cancel handler.
            if let writer = state.writer, !state.writerRings { writer.resume() }
            group.notify(queue: queue) { _ = Glibc.close(descriptor) }
            state.reader = nil
            state.writer = nil
            state.outgoing = []
            state.outgoingStart = 0
            return true
        }
        if closing { continuation.finish(throwing: error) }
    }

    /// Writes what it can and lets the socket ring for the rest.
    private func flush(_ state: inout State) -> SystemError? {
        while state.waiting > 0 {
            let descriptor = state.descriptor
            let start = state.outgoingStart
            let written = state.outgoing.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + start, $0.count - start, Int32(MSG_NOSIGNAL))
            }
            if written >= 0 {
                state.outgoingStart += written
            } else if errno == EAGAIN {
                if state.outgoingStart > 1 << 16 {
                    state.outgoing.removeFirst(state.outgoingStart)
                    state.outgoingStart = 0
                }
                ringWhenWritable(&state)
                return nil
            } else if errno != EINTR {
                return SystemError(code: errno, operation: "send a line")
            }
        }
        state.outgoing.removeAll(keepingCapacity: state.outgoing.capacity <= 1 << 16)
        state.outgoingStart = 0
        if state.writerRings {
            state.writer?.suspend()
            state.writerRings = false
        }
        return nil
    }

    private func ringWhenWritable(_ state: inout State) {
        if state.writerRings { return }
        if state.writer == nil {
            let writer = EventSource(writing: state.descriptor, queue: queue)
            writer.onEvent { self.writeMore() }
            state.writer = writer
        }
        state.writerRings = true
        state.writer?.resume()
    }

    private func writeMore() {
        let failure = state.withLock { $0.isClosed ? nil : flush(&$0) }
        if let failure { close(error: failure) }
    }

    private enum Received {
        case lines([[UInt8]])
        case end([[UInt8]], (any Error)?)
    }

    private func receive() {
        switch state.withLock({ $0.isClosed ? .lines([]) : read(&$0) }) {
        case .lines(let lines):
            deliver(lines)
        case .end(let lines, let error):
            deliver(lines)
            close(error: error)
        }
    }

    private func deliver(_ lines: [[UInt8]]) {
        for line in lines {
            // One line alone is always taken, however long.
            let isTooMuch = backlog.add(line.count) > max(LineConnection.largestIncomingQueue, line.count)
            if isTooMuch {
                return close(error: overflow("\(LineConnection.largestIncomingQueue) bytes"))
            }
            if case .dropped = continuation.yield(line) {
                return close(error: overflow("\(LineConnection.longestIncomingQueue) lines"))
            }
        }
    }

    private func overflow(_ amount: String) -> SystemError {
        SystemError(
            code: ENOBUFS, operation: "take in a line", advice: "\(amount) wait already to be read.")
    }

    private func read(_ state: inout State) -> Received {
        let descriptor = state.descriptor
        var lines: [[UInt8]] = []
        var failure: SystemError?
        var ended = false
        let wanted = 16_384
        // A flood on one connection must not keep its queue for ever; the source rings again.
        for _ in 0..<16 where !ended {
            var count = 0
            let before = state.incoming.count
            state.incoming.append(contentsOf: repeatElement(0, count: wanted))
            count = state.incoming.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + before, wanted)
            }
            let code = errno
            state.incoming.removeLast(wanted - max(count, 0))
            if count < 0, code == EINTR { continue }
            if count < 0, code == EAGAIN { break }
            if count < 0 { failure = SystemError(code: code, operation: "receive a line") }
            ended = count <= 0
            if let tooLong = split(&state, into: &lines) { return .end(lines, tooLong) }
            if count < wanted { break }
        }
        return ended ? .end(lines, failure) : .lines(lines)
    }

    private func split(_ state: inout State, into lines: inout [[UInt8]]) -> SystemError? {
        var start = 0
        while let end = state.incoming[max(start, state.searched)...].firstIndex(of: 0x0A) {
            if end - start > maximumLine { return tooLong() }
            lines.append(Array(state.incoming[start..<end]))
            start = end + 1
            state.searched = start
        }
        state.incoming.removeFirst(start)
        state.searched = state.incoming.count
        return state.incoming.count > maximumLine ? tooLong() : nil
    }

    private func tooLong() -> SystemError {
        SystemError(
            code: EMSGSIZE, operation: "take in a line",
            advice: "It is longer than the \(maximumLine) bytes a line may have.")
    }
}
