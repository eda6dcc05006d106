import Hummingbird
import VenuecastModel

/// How late a venue is: what a receiver says, and what was.
extension Route {
    static let latency: [Route] = [
        Route(method: .post, path: "/v1/venues/{id}/report", isMeasurement: true) { service, call in
            let id = call.parameters["id"] ?? ""
            try await service.report(id, try ReceiverReport(reading: call.body))
            return try .json(await service.status().venues.first { $0.id == id }?.latency ?? LatencyStatus())
        },
        Route(method: .get, path: "/v1/venues/{id}/history") { _, call in
            let query = try HistoryQuery(call.query)
            return try .json(await call.environment.monitor.history(call.parameters["id"] ?? "", query))
        },
    ]
}

extension ReceiverReport {
    /// Beyond these somebody's clock is another one: a day.
    private static let latencies = -86_400_000.0...86_400_000.0
    /// Seconds. One that looks further back than a report counts for would say nothing of now.
    private static let spans = 0.1...15.0

    init(reading body: ByteBuffer) throws(ControlError) {
        let form = RequestBody<ReceiverReport>(
            keys: [
                "p50Ms": "a number", "p95Ms": "a number", "p99Ms": "a number", "frames": "a number",
                "seconds": "a number", "clock": "an object", "bootID": "a string",
            ], required: ["p50Ms", "p95Ms", "p99Ms", "frames", "seconds", "clock"],
            example: "`venuectl probe URL --report VENUE` sends it as it has to be.")
        guard let report = try form.read(body) else { throw form.refusal("The request has no body.") }
        let figures = [report.p50Ms, report.p95Ms, report.p99Ms]
        guard figures.allSatisfy({ Self.latencies.contains($0) }), figures == figures.sorted() else {
            throw form.refusal("p50Ms, p95Ms and p99Ms are not milliseconds in ascending order.")
        }
        guard report.frames > 0 else { throw form.refusal("The value of \"frames\" is not more than 0.") }
        guard Self.spans.contains(report.seconds) else {
            throw form.refusal("The value of \"seconds\" is not one from 0.1 to 15.")
        }
        // One below 0 would take away from ours.
        guard (report.clock.uncertaintyMs ?? 0) >= 0 else {
            throw form.refusal("The value of \"clock.uncertaintyMs\" is less than 0.")
        }
        self = report
    }
}

extension HistoryQuery {
    /// Strictly: whoever misspells a parameter hears of it.
    init(_ parameters: [String: String]) throws(ControlError) {
        self.init()
        for (name, value) in parameters {
            switch name {
            case "seconds": seconds = try Self.number(name, value, Self.spans)
            case "points": points = try Self.number(name, value, Self.pointCounts)
            default: throw Self.bad("There is no parameter “\(name)”.")
            }
        }
    }

    private static func number(_ name: String, _ value: String, _ range: ClosedRange<Int>) throws(ControlError) -> Int {
        if let number = Int(value), range.contains(number) { return number }
        throw bad("\(name)=\(value) is not a number from \(range.lowerBound) to \(range.upperBound).")
    }

    private static func bad(_ detail: String) -> ControlError {
        ControlError(
            status: 400, code: "bad-request", title: "The request could not be read", detail: detail,
            nextStep: "Ask for /v1/venues/ID/history with seconds=3600 and points=360, or with neither.")
    }
}
