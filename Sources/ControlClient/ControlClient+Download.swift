import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import VenuecastModel

extension ControlClient {
    /// What came before a file's bytes.
    public struct FileHead: Sendable, Equatable {
        /// 200: all of it; 206: from `firstByte` on; 416: there is nothing from there on.
        public var status: Int
        public var etag: String?
        public var firstByte: Int
        /// Of the whole file.
        public var totalBytes: Int?
    }

    /// Gets a file, or the rest of it.
    /// - Parameters:
    ///   - path: percent-encoded.
    ///   - offset: of the first byte wanted.
    ///   - etag: of the content that the bytes before belong to; with another one all of it comes.
    ///   - onHead: called once, before any byte; what it throws ends it.
    ///   - onBytes: called in order, on a thread of the client's; it may wait for a disk.
    /// - Throws: `ControlError` as the daemon says it; `ControlClientError.brokenOff` when less came than was announced, or
    ///   nothing for as long as `timeout`.
    public func download(
        _ path: String, from offset: Int, etag: String?, onHead: @escaping @Sendable (FileHead) throws -> Void,
        onBytes: @escaping @Sendable (ByteBufferView) throws -> Void
    ) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Answer?.self)
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path)
        head.headers = ["host": host, "connection": "close", "accept": "*/*"]
        head.headers.add(contentsOf: credentials)
        if offset > 0, let etag {
            head.headers.add(name: "range", value: "bytes=\(offset)-")
            head.headers.add(name: "if-range", value: etag)
        }
        let connecting = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(timeout))
            .channelInitializer { [head, socket, timeout, remote] channel in
                channel.eventLoop.makeCompletedFuture {
                    try remote?.addTLS(to: channel)
                    try channel.pipeline.syncOperations.addHandler(IdleStateHandler(readTimeout: TimeAmount(timeout)))
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(
                        DownloadHandler(
                            head: head, socket: socket, remote: remote, promise: promise, onHead: onHead,
                            onBytes: onBytes))
                }
            }
            .connect(to: self)
        connecting.whenFailure { promise.fail(explain($0)) }
        promise.futureResult.whenComplete { _ in connecting.whenSuccess { $0.close(promise: nil) } }
        let refusal = try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
        if let refusal { _ = try checked(refusal) }
    }
}

/// Passes a file's bytes on as they come.
private final class DownloadHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private static let refusalLimit = 1 << 20

    private let head: HTTPRequestHead
    private let socket: String
    private let remote: RemoteArchive?
    /// Nil: all of it came; otherwise what came instead of a file.
    private let promise: EventLoopPromise<ControlClient.Answer?>
    private let onHead: @Sendable (ControlClient.FileHead) throws -> Void
    private let onBytes: @Sendable (ByteBufferView) throws -> Void
    private var refusal: ControlClient.Answer?
    private var missing = 0

    init(
        head: HTTPRequestHead, socket: String, remote: RemoteArchive?,
        promise: EventLoopPromise<ControlClient.Answer?>,
        onHead: @escaping @Sendable (ControlClient.FileHead) throws -> Void,
        onBytes: @escaping @Sendable (ByteBufferView) throws -> Void
    ) {
        self.head = head
        self.socket = socket
        self.remote = remote
        self.promise = promise
        self.onHead = onHead
        self.onBytes = onBytes
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            switch unwrapInboundIn(data) {
            case .head(let head): try begin(head)
            case .body(let part):
                if refusal != nil {
                    refusal?.body.append(contentsOf: part.readableBytesView)
                    if (refusal?.body.count ?? 0) > Self.refusalLimit {
                        throw ControlClientError.brokenOff(path: socket)
                    }
                } else {
                    missing -= part.readableBytes
                    try onBytes(part.readableBytesView)
                }
            case .end:
                guard missing == 0 else { throw ControlClientError.brokenOff(path: socket) }
                promise.succeed(refusal)
            }
        } catch {
            fail(context, error)
        }
    }

    private func begin(_ head: HTTPResponseHead) throws {
        let headers = head.headers
        func answer() -> ControlClient.Answer {
            ControlClient.Answer(
                status: Int(head.status.code),
                headers: Dictionary(headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 }),
                body: Data())
        }
        let length = headers.first(name: "content-length").flatMap { Int($0) }
        let range = headers.first(name: "content-range")?.split(whereSeparator: { " -/".contains($0) })
        var file = ControlClient.FileHead(
            status: Int(head.status.code), etag: headers.first(name: "etag"), firstByte: 0, totalBytes: length)
        switch file.status {
        case 200: break
        case 206:
            guard let range, range.count == 4, let first = Int(range[1]), let total = Int(range[3]) else {
                throw ControlClientError.notUnderstood(path: socket, detail: "a part without its place")
            }
            (file.firstByte, file.totalBytes) = (first, total)
        case 416: file.totalBytes = range?.last.flatMap { Int($0) }
        default:
            refusal = answer()
            return
        }
        missing = length ?? 0
        try onHead(file)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ControlClientError.brokenOff(path: socket))
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { fail(context, ControlClientError.brokenOff(path: socket)) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let remote, let refusal = remote.refusal(error) { return fail(context, refusal) }
        let isBroken = error is IOError || error is HTTPParserError || error is NIOSSLError
        fail(context, isBroken ? ControlClientError.brokenOff(path: socket) : error)
    }

    private func fail(_ context: ChannelHandlerContext, _ error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }
}
