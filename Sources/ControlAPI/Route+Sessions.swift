import Hummingbird
import VenuecastModel

extension Route {
    static let sessionReads: [Route] = [
        Route(method: .get, path: "/v1/sessions") { service, _ in try .json(await service.sessions()) },
        Route(method: .get, path: "/v1/sessions/{id}") { service, call in
            try .json(await session(call.parameters["id"] ?? "", of: service))
        },
        Route(method: .get, path: "/v1/rundown") { service, _ in try .json(await service.rundown()) },
    ]

    static let sessionActions: [Route] = [
        Route(method: .post, path: "/v1/sessions/{id}/start") { service, call in
            let id = call.parameters["id"] ?? ""
            try await service.order(
                .startSession(id), by: call.person, terms: try OrderTerms(reading: call.body), pressedAt: call.arrivedAt
            )
            return try .json(await session(id, of: service))
        },
        Route(method: .post, path: "/v1/sessions/{id}/end") { service, call in
            let id = call.parameters["id"] ?? ""
            try await service.order(
                .endSession(id), by: call.person, terms: try OrderTerms(reading: call.body), pressedAt: call.arrivedAt)
            return try .json(await session(id, of: service))
        },
        report("/v1/reports/next") { _ in .nextReport },
        report("/v1/reports/end") { _ in .endReport },
        report("/v1/reports/undo") { _ in .undo },
        report("/v1/reports/{n}/start") { call throws(ControlError) in .startReport(try number(call)) },
        Route(method: .post, path: "/v1/reports/{n}/amend") { service, call in
            let amendment = try ReportAmendment(reading: call.body)
            try await service.order(
                .amendReport(try number(call), amendment), by: call.person, terms: OrderTerms(),
                pressedAt: call.arrivedAt)
            return try .json(await service.sessions())
        },
        Route(method: .post, path: "/v1/markers") { service, call in
            let mark = try MarkRequest(reading: call.body)
            try await service.order(.mark(mark.text), by: call.person, terms: OrderTerms(), pressedAt: call.arrivedAt)
            return try .json(await current(service))
        },
        rundown("/v1/rundown", isNew: false), rundown("/v1/rundown/new", isNew: true),
    ]

    /// A press; answered with the session as it then is.
    private static func report(
        _ path: String, _ order: @escaping @Sendable (Call) throws(ControlError) -> SessionOrder
    ) -> Route {
        Route(method: .post, path: path) { service, call in
            try await service.order(
                try order(call), by: call.person, terms: try OrderTerms(reading: call.body), pressedAt: call.arrivedAt)
            return try .json(await current(service))
        }
    }

    /// The file as it is, whatever its encoding.
    private static func rundown(_ path: String, isNew: Bool) -> Route {
        Route(method: .post, path: path) { service, call in
            try await service.order(
                .loadRundown(csv: Array(call.body.readableBytesView), isNew: isNew), by: call.person,
                terms: OrderTerms(), pressedAt: call.arrivedAt)
            return try .json(await service.rundown())
        }
    }

    private static func current(_ service: any ControlService) async throws(ControlError) -> SessionStatus {
        if let session = await service.status().session { return session }
        throw ControlError(
            status: 409, code: "no-session", title: "No session runs",
            detail: "The order was carried out, and the session has ended meanwhile.", nextStep: "See /v1/sessions.")
    }

    private static func session(_ id: String, of service: any ControlService) async throws(ControlError)
        -> SessionSummary
    {
        let sessions = await service.sessions()
        if let session = sessions.first(where: { $0.id == id }) { return session }
        throw ControlError(
            status: 404, code: "unknown-session", title: "No such session", detail: "There is no session \"\(id)\".",
            nextStep: sessions.isEmpty
                ? "Load a rundown first." : "The sessions are: \(sessions.map(\.id).joined(separator: ", ")).")
    }

    private static func number(_ call: Call) throws(ControlError) -> Int {
        let text = call.parameters["n"] ?? ""
        if let number = Int(text), number > 0 { return number }
        throw ControlError(
            status: 400, code: "bad-request", title: "Not a report's number",
            detail: "\"\(text)\" is no report's number.", nextStep: "Use one of GET /v1/rundown.")
    }
}

extension OrderTerms {
    static let example =
        #"Send nothing, or {"seen": 7} with the revision that was seen, or {"yes": true} to insist."#

    init(reading body: ByteBuffer) throws(ControlError) {
        let form = RequestBody<OrderTerms>(keys: ["seen": "a whole number", "yes": "a boolean"], example: Self.example)
        self = try form.read(body) ?? OrderTerms()
    }
}

extension ReportAmendment {
    init(reading body: ByteBuffer) throws(ControlError) {
        let form = RequestBody<ReportAmendment>(
            keys: ["in": "a string", "out": "a string", "session": "a string", "attempt": "a whole number"],
            example: #"Send {"in": "14:03:10:05", "out": "14:12:59:20"}, or one of them."#)
        guard let request = try form.read(body) else { throw form.refusal("The request has no body.") }
        self = request
    }
}

extension MarkRequest {
    init(reading body: ByteBuffer) throws(ControlError) {
        let form = RequestBody<MarkRequest>(
            keys: ["text": "a string"], required: ["text"], example: #"Send {"text": "applause"}."#)
        guard let request = try form.read(body) else { throw form.refusal("The request has no body.") }
        self = request
    }
}
