import Foundation
import NIOCore
import NIOHTTP1

/// Sends one request and gathers its answer.
final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// Bytes of an answer; the longest of the daemon's is a hundredth of it.
    private static let limit = 16 << 20

    private let head: HTTPRequestHead
    private let body: ByteBuffer
    private let socket: String
    private let remote: RemoteArchive?
    private let promise: EventLoopPromise<ControlClient.Answer>
    private var answer = ControlClient.Answer(status: 0, headers: [:], body: Data())

    init(
        head: HTTPRequestHead, body: ByteBuffer, socket: String, remote: RemoteArchive?,
        promise: EventLoopPromise<ControlClient.Answer>
    ) {
        self.remote = remote
        self.head = head
        self.body = body
        self.socket = socket
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            answer.status = Int(head.status.code)
            for (name, value) in head.headers { answer.headers[name.lowercased()] = value }
        case .body(let part):
            answer.body.append(contentsOf: part.readableBytesView)
            if answer.body.count > Self.limit {
                fail(context, .notUnderstood(path: socket, detail: "more than \(Self.limit) bytes came"))
            }
        case .end:
            promise.succeed(answer)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ControlClientError.brokenOff(path: socket))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let refusal = remote?.refusal(error) { return fail(context, refusal) }
        let failure: ControlClientError =
            error is IOError ? .brokenOff(path: socket) : .notUnderstood(path: socket, detail: "\(error)")
        fail(context, failure)
    }

    private func fail(_ context: ChannelHandlerContext, _ error: ControlClientError) {
        promise.fail(error)
        context.close(promise: nil)
    }
}
