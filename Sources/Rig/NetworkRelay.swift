import Foundation
import Glibc
import LinuxSystem
import Synchronization

/// A bad network between two ends of a UDP protocol on this machine: what comes to `front` goes to `target`, and answers go
/// back. The same seed loses the same packets.
public final class NetworkRelay: Sendable {
    /// What is inflicted, on each way.
    public struct Faults: Sendable, Equatable {
        public var delayMs: Double
        public var lossPercent: Double
        /// Added to each packet's delay, evenly between 0 and this; later packets may overtake.
        public var jitterMs: Double
        /// So many packets are held back by another delay of `reorderMs`.
        public var reorderPercent: Double
        public var reorderMs: Double
        /// Of the way from `target` to the client; 0: as fast as can be. What does not fit into 100 ms of it is lost.
        public var rateKbps: Int
        /// Nothing passes for so long, from `blackoutAfter` on.
        public var blackoutSeconds: Double
        public var blackoutAfterSeconds: Double

        public init(
            delayMs: Double = 0, lossPercent: Double = 0, jitterMs: Double = 0, reorderPercent: Double = 0,
            reorderMs: Double = 10, rateKbps: Int = 0, blackoutSeconds: Double = 0, blackoutAfterSeconds: Double = 0
        ) {
            self.delayMs = delayMs
            self.lossPercent = lossPercent
            self.jitterMs = jitterMs
            self.reorderPercent = reorderPercent
            self.reorderMs = reorderMs
            self.rateKbps = rateKbps
            self.blackoutSeconds = blackoutSeconds
            self.blackoutAfterSeconds = blackoutAfterSeconds
        }
    }

    /// What has passed towards the client, and what was lost of it.
    public struct Counts: Sendable {
        public var packets = 0
        public var lost = 0
        public var overtaken = 0
        public var lossPercent: Double { packets == 0 ? 0 : Double(lost) * 100 / Double(packets) }
    }

    private struct State {
        var counts = Counts()
        var isStopped = false
    }

    public let faults: Faults
    private let state = Mutex(State())

    /// Runs until `stop`, or until it is let go.
    public init(front: Int, target: Int, faults: Faults, seed: UInt64) throws {
        self.faults = faults
        let client = try Self.socket(bindTo: front)
        let server = try Self.socket(bindTo: 0)
        Thread.detachNewThread { [weak self] in
            var line = Line(faults: faults, dice: Dice(seed), client: client, server: server, target: target)
            defer {
                close(client)
                close(server)
            }
            while let self, !self.state.withLock({ $0.isStopped }) {
                let counts = line.turn()
                self.state.withLock { $0.counts = counts }
            }
        }
    }

    deinit { stop() }

    public func stop() { state.withLock { $0.isStopped = true } }

    public var counts: Counts { state.withLock { $0.counts } }

    private static func socket(bindTo port: Int) throws -> Int32 {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var size: Int32 = 4 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        let outcome = withAddress(port) { bind(descriptor, $0, $1) }
        guard outcome == 0 else {
            close(descriptor)
            throw RigError("the relay cannot bind port \(port): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    fileprivate static func withAddress<Result>(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// The same numbers in every run.
public struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(_ seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func percent() -> Double { Double.random(in: 0..<100, using: &self) }
}

/// The relay's own thread: everything that it knows.
private struct Line {
    private struct Packet {
        var due: Int64
        var number: UInt64
        var bytes: [UInt8]
        var toClient: Bool
    }

    let faults: NetworkRelay.Faults
    var dice: Dice
    let client: Int32
    let server: Int32
    let target: Int
    /// Who called last.
    private var caller: sockaddr_in?
    private var startedAt: Int64?
    /// By when they are due.
    private var waiting: [Packet] = []
    private var number: UInt64 = 0
    private var lastSent: UInt64 = 0
    /// When the rate allows the next packet.
    private var freeAt: Int64 = 0
    private var counts = NetworkRelay.Counts()
    private var buffer = [UInt8](repeating: 0, count: 2048)

    init(faults: NetworkRelay.Faults, dice: Dice, client: Int32, server: Int32, target: Int) {
        self.faults = faults
        self.dice = dice
        self.client = client
        self.server = server
        self.target = target
    }

    /// Waits for the next packet, or for the time of one that waits, and passes on what is due.
    mutating func turn() -> NetworkRelay.Counts {
        let now = MonotonicInstant.now.nanoseconds
        let wait = waiting.first.map { max(0, min(100, ($0.due - now + 999_999) / 1_000_000)) } ?? 100
        var sockets = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        poll(&sockets, 2, Int32(wait))
        if sockets[0].revents != 0 { receive(fromClient: true) }
        if sockets[1].revents != 0 { receive(fromClient: false) }
        send(MonotonicInstant.now.nanoseconds)
        return counts
    }

    private mutating func receive(fromClient: Bool) {
        // All there is: one packet a turn would not keep up with a burst.
        for _ in 0..<64 {
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(fromClient ? client : server, &buffer, buffer.count, Int32(MSG_DONTWAIT), $0, &length)
                }
            }
            guard count > 0 else { return }
            if fromClient { caller = address }
            take(Array(buffer[..<count]), toClient: !fromClient, MonotonicInstant.now.nanoseconds)
        }
    }

    private mutating func take(_ bytes: [UInt8], toClient: Bool, _ now: Int64) {
        startedAt = startedAt ?? now
        if toClient { counts.packets += 1 }
        let elapsed = Double(now - (startedAt ?? now)) / 1e9
        let isBlackout =
            elapsed >= faults.blackoutAfterSeconds && elapsed < faults.blackoutAfterSeconds + faults.blackoutSeconds
        guard !isBlackout, dice.percent() >= faults.lossPercent else {
            if toClient { counts.lost += 1 }
            return
        }
        var delayMs = faults.delayMs
        if faults.jitterMs > 0 { delayMs += Double.random(in: 0..<faults.jitterMs, using: &dice) }
        if faults.reorderPercent > 0, dice.percent() < faults.reorderPercent { delayMs += faults.reorderMs }
        var start = now
        if toClient, faults.rateKbps > 0 {
            start = max(now, freeAt)
            guard start - now < 100_000_000 else {
                counts.lost += 1
                return
            }
            freeAt = start + Int64(Double(bytes.count + 28) * 8e6 / Double(faults.rateKbps))
        }
        number += 1
        let packet = Packet(due: start + Int64(delayMs * 1e6), number: number, bytes: bytes, toClient: toClient)
        let place = waiting.lastIndex { $0.due <= packet.due }.map { $0 + 1 } ?? 0
        waiting.insert(packet, at: place)
    }

    private mutating func send(_ now: Int64) {
        var sent = 0
        for packet in waiting {
            guard packet.due <= now else { break }
            sent += 1
            if packet.toClient {
                if packet.number < lastSent { counts.overtaken += 1 }
                lastSent = max(lastSent, packet.number)
                guard var caller else { continue }
                withUnsafePointer(to: &caller) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                        _ = sendto(
                            client, packet.bytes, packet.bytes.count, 0, address,
                            socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
            } else {
                NetworkRelay.withAddress(target) { address, length in
                    _ = sendto(server, packet.bytes, packet.bytes.count, 0, address, length)
                }
            }
        }
        if sent > 0 { waiting.removeFirst(sent) }
    }
}
