import Foundation
import Testing
import VenuecastModel

@testable import ControlAPI

/// The document against what is served.
@Suite struct OpenAPITests {
    typealias Object = [String: Any]

    private func document() throws -> Object {
        let value = try JSONSerialization.jsonObject(with: Data(OpenAPI.document.utf8))
        return try #require(value as? Object)
    }

    @Test func isServed() async throws {
        try await Stage.run { stage in
            let answer = try await stage.client.exchange(.GET, "/openapi.json")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.body == Data(OpenAPI.document.utf8))
        }
    }

    @Test func hasEachRouteAndNoOther() throws {
        let paths = try #require(try document()["paths"] as? [String: Object])
        var described: Set<String> = []
        for (path, item) in paths {
            for method in item.keys where method != "parameters" { described.insert("\(method.uppercased()) \(path)") }
        }
        #expect(described == Set(Route.all.map { "\($0.method.rawValue) \($0.path)" }))
    }

    @Test func refersOnlyToWhatItHas() throws {
        let schemas = try schemas()
        let references = OpenAPI.document.matches(of: #/"#\/components\/schemas\/(\w+)"/#).map { String($0.1) }
        #expect(!references.isEmpty)
        #expect(Set(references).isSubset(of: Set(schemas.keys)))
    }

    private static var content: ContentStatus {
        var content = ContentStatus()
        content.stream = StreamContentStatus()
        content.stream?.errors = ["PAT_error": 1]
        content.thumbnail = "/v1/program/thumbnail.jpg"
        return content
    }

    @Test func describesWhatIsSent() async throws {
        let service = FakeControl()
        var cases: [(String, any Encodable)] = [
            ("ActivityStatus", await service.status()),
            ("ContentStatus", ContentStatus()),
            ("ContentStatus", Self.content),
            ("Readiness", Readiness(await service.status())),
            ("WorkerStatus", WorkerStatus(id: "link/a", state: "running")),
            ("WorkerStatus", WorkerStatus(id: "link/a", pid: 1, state: "waiting", lastError: "x", nextStartSeconds: 2)),
            (
                "WorkerStatus",
                WorkerStatus(
                    id: "link/a", state: "outdated", abandonedPids: [2],
                    endings: [.init(at: .now, cause: "exited with code 1", lastErrors: ["x"])])
            ),
            ("TakeRequest", TakeRequest(input: "auto", force: true)),
            ("SessionStatus", SessionRouteTests.status),
            ("SessionSummary", SessionRouteTests.summary("S1")),
            ("RundownStatus", RundownStatus(sessions: [SessionRouteTests.summary("S1")])),
            ("RecordingFile", RecordingFile(path: "x", bytes: 1, etag: "x")),
            ("DeliveryReceipt", DeliveryReceipt(delivery: "x", files: 1, bytes: 1, chainXXH64: "x")),
            ("RecordingDetail", SessionRouteTests.recording("S1", isInternal: false)),
            (
                "DeliveryStatus",
                DeliveryStatus.all(
                    [
                        DeliveryMark(
                            at: "2012-11-26T10:00:00Z", by: "x", delivery: "x", to: "/x", files: 1, bytes: 1,
                            chainXXH64: "x")
                    ],
                    [
                        ReceiptMark(
                            at: "2012-11-26T10:00:00Z", uid: nil, user: "x",
                            receipt: DeliveryReceipt(delivery: "x", files: 1, bytes: 1, chainXXH64: "x"))
                    ])[0]
            ),
            ("OrderTerms", OrderTerms(seen: 1, yes: true)),
            ("ReportAmendment", ReportAmendment(in: "x", out: "x", session: "S1", attempt: 1)),
            ("MarkRequest", MarkRequest(text: "x")),
            ("ReloadRequest", ReloadRequest(dryRun: true, file: "/x")),
            (
                "ReloadReport",
                ReloadReport(
                    dryRun: true, file: "/x",
                    changes: [.init(worker: "link/a", change: .restarted, because: ["latencyMs: 1 → 2"])],
                    warnings: ["x"], warningsZh: ["x"])
            ),
            (
                "Event",
                Event(
                    id: 1, time: .now, kind: "order", subject: "venue/a",
                    who: Event.Actor(uid: 0, user: "root", pid: 1, role: "operator"), outcome: .refused,
                    details: ["action": "stop"], hash: String(repeating: "0", count: 64))
            ),
            (
                "AlarmStatus",
                AlarmStatus(
                    id: "A1", severity: .critical, subject: "venue/a", code: "absent", cause: "x", causeZh: "x",
                    action: "x",
                    actionZh: "x", consequences: [.init(subject: "venue/b", text: "x", textZh: "x")], raisedAt: .now,
                    acknowledgedBy: "x", acknowledgedAt: .now)
            ),
            ("VenueHistory", FakeMonitor.history),
            (
                "ReceiverReport",
                ReceiverReport(
                    p50Ms: 1, p95Ms: 2, p99Ms: 3, frames: 1, seconds: 1,
                    clock: ClockStatus(source: "chrony", synchronised: true, uncertaintyMs: 1), bootID: "x")
            ),
            ("AcknowledgeRequest", AcknowledgeRequest(by: "x")),
            ("Event", Event(id: 1, time: .now, kind: "daemon.started", subject: "daemon", hash: "")),
            (
                "Problem",
                Problem(ControlError(status: 404, code: "x", title: "x", detail: "x", nextStep: "x"))
            ),
        ]
        for action in VenueAction.allCases { cases.append(("TakeRequest", TakeRequest(input: action.rawValue))) }
        for (name, value) in cases {
            let json = try JSONSerialization.jsonObject(with: VenuecastJSON.encode(value))
            try check(json, against: ["$ref": "#/components/schemas/\(name)"], at: name)
        }
    }

    @Test func namesEveryState() throws {
        let venue = try #require(try schemas()["VenueStatus"]?["properties"] as? [String: Object])
        let states = try #require(venue["state"]?["enum"] as? [String])
        for state in states { #expect(VenueStatus.State(rawValue: state) != nil) }
        let health = try #require(try schemas()["Health"]?["enum"] as? [String])
        #expect(health == Health.allCases.map(\.rawValue))
    }

    private func schemas() throws -> [String: Object] {
        let components = try #require(try document()["components"] as? Object)
        return try #require(components["schemas"] as? [String: Object])
    }

    /// As much of JSON Schema as the document uses, and stricter: a key that it does not have is an error.
    private func check(_ value: Any, against schema: Object, at place: String) throws {
        if let reference = schema["$ref"] as? String {
            let name = try #require(reference.split(separator: "/").last.map(String.init))
            return try check(value, against: try #require(try schemas()[name]), at: place)
        }
        if let choices = schema["oneOf"] as? [Object] {
            let isNull = value is NSNull
            let fitting = choices.filter { ($0["type"] as? String == "null") == isNull }
            return try check(value, against: try #require(fitting.first), at: place)
        }
        let single = schema["type"] as? String
        let types = try #require(schema["type"] as? [String] ?? single.map { [$0] })
        let type = kind(value, expected: types)
        #expect(types.contains(type), "\(place) is \(type) and not \(types)")
        if let allowed = schema["enum"] as? [Any], let text = value as? String {
            #expect(allowed.contains { $0 as? String == text }, "\(place) is \(text)")
        }
        if let object = value as? Object, let values = schema["additionalProperties"] as? Object {
            for (key, value) in object { try check(value, against: values, at: "\(place).\(key)") }
        }
        if let object = value as? Object, let properties = schema["properties"] as? [String: Object] {
            for (key, value) in object {
                let property = try #require(properties[key], "\(place).\(key) is not described")
                try check(value, against: property, at: "\(place).\(key)")
            }
            for key in (schema["required"] as? [String]) ?? [] {
                #expect(object[key] != nil, "\(place).\(key) is missing")
            }
        }
        if let list = value as? [Any], let items = schema["items"] as? Object {
            for (index, item) in list.enumerated() { try check(item, against: items, at: "\(place)[\(index)]") }
        }
    }

    private func kind(_ value: Any, expected: [String]) -> String {
        switch value {
        case is NSNull: "null"
        case is String: "string"
        case is [Any]: "array"
        case is Object: "object"
        case let number as NSNumber:
            if expected.contains("boolean"), number.doubleValue == 0 || number.doubleValue == 1 {
                "boolean"
            } else if expected.contains("integer"), number.doubleValue == number.doubleValue.rounded() {
                "integer"
            } else {
                "number"
            }
        default: "unknown"
        }
    }
}
