import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import VenuecastModel

/// Asks the daemon, over its Unix socket or over the network; a connection for each question.
public struct ControlClient: Sendable {
    /// The socket's path, or the address; what complaints name.
    public let socket: String
    let remote: RemoteArchive?
    /// From the call to the last byte of the answer.
    public let timeout: Duration

    public init(socket: String, timeout: Duration = .seconds(5)) {
        self.socket = socket
        self.timeout = timeout
        remote = nil
    }

    public init(_ remote: RemoteArchive, timeout: Duration = .seconds(30)) {
        socket = remote.url
        self.timeout = timeout
        self.remote = remote
    }

    /// An answer as it came: any status.
    public struct Answer: Sendable, Equatable {
        public var status: Int
        /// Names in lower case.
        public var headers: [String: String]
        public var body: Data
    }

    public func status() async throws -> ActivityStatus {
        try await get("/v1/status")
    }

    public func workers() async throws -> [WorkerStatus] {
        try await get("/v1/workers")
    }

    /// - Throws: ControlError as the daemon says it, ControlClientError when it says nothing.
    public func get<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) async throws -> Value {
        try decode(type, from: await data(get: path))
    }

    /// The body of an answer that is no error.
    public func data(get path: String) async throws -> Data {
        try checked(await exchange(.GET, path))
    }

    @discardableResult
    public func post(_ path: String, body: (any Encodable & Sendable)? = nil) async throws -> Data {
        try checked(await exchange(.POST, path, body: body.map { try VenuecastJSON.encode($0) } ?? Data()))
    }

    public func post<Value: Decodable>(
        _ path: String, body: (any Encodable & Sendable)? = nil, as type: Value.Type
    ) async throws -> Value {
        try decode(type, from: await post(path, body: body))
    }

    /// A body that is not JSON.
    public func post(_ path: String, raw: Data) async throws -> Data {
        try checked(await exchange(.POST, path, body: raw))
    }

    public func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        do {
            return try VenuecastJSON.decode(type, from: data)
        } catch {
            throw ControlClientError.notUnderstood(path: socket, detail: "\(error)")
        }
    }

    /// One question and its answer, whatever it is.
    public func exchange(_ method: HTTPMethod, _ path: String, body: Data = Data()) async throws -> Answer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Answer.self)
        let deadline = loop.scheduleTask(in: TimeAmount(timeout)) {
            promise.fail(ControlClientError.timedOut(path: socket, after: timeout))
        }
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: path)
        head.headers = ["host": host, "connection": "close", "accept": "application/json"]
        head.headers.add(contentsOf: credentials)
        if method == .POST || !body.isEmpty {
            head.headers.add(name: "content-type", value: "application/json")
            head.headers.add(name: "content-length", value: "\(body.count)")
        }
        let connecting = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(timeout))
            .channelInitializer { [head, socket, remote] channel in
                channel.eventLoop.makeCompletedFuture {
                    try remote?.addTLS(to: channel)
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(
                        ExchangeHandler(
                            head: head, body: ByteBuffer(bytes: body), socket: socket, remote: remote, promise: promise)
                    )
                }
            }
            .connect(to: self)
        connecting.whenFailure { promise.fail(explain($0)) }
        // Whatever the outcome, nothing is left behind: a late connection is closed as soon as it is there.
        promise.futureResult.whenComplete { _ in
            deadline.cancel()
            connecting.whenSuccess { $0.close(promise: nil) }
        }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }

    /// For the header of that name.
    var host: String { remote?.authority ?? "localhost" }
    var credentials: HTTPHeaders { remote.map { ["authorization": "Bearer \($0.token)"] } ?? [:] }

    func explain(_ error: any Error) -> ControlClientError {
        if let remote { return remote.explain(error, timeout) }
        return explainSocket(error)
    }

    private func explainSocket(_ error: any Error) -> ControlClientError {
        switch error {
        case let error as IOError where [ENOENT, ECONNREFUSED, ENOTSOCK, ENOTDIR].contains(error.errnoCode):
            .noDaemon(path: socket)
        case let error as IOError where [EACCES, EPERM].contains(error.errnoCode):
            .notPermitted(path: socket)
        case is SocketAddressError:
            // A path too long for a socket: nobody can listen there.
            .noDaemon(path: socket)
        case is ChannelError:
            .timedOut(path: socket, after: timeout)
        default:
            .notUnderstood(path: socket, detail: "\(error)")
        }
    }

    func checked(_ answer: Answer) throws -> Data {
        if (200...299).contains(answer.status) { return answer.body }
        if answer.headers["content-type"]?.hasPrefix("application/problem+json") == true {
            throw try decode(ControlError.self, from: answer.body)
        }
        throw ControlClientError.notUnderstood(path: socket, detail: "HTTP status \(answer.status) without a reason")
    }
}
