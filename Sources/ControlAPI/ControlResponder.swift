import ArchiveAccess
import EventLog
import Hummingbird
import HummingbirdCore
import LinuxSystem
import Logging
import NIOCore
import NIOPosix
import VenuecastModel

/// What Hummingbird hands on with a request.
struct ControlContext: InitializableFromSource, Sendable {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}

/// Answers the requests of one socket: finds the route, holds the role against it, and puts on record what was
/// asked to change.
struct ControlResponder: HTTPResponder {
    let service: any ControlService
    let role: SocketRole
    /// Over the network: nobody is known there but by a token.
    let gate: ArchiveGate?
    let limits: ControlLimits
    let events: EventLog
    let monitor: any MonitorService
    let budget: RefusalBudget
    let logger: Logger

    func respond(to request: Request, context: ControlContext) async throws -> Response {
        guard let gate else { return try await respond(to: request, context, owner: nil) }
        if let owner = gate.owner(request.headers[.authorization]) {
            return try await respond(to: request, context, owner: owner)
        }
        await recordStranger(context.channel.remoteAddress?.ipAddress, request)
        // Its body is not read.
        var response = Response.problem(.noToken)
        response.headers[.wwwAuthenticate] = "Basic realm=\"Venuecast\", charset=\"UTF-8\", Bearer"
        response.headers[.connection] = "close"
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func respond(to request: Request, _ context: ControlContext, owner: String?) async throws -> Response {
        let body: ByteBuffer
        do {
            body = try await read(request, context.channel)
        } catch is NIOTooManyBytesError {
            // The rest of the body is not waited for longer than for any other silence.
            close(context.channel, after: limits.patience)
            var response = Response.problem(.tooLarge(limit: limits.bodySize))
            response.headers[.connection] = "close"
            let caller = await Caller.identify(context.channel, owner: owner)
            await record(request, caller, body: nil, response: response, error: .tooLarge(limit: limits.bodySize))
            return response
        }
        var failure: ControlError?
        var response: Response
        let arrivedAt = UInt64(MonotonicInstant.now.nanoseconds)
        let changes = request.method != .get && request.method != .head
        let caller = changes ? await Caller.identify(context.channel, owner: owner) : nil
        do {
            response = try await answer(request, body, caller, arrivedAt)
        } catch {
            failure = error
            response = .problem(error)
            if error.status == 405 {
                response.headers[.allow] = methods(of: request).map(\.rawValue).joined(separator: ", ")
            }
        }
        await record(request, caller, body: body, response: response, error: failure)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        _ request: Request, _ body: ByteBuffer, _ caller: Caller?, _ arrivedAt: UInt64
    ) async throws(ControlError) -> Response {
        let path = request.uri.path.split(separator: "/")
        let method = request.method == .head ? .get : request.method
        let candidates = Route.all.compactMap { route in route.match(path).map { (route, $0) } }
        guard !candidates.isEmpty else {
            throw ControlError(
                status: 404, code: "unknown-path", title: "No such path",
                detail: "There is nothing at \(request.uri.path).", nextStep: "GET /openapi.json lists what there is.")
        }
        guard let (route, parameters) = candidates.first(where: { $0.0.method == method }) else {
            let allowed = methods(of: request).map(\.rawValue).joined(separator: " or ")
            throw ControlError(
                status: 405, code: "method-not-allowed", title: "Method not allowed",
                detail: "\(request.uri.path) does not take \(request.method.rawValue).", nextStep: "Use \(allowed).")
        }
        guard route.isOn(role) else { throw route.method == .post ? .readOnly : .notHere(request.uri.path) }
        do {
            let call = Call(
                parameters: parameters, body: body, person: caller?.person ?? .unknown, role: role,
                arrivedAt: arrivedAt,
                query: Dictionary(
                    request.uri.queryParameters.map { (String($0.key), String($0.value)) }, uniquingKeysWith: { $1 }),
                headers: request.headers,
                environment: CallEnvironment(events: events, monitor: monitor, limits: limits, logger: logger))
            return try await route.answer(service, call)
        } catch let error as ControlError {
            throw error
        } catch {
            logger.error("An answer could not be made", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            throw ControlError(
                status: 500, code: "internal", title: "The daemon could not answer", detail: "\(error)",
                nextStep: "Look into the daemon's log, and report this as a fault.")
        }
    }

    private func isMeasurement(_ request: Request) -> Bool {
        let path = request.uri.path.split(separator: "/")
        return Route.all.contains { $0.isMeasurement && $0.method == request.method && $0.match(path) != nil }
    }

    private func methods(of request: Request) -> [HTTPRequest.Method] {
        let path = request.uri.path.split(separator: "/")
        let methods = Route.all.filter { $0.match(path) != nil }.map(\.method)
        return methods.contains(.get) ? methods + [.head] : methods
    }

    /// The whole body, within the client's time: every byte would otherwise wind Hummingbird's own clock up again.
    private func read(_ request: Request, _ channel: any Channel) async throws -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.bodySize {
            throw NIOTooManyBytesError(maxBytes: limits.bodySize)
        }
        let deadline = close(channel, after: limits.patience)
        defer { deadline.cancel() }
        return try await request.body.collect(upTo: limits.bodySize)
    }

    @discardableResult
    private func close(_ channel: any Channel, after patience: Duration) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: TimeAmount(patience)) { channel.close(promise: nil) }
    }

    /// Who asked for a change, for what, and what came of it. What only reads is not on record.
    private func record(
        _ request: Request, _ caller: Caller?, body: ByteBuffer?, response: Response, error: ControlError?
    ) async {
        guard request.method != .get, request.method != .head else { return }
        if error == nil, isMeasurement(request) { return }
        var metadata: Logger.Metadata = [
            "role": "\(role.rawValue)",
            "method": "\(request.method.rawValue)",
            "path": "\(request.uri.path)",
            "status": "\(response.status.code)",
        ]
        metadata.merge(caller?.metadata ?? Caller.unknown) { $1 }
        if let body, let take = try? TakeRequest(reading: body), request.uri.path.hasSuffix("/take") {
            metadata["input"] = "\(take.input)"
            metadata["force"] = "\(take.force ?? false)"
        }
        if let error {
            metadata["code"] = "\(error.code)"
            logger.warning("Refused: \(error.detail)", metadata: metadata)
        } else {
            logger.notice("Done", metadata: metadata)
        }
        await recordOrder(request, caller, body, error)
    }
}

extension ControlResponder {
    /// The answer waits this long for the record to be on the disk, and no longer.
    private static let recordingDeadline = Duration.milliseconds(500)

    private func recordOrder(_ request: Request, _ caller: Caller?, _ body: ByteBuffer?, _ error: ControlError?) async {
        var draft = Order(path: request.uri.path, body: body).draft
        draft.who = caller?.actor(role)
        if let address = caller?.address { draft.details["from"] = address }
        draft.outcome = error == nil ? .ok : .refused
        if let error {
            guard let withheld = budget.spend(caller?.uid) else { return }
            draft.details["code"] = error.code
            draft.details["reason"] = error.detail
            if withheld > 0 { draft.details["refusedBeforeUnrecorded"] = "\(withheld)" }
        }
        await events.record(draft, within: Self.recordingDeadline)
    }

    /// Somebody without a token, or with a wrong one, which is not told from each other and nowhere written down.
    private func recordStranger(_ address: String?, _ request: Request) async {
        logger.warning("Refused: no valid token", metadata: ["from": "\(address ?? "unknown")"])
        guard request.headers[.authorization] != nil, let withheld = budget.spend(nil) else { return }
        var draft = EventDraft(
            EventKind.order, "archive", outcome: .refused,
            details: ["action": "enter", "code": ControlError.noToken.code, "from": address ?? "unknown"])
        if withheld > 0 { draft.details["refusedBeforeUnrecorded"] = "\(withheld)" }
        events.record(draft)
    }
}

extension ControlError {
    fileprivate static let readOnly = ControlError(
        status: 403, code: "read-only", title: "Read only", detail: "This socket is for reading alone.",
        nextStep: "Ask on control.sock, as a member of its group.")

    fileprivate static func notHere(_ path: String) -> ControlError {
        ControlError(
            status: 403, code: "not-on-this-socket", title: "Not on this socket",
            detail: "\(path) is not for this socket.",
            nextStep: "Files of recordings are on archive.sock, everything else is on control.sock.")
    }

    fileprivate static let noToken = ControlError(
        status: 401, code: "no-token", title: "Who are you?", detail: "There is no valid token in the request.",
        nextStep: "Send the one that you were given: Authorization: Bearer TOKEN, or as the password in a browser.",
        detailZh: "请求中没有有效的令牌。", nextStepZh: "请使用分配给您的令牌：Authorization: Bearer TOKEN，或在浏览器中作为密码输入。")

    fileprivate static func tooLarge(limit: Int) -> ControlError {
        ControlError(
            status: 413, code: "too-large", title: "The request is too large",
            detail: "A request's body may have \(limit) bytes.", nextStep: "Send only what /openapi.json describes.")
    }
}
