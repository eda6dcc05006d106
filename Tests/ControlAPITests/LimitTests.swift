import ControlAPI
import ControlClient
import Foundation
import Testing
import VenuecastModel

/// What clients without manners get, and that it costs nobody else anything.
@Suite struct LimitTests {
    static let impatient = ControlLimits(patience: .milliseconds(500))

    @Test func refusesABodyThatIsTooLarge() async throws {
        try await Stage.run { stage in
            let body = Data(repeating: 0x20, count: 65_537)
            let answer = try await stage.client.exchange(.POST, "/v1/program/take", body: body)
            #expect(answer.status == 413)
            #expect(answer.headers["content-type"] == "application/problem+json")

            let file = stage.directory + "/body"
            try body.write(to: URL(filePath: file))
            let curl = try await stage.curl(
                "--unix-socket", stage.control, "--data-binary", "@\(file)", "-H", "Transfer-Encoding: chunked",
                "http://localhost/v1/program/take")
            #expect(curl.status == 413)
            #expect(stage.service.done.isEmpty)
        }
    }

    @Test func takesABodyThatIsJustSmallEnough() async throws {
        try await Stage.run { stage in
            var body = Data(#"{"input": "standby"}"#.utf8)
            body.append(Data(repeating: 0x20, count: 65_536 - body.count))
            let answer = try await stage.client.exchange(.POST, "/v1/program/take", body: body)
            #expect(answer.status == 200)
            #expect(stage.service.done == ["take standby"])
        }
    }

    @Test func cutsASilentClientOff() async throws {
        try await Stage.run(limits: Self.impatient) { stage in
            let silent = try RawConnection(stage.control)
            #expect(await silent.readToEnd() == "")
        }
    }

    @Test func cutsASilentClientOffAfterAnAnswer() async throws {
        try await Stage.run(limits: Self.impatient) { stage in
            let idle = try RawConnection(stage.control)
            try await idle.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(await idle.readToEnd()?.hasSuffix("ok\n") == true)
        }
    }

    @Test(arguments: [
        "GET /v1/status HTTP/1.1\r\nX: ",
        "POST /v1/program/take HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n",
        "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n",
        "POST /v1/program/take HTTP/1.1\r\nHost: localhost\r\nContent-Length: 600000\r\n\r\n",
        "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
    ])
    func cutsOffAClientThatDrips(start: String) async throws {
        try await Stage.run(limits: Self.impatient) { stage in
            let slow = try RawConnection(stage.control)
            try await slow.send(start)
            let drop = start.contains("chunked") ? "1\r\n \r\n" : " "
            // Faster than its patience runs out between two drops.
            _ = try await eventually("it is cut off") {
                try await slow.send(drop) ? nil : true
            }
            #expect(stage.service.done.isEmpty)
        }
    }

    @Test func cutsOffAClientThatDoesNotRead() async throws {
        try await Stage.run(limits: Self.impatient) { stage in
            let deaf = try RawConnection(stage.control)
            let request = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
            // The answers fill every buffer there is; then sending fails, since the server has closed.
            _ = try await eventually("it is cut off") {
                try await deaf.send(request) ? nil : true
            }
        }
    }

    @Test func answersNonsenseWith400() async throws {
        try await Stage.run { stage in
            let strange = try RawConnection(stage.control)
            try await strange.send("\u{16}\u{3}\u{1} HELO\r\n\r\n")
            #expect(await strange.readToEnd()?.hasPrefix("HTTP/1.1 400") == true)
        }
    }

    @Test func servesOthersMeanwhile() async throws {
        let limits = ControlLimits(patience: .seconds(60), connectionsPerProcess: 16, connections: 64)
        try await Stage.run(limits: limits) { stage in
            // This process's share but two, all of them silent or half-way through.
            var hogs: [RawConnection] = []
            for index in 0..<14 {
                let hog = try RawConnection(stage.control)
                if index.isMultiple(of: 2) {
                    try await hog.send(
                        "POST /v1/program/take HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
                }
                hogs.append(hog)
            }
            for _ in 0..<20 {
                let received = try await stage.client.status().venues.count
                #expect(received == 12)
            }
            // Another process gets through even when this one has used its share up, and more than it.
            for _ in 0..<30 { hogs.append(try RawConnection(stage.control)) }
            let answer = try await stage.curl("--unix-socket", stage.control, "http://localhost/healthz")
            #expect(answer.status == 200)
            #expect(await hogs.last?.readToEnd() == "")
        }
    }
}
