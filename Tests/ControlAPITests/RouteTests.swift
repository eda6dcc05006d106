import ControlClient
import Foundation
import Testing
import VenuecastModel

@testable import ControlAPI

/// What is asked and what is answered, over real sockets.
@Suite struct RouteTests {
    @Test func readsBackWhatTheServiceSays() async throws {
        try await Stage.run { stage in
            stage.service.change { $0.workers = [WorkerStatus(id: "link/shinan", pid: 4711, state: "running")] }
            let expected = ActivityStatus.sample()
            let received = try await stage.client.status()
            #expect(received == expected)
            let workers = try await stage.client.workers().map(\.pid)
            #expect(workers == [4711])
            let venues = try await stage.client.get("/v1/venues", as: [VenueStatus].self)
            #expect(venues == expected.venues)
            let jimo = try await stage.client.get("/v1/venues/jimo", as: VenueStatus.self)
            #expect(jimo == expected.venues[7])
            let program = try await stage.client.get("/v1/program", as: ProgramStatus.self)
            #expect(program == expected.program)
        }
    }

    @Test func hasASmallPictureOfWhatGoesOutAndOfEachInput() async throws {
        try await Stage.run { stage in
            for (path, name) in [("program", "program"), ("inputs/camera", "camera")] {
                for socket in [stage.monitor, stage.control] {
                    let answer = try await stage.curl(
                        "--unix-socket", socket, "--output", "-", "http://localhost/v1/\(path)/thumbnail.jpg")
                    #expect(answer.status == 200)
                    #expect(answer.text.contains(name))
                }
            }
            let internalSession = SessionStatus(
                id: "S1", startedAt: .now, startedBy: "li", isInternal: true, venues: ["jimo"], revision: 1, reports: 0,
                given: 0, secondsLeft: 0)
            stage.service.change { $0.status.session = internalSession }
            for path in ["program", "inputs/camera"] {
                for (socket, status) in [(stage.monitor, 403), (stage.control, 200)] {
                    let answer = try await stage.curl(
                        "--unix-socket", socket, "--output", "-", "http://localhost/v1/\(path)/thumbnail.jpg")
                    #expect(answer.status == status, "what an internal session shows is for operators alone")
                }
            }
            let answer = try await stage.client.exchange(.GET, "/v1/program/thumbnail.jpg")
            #expect(answer.headers["content-type"] == "image/jpeg" && answer.body.starts(with: [0xFF, 0xD8, 0xFF]))
            let none = try await stage.client.exchange(.GET, "/v1/inputs/standby/thumbnail.jpg")
            #expect(none.status == 404)
            #expect(String(decoding: none.body, as: UTF8.self).contains("no-thumbnail"))
        }
    }

    @Test func saysUnknownNumbersAsNull() async throws {
        try await Stage.run { stage in
            let answer = try await stage.curl("--unix-socket", stage.monitor, "http://localhost/v1/venues/jimo")
            #expect(answer.status == 200)
            #expect(answer.text.contains(#""rttMs":null"#))
            #expect(answer.text.contains(#""peer":null"#))
        }
    }

    @Test func doesWhatIsPosted() async throws {
        try await Stage.run { stage in
            let client = stage.client
            for action in VenueAction.allCases {
                let venue = try await client.post("/v1/venues/jimo/\(action.rawValue)", as: VenueStatus.self)
                #expect(venue.id == "jimo")
            }
            _ = try await client.post(
                "/v1/program/take", body: TakeRequest(input: "standby", force: true), as: ProgramStatus.self)
            try await client.post("/v1/program/take", body: TakeRequest(input: "slate:holding"))
            try await client.post("/v1/program/mute")
            try await client.post("/v1/program/unmute")
            #expect(
                stage.service.done == [
                    "jimo start", "jimo stop", "jimo restart", "take standby by force", "take slate:holding", "mute",
                    "unmute",
                ])
        }
    }

    @Test func aReceiversReportIsCheckedBeforeItIsBelieved() async throws {
        try await Stage.run { stage in
            func report(seconds: Double = 5, uncertaintyMs: Double? = 2) async throws {
                let clock = ClockStatus(source: "chrony", synchronised: true, uncertaintyMs: uncertaintyMs)
                try await stage.client.post(
                    "/v1/venues/jimo/report",
                    body: ReceiverReport(
                        p50Ms: 900, p95Ms: 910, p99Ms: 920, frames: 125, seconds: seconds, clock: clock))
            }
            try await report()
            try await report(seconds: 15, uncertaintyMs: 0)
            try await report(seconds: 0.1, uncertaintyMs: nil)
            for (seconds, uncertaintyMs, words) in [
                (5, -0.1, "clock.uncertaintyMs"), (15.1, 2, "0.1 to 15"), (0, 2, "0.1 to 15"),
            ] {
                let refusal = await #expect(throws: ControlError.self) {
                    try await report(seconds: seconds, uncertaintyMs: uncertaintyMs)
                }
                #expect(refusal?.status == 400 && refusal?.detail.contains(words) == true)
            }
            #expect(stage.service.done == Array(repeating: "report jimo 900.0", count: 3))
        }
    }

    @Test func reloadsAndReplacesWorkers() async throws {
        try await Stage.run { stage in
            let client = stage.client
            let report = try await client.post("/v1/reload", as: ReloadReport.self)
            #expect(report.changes.first?.worker == "link/jimo")
            let request = ReloadRequest(dryRun: true, file: "/tmp/other.toml")
            #expect(try await client.post("/v1/reload", body: request, as: ReloadReport.self).dryRun)
            // An id of two parts is one part of the path.
            try await client.post("/v1/workers/link%2Fjimo/replace")
            #expect(stage.service.done == ["reload", "reload dry /tmp/other.toml", "replace link/jimo"])
            let relative = await #expect(throws: ControlError.self) {
                try await client.post("/v1/reload", body: ReloadRequest(dryRun: true, file: "other.toml"))
            }
            #expect(relative?.status == 400)
        }
    }

    @Test func refusesChangesOnTheMonitorsSocket() async throws {
        try await Stage.run { stage in
            let paths = Route.all.filter { $0.method == .post }.map(\.path)
            #expect(paths.count == 21)
            for path in paths {
                let answer = try await stage.curl(
                    "--unix-socket", stage.monitor, "-X", "POST", "-D", "-",
                    "http://localhost" + path.replacing("{id}", with: "jimo").replacing("{n}", with: "1"))
                #expect(answer.status == 403, "\(path)")
                #expect(answer.text.lowercased().contains("content-type: application/problem+json"))
                #expect(answer.text.contains("control.sock"))
            }
            #expect(stage.service.done.isEmpty)
            let monitor = ControlClient(socket: stage.monitor, timeout: .seconds(30))
            let received = try await monitor.status()
            #expect(received == ActivityStatus.sample())
        }
    }

    @Test func passesOnWhatTheServiceRefuses() async throws {
        try await Stage.run { stage in
            let refusal = ControlError(
                status: 409, code: "dead-input", title: "The input is dead", detail: "standby gives no picture.",
                nextStep: "Repair it, or take it with --force.")
            stage.service.change { $0.failure = refusal }
            await #expect(throws: refusal) {
                try await stage.client.post("/v1/program/take", body: TakeRequest(input: "standby"))
            }
        }
    }

    @Test func namesWhatIsWrongWithABody() async throws {
        try await Stage.run { stage in
            let cases = [
                ("", "no body"), ("take it", "not JSON"), ("[1]", "not a JSON object"), ("{}", "\"input\" is missing"),
                (#"{"input": 3}"#, "\"input\" is not a string"), (#"{"input": ""}"#, "is empty"),
                (#"{"input": "a", "force": "yes"}"#, "\"force\" is not a boolean"),
                (#"{"input": "a", "forse": true}"#, "\"forse\" is not known"),
            ]
            for (body, expected) in cases {
                let answer = try await stage.client.exchange(.POST, "/v1/program/take", body: Data(body.utf8))
                let problem = try JSONDecoder().decode(ControlError.self, from: answer.body)
                #expect(answer.status == 400)
                #expect(problem.detail.contains(expected), "\(body): \(problem.detail)")
                #expect(problem.nextStep?.contains(#"{"input": "ID"}"#) == true)
            }
            #expect(stage.service.done.isEmpty)
        }
    }

    @Test func knowsNoOtherPathAndNoOtherMethod() async throws {
        try await Stage.run { stage in
            for path in ["/", "/v1", "/v1/venues/jimo/explode", "/v2/status", "/v1/venues/%2e%2e"] {
                let answer = try await stage.client.exchange(.GET, path)
                #expect(answer.status == 404, "\(path)")
                #expect(answer.headers["content-type"] == "application/problem+json")
                let problem = try JSONDecoder().decode(ControlError.self, from: answer.body)
                #expect(problem.nextStep?.isEmpty == false)
            }
            let venue = try await stage.client.exchange(.GET, "/v1/venues/atlantis")
            #expect(String(decoding: venue.body, as: UTF8.self).contains("shinan, shibei"))

            let status = try await stage.client.exchange(.DELETE, "/v1/status")
            #expect(status.status == 405)
            #expect(status.headers["allow"] == "GET, HEAD")
            let take = try await stage.client.exchange(.GET, "/v1/program/take")
            #expect(take.status == 405)
            #expect(take.headers["allow"] == "POST")
        }
    }

    @Test func answersHEADWithTheHeadAlone() async throws {
        try await Stage.run { stage in
            let answer = try await stage.curl(
                "--unix-socket", stage.control, "--head", "http://localhost/v1/status")
            #expect(answer.status == 200)
            #expect(answer.text.lowercased().contains("content-length: "))
            #expect(!answer.text.contains("{"))
        }
    }

    @Test func tellsAliveFromReady() async throws {
        try await Stage.run { stage in
            let alive = try await stage.client.exchange(.GET, "/healthz")
            #expect(alive.status == 200)
            #expect(alive.body == Data("ok\n".utf8))

            let answer = try await stage.client.exchange(.GET, "/readyz")
            #expect(answer.status == 503)
            let readiness = try VenuecastJSON.decode(Readiness.self, from: answer.body)
            #expect(readiness.notReady.map(\.subject) == ["venue/laoshan", "venue/jimo", "venue/jiaonan"])
            #expect(readiness.notReady.map(\.reasons.count) == [1, 1, 1])

            stage.service.change { state in
                for index in state.status.venues.indices where state.status.venues[index].health != .off {
                    state.status.venues[index].health = .ok
                }
            }
            let ready = try await stage.client.exchange(.GET, "/readyz").status
            #expect(ready == 200)

            stage.service.change { $0.status.program.health = .degraded }
            let degraded = try await stage.client.exchange(.GET, "/readyz")
            #expect(degraded.status == 503)
            let lacks = try VenuecastJSON.decode(Readiness.self, from: degraded.body).notReady
            #expect(lacks.map(\.subject) == ["program"])
        }
    }
}
