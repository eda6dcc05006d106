import Glibc
import NIOCore
import Synchronization

/// Counts connections by process, so that one that opens them without end uses up its own share and nobody else's.
final class ConnectionCensus: Sendable {
    private let limit: Int
    private let counts = Mutex<[pid_t: Int]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: false when the process has its share already.
    func enter(_ pid: pid_t) -> Bool {
        counts.withLock { counts in
            guard counts[pid, default: 0] < limit else { return false }
            counts[pid, default: 0] += 1
            return true
        }
    }

    func leave(_ pid: pid_t) {
        counts.withLock { counts in
            guard let count = counts[pid] else { return }
            counts[pid] = count > 1 ? count - 1 : nil
        }
    }
}

/// Closes a connection that its process may not have.
final class ConnectionCensusHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    private let census: ConnectionCensus

    init(_ census: ConnectionCensus) {
        self.census = census
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        Peer.credentials(of: channel).whenSuccess { [census] peer in
            guard let peer else { return }
            guard census.enter(peer.pid) else { return channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in census.leave(peer.pid) }
        }
        context.fireChannelActive()
    }
}
