import Glibc
import NIOCore
import Synchronization

/// Counts connections by who has them, so that one that opens them without end uses up its own share and nobody else's.
final class ConnectionCensus: Sendable {
    enum Holder: Sendable, Hashable {
        case process(pid_t)
        case address(String)
    }

    private let limit: Int
    private let counts = Mutex<[Holder: Int]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: false when it has its share already.
    func enter(_ holder: Holder) -> Bool {
        counts.withLock { counts in
            guard counts[holder, default: 0] < limit else { return false }
            counts[holder, default: 0] += 1
            return true
        }
    }

    func leave(_ holder: Holder) {
        counts.withLock { counts in
            guard let count = counts[holder] else { return }
            counts[holder] = count > 1 ? count - 1 : nil
        }
    }

    /// Closes what is one too many, and forgets what has ended.
    func admit(_ holder: Holder, _ channel: any Channel) {
        guard enter(holder) else { return channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in self.leave(holder) }
    }
}

/// Closes a connection that its process, or the machine it comes from, may not have.
final class ConnectionCensusHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    private let census: ConnectionCensus

    init(_ census: ConnectionCensus) {
        self.census = census
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        if let address = channel.remoteAddress?.ipAddress {
            census.admit(.address(address), channel)
        } else {
            Peer.credentials(of: channel).whenSuccess { [census] peer in
                if let peer { census.admit(.process(peer.pid), channel) }
            }
        }
        context.fireChannelActive()
    }
}
