import EventLog
import HTTPTypes
import Hummingbird
import Logging
import VenuecastModel

/// A request whose body has been read.
struct Call: Sendable {
    var parameters: [String: String] = [:]
    var body = ByteBuffer()
    /// Who asks; known of what changes something.
    var person = Person.unknown
    var role = SocketRole.monitor
    /// When its last byte had come: CLOCK_MONOTONIC, nanoseconds.
    var arrivedAt: UInt64 = 0
    /// What stands behind the path's question mark.
    var query: [String: String] = [:]
    var headers = HTTPFields()
    var environment: CallEnvironment
}

/// What answers need besides the service.
struct CallEnvironment: Sendable {
    let events: EventLog
    let monitor: any MonitorService
    let limits: ControlLimits
    let logger: Logger
}

/// One thing that can be asked.
struct Route: Sendable {
    let method: HTTPRequest.Method
    /// As OpenAPI writes it: `/v1/venues/{id}`.
    let path: String
    /// On whose sockets it is; nil: what reads is on those of operators and of monitoring, what changes on operators' alone.
    var roles: Set<SocketRole>?
    /// Comes every few seconds and asks for nothing: only what is refused of it is on record.
    var isMeasurement = false
    let answer: @Sendable (any ControlService, Call) async throws -> Response

    /// The values of the path's parameters, percent-decoded; nil when the path is another.
    func match(_ path: [Substring]) -> [String: String]? {
        var pattern = self.path.split(separator: "/")
        var path = path
        var parameters: [String: String] = [:]
        // What is left, a file's path.
        if pattern.last == "{path}", path.count >= pattern.count {
            pattern.removeLast()
            let parts = path[pattern.count...].map { String($0).removingPercentEncoding }
            // A slash that was encoded is none that separates: no name has one.
            guard parts.allSatisfy({ $0?.contains("/") == false }) else { return nil }
            parameters["path"] = parts.compactMap { $0 }.joined(separator: "/")
            path = Array(path.prefix(pattern.count))
        }
        guard pattern.count == path.count else { return nil }
        for (expected, given) in zip(pattern, path) {
            if expected.first == "{" {
                guard let value = String(given).removingPercentEncoding, !value.isEmpty else { return nil }
                parameters[String(expected.dropFirst().dropLast())] = value
            } else if expected != given {
                return nil
            }
        }
        return parameters
    }
}

extension Route {
    func isOn(_ role: SocketRole) -> Bool {
        (roles ?? (method == .post ? [.operator] : [.operator, .monitor])).contains(role)
    }

    static let all: [Route] =
        files + reads + thumbnails + latency + eventReads + alarms + sessionReads + sessionActions + recordingReads
        + venueActions
        + programActions
        + daemonActions

    private static let reads: [Route] = [
        Route(method: .get, path: "/v1/status") { service, _ in try .json(await service.status()) },
        Route(method: .get, path: "/v1/venues") { service, _ in try .json(await service.status().venues) },
        Route(method: .get, path: "/v1/venues/{id}") { service, call in
            try .json(await venue(call.parameters["id"] ?? "", of: service))
        },
        Route(method: .get, path: "/v1/program") { service, _ in try .json(await service.status().program) },
        Route(method: .get, path: "/v1/workers") { service, _ in try .json(await service.workers()) },
        Route(method: .get, path: "/metrics", roles: SocketRole.watching) { _, call in
            .text(await call.environment.monitor.metrics(), type: "text/plain; version=0.0.4; charset=utf-8")
        },
        Route(method: .get, path: "/healthz", roles: Set(SocketRole.allCases)) { _, _ in .text("ok\n") },
        Route(method: .get, path: "/readyz", roles: SocketRole.watching) { service, _ in
            let readiness = Readiness(await service.status())
            return try .json(readiness, status: readiness.ready ? .ok : .serviceUnavailable)
        },
        Route(method: .get, path: "/openapi.json", roles: Set(SocketRole.allCases)) { _, _ in
            .text(OpenAPI.document, type: "application/json")
        },
    ]

    private static let venueActions = VenueAction.allCases.map { action in
        Route(method: .post, path: "/v1/venues/{id}/\(action.rawValue)") { service, call in
            let id = call.parameters["id"] ?? ""
            try await service.venue(id, action, terms: try OrderTerms(reading: call.body))
            return try .json(await venue(id, of: service))
        }
    }

    private static let programActions: [Route] = [
        Route(method: .post, path: "/v1/program/take") { service, call in
            let request = try TakeRequest(reading: call.body)
            try await service.program(.take(source: request.input, force: request.force ?? false))
            return try .json(await service.status().program)
        },
        Route(method: .post, path: "/v1/program/mute") { service, _ in
            try await service.program(.mute(true))
            return try .json(await service.status().program)
        },
        Route(method: .post, path: "/v1/program/unmute") { service, _ in
            try await service.program(.mute(false))
            return try .json(await service.status().program)
        },
    ]

    private static let daemonActions: [Route] = [
        Route(method: .post, path: "/v1/workers/{id}/replace") { service, call in
            let id = call.parameters["id"] ?? ""
            try await service.replaceWorker(id, terms: try OrderTerms(reading: call.body))
            return try .json(await service.workers().filter { $0.id == id })
        },
        Route(method: .post, path: "/v1/reload") { service, call in
            try .json(await service.reload(try ReloadRequest(reading: call.body)))
        },
    ]

    private static func venue(_ id: String, of service: any ControlService) async throws(ControlError) -> VenueStatus {
        let venues = await service.status().venues
        if let venue = venues.first(where: { $0.id == id }) { return venue }
        throw .unknownVenue(id, known: venues.map(\.id))
    }
}
