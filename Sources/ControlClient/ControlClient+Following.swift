import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import VenuecastModel

extension ControlClient {
    /// Reads an event stream until it ends or `receive` throws; no faster than it is received.
    /// - Parameter lastEventID: goes on behind that one.
    /// - Throws: ControlError as the daemon says it; ControlClientError when it says nothing for three times `timeout`, or
    ///   breaks off.
    public func follow(
        _ path: String, lastEventID: String? = nil, _ receive: (ServerSentEvent) async throws -> Void
    ) async throws {
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path)
        head.headers = ["host": "localhost", "accept": "text/event-stream"]
        if let lastEventID { head.headers.add(name: "last-event-id", value: lastEventID) }
        let channel: NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
        do {
            channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton.next())
                .connectTimeout(TimeAmount(timeout))
                .connect(unixDomainSocketPath: socket) { [timeout] channel in
                    channel.eventLoop.makeCompletedFuture {
                        // The daemon sends a comment now and then.
                        try channel.pipeline.syncOperations.addHandler(
                            IdleStateHandler(readTimeout: TimeAmount(timeout * 3)))
                        try channel.pipeline.syncOperations.addHandler(SilenceHandler())
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw explain(error)
        }
        let answer = try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(.head(head))
            try await outbound.write(.end(nil))
            return try await read(inbound, receive)
        }
        if let answer { _ = try checked(answer) }
        throw ControlClientError.brokenOff(path: socket)
    }

    /// - Returns: an answer that is no stream.
    private func read(
        _ inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>,
        _ receive: (ServerSentEvent) async throws -> Void
    ) async throws -> Answer? {
        var parser = ServerSentEventParser()
        var answer = Answer(status: 0, headers: [:], body: Data())
        for try await part in inbound {
            switch part {
            case .head(let head):
                answer.status = Int(head.status.code)
                for (name, value) in head.headers { answer.headers[name.lowercased()] = value }
            case .body(let bytes) where answer.status == 200:
                do {
                    for message in try parser.feed(bytes.readableBytesView) { try await receive(message) }
                } catch is ServerSentEventParser.TooLong {
                    throw ControlClientError.notUnderstood(path: socket, detail: "a line without end came")
                }
            case .body(let bytes): answer.body.append(contentsOf: bytes.readableBytesView)
            case .end: return answer.status == 200 ? nil : answer
            }
        }
        return nil
    }
}

/// Closes a connection on which nothing comes any more.
private final class SilenceHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
