import EventLog
import Foundation
import HTTPTypes
import Hummingbird
import LinuxSystem
import ServiceLifecycle
import VenuecastModel

extension Route {
    static let eventReads: [Route] = [
        Route(method: .get, path: "/v1/events") { _, call in
            let events = call.environment.events
            var query = try EventQuery(call.query)
            guard call.headers[.accept]?.contains("text/event-stream") == true else {
                return try .list(await found(query, in: events))
            }
            if let last = call.headers[.lastEventID] {
                guard let id = events.resumption(last) else {
                    throw ControlError.badQuery("The header Last-Event-ID, “\(last)”, is none that was sent.")
                }
                query.since = id
            }
            guard events.followers < call.environment.limits.followers else { throw ControlError.tooManyFollowers }
            return .follow(events, query, heartbeat: call.environment.limits.patience / 3)
        }
    ]

    private static func found(_ query: EventQuery, in events: EventLog) async throws(ControlError) -> [[UInt8]] {
        do {
            return try await events.lines(query)
        } catch {
            throw ControlError(
                status: 503, code: "events-not-read", title: "Older events cannot be read now", detail: "\(error).",
                nextStep: "Ask for the latest ones alone, and look after the disk of the state directory.")
        }
    }
}

extension EventQuery {
    /// Strictly: whoever misspells a parameter hears of it.
    init(_ parameters: [String: String]) throws(ControlError) {
        self.init()
        for (name, value) in parameters {
            switch name {
            case "since":
                guard let id = UInt64(value) else { throw .badQuery("since=\(value) is not the number of an event.") }
                since = id
            case "limit":
                guard let count = Int(value), Self.limits.contains(count) else {
                    throw .badQuery("limit=\(value) is not a number from 1 to \(Self.limits.upperBound).")
                }
                limit = count
            case "subject": subject = value
            case "kind": kind = value
            default: throw .badQuery("There is no parameter “\(name)”.")
            }
        }
    }
}

extension ControlError {
    fileprivate static func badQuery(_ detail: String) -> ControlError {
        ControlError(
            status: 400, code: "bad-request", title: "The request could not be read", detail: detail,
            nextStep: "Ask for /v1/events with any of since=ID, limit=N, subject=venue/jimo, kind=worker.")
    }

    fileprivate static let tooManyFollowers = ControlError(
        status: 503, code: "too-many-followers", title: "Too many follow already",
        detail: "No more readers can follow the events at the same time.",
        nextStep: "End some of those that follow, or ask for a list from time to time.")
}

extension HTTPField.Name {
    fileprivate static let lastEventID = Self("Last-Event-ID")!
}

extension Response {
    fileprivate static func list(_ lines: [[UInt8]]) -> Response {
        .text(
            "[" + lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",\n") + "]",
            type: "application/json")
    }

    /// Server-sent events, until the reader goes, is too slow, or the daemon ends.
    fileprivate static func follow(_ events: EventLog, _ query: EventQuery, heartbeat: Duration) -> Response {
        let body = ResponseBody { writer in
            let follower = EventFollower(events, query)
            let clock = Task {
                while (try? await Task.sleep(for: heartbeat)) != nil { follower.ring() }
            }
            defer { clock.cancel() }
            // At once, so that the reader knows that it is served.
            try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
            var spokenAt = ContinuousClock.now
            try await withGracefulShutdownHandler {
                for await _ in follower.wakes {
                    var isMore = true
                    while isMore {
                        let batch = try await follower.next()
                        isMore = !batch.isEmpty
                        if isMore {
                            try await writer.write(ByteBuffer(string: try batch.map(message).joined()))
                            spokenAt = .now
                        }
                    }
                    if ContinuousClock.now - spokenAt >= heartbeat * 0.9 {
                        try await writer.write(ByteBuffer(string: ": still here\n\n"))
                        spokenAt = .now
                    }
                }
            } onGracefulShutdown: {
                follower.end()
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private static func message(_ event: Event) throws -> String {
        let data = String(decoding: try VenuecastJSON.encode(event), as: UTF8.self)
        return "id: \(EventLog.resumable(event))\nevent: \(event.kind)\ndata: \(data)\n\n"
    }
}
