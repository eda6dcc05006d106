import ControlClient
import Foundation
import LinuxSystem
import Synchronization
import Testing
import VenuecastModel

@testable import ControlAPI

/// Who did what, over real sockets, and those who read it.
@Suite struct EventTests {
    private func events(_ stage: Stage, _ query: String = "") async throws -> [Event] {
        try await ControlClient(socket: stage.monitor, timeout: .seconds(30)).get("/v1/events" + query)
    }

    @Test func putsOrdersOnRecordWithWhoGaveThem() async throws {
        try await Stage.run { stage in
            try await stage.client.post("/v1/venues/jimo/stop")
            stage.service.change {
                $0.failure = ControlError(status: 409, code: "dead-input", title: "Dead", detail: "No picture.")
            }
            _ = try? await stage.client.post("/v1/program/take", body: TakeRequest(input: "standby", force: true))
            _ = try await stage.curl("--unix-socket", stage.monitor, "-X", "POST", "http://localhost/v1/reload")
            let events = try await events(stage)
            #expect(events.map(\.subject) == ["venue/jimo", "program", "daemon"])
            #expect(events.map(\.kind) == ["order", "order", "order"])
            #expect(events.map(\.outcome) == [.ok, .refused, .refused])
            #expect(events[0].details == ["action": "stop"])
            #expect(
                events[1].details == [
                    "action": "take", "input": "standby", "force": "true", "code": "dead-input",
                    "reason": "No picture.",
                ])
            #expect(events.map { $0.who?.uid } == [geteuid(), geteuid(), geteuid()])
            #expect(events.map { $0.who?.role } == ["operator", "operator", "monitor"])
            #expect(events[0].who?.pid == getpid())
            #expect(events[0].who?.user?.isEmpty == false)
            // On the disk before it was answered.
            #expect(stage.events.condition.waiting == 0)
        }
    }

    /// However busy the machine is: who this machine itself knows is read from its file.
    @Test func usersHaveTheirNames() async throws {
        let file = """
            root:x:0:0:root:/root:/bin/bash
            # a comment
            :x:7::::
            other:x:0:0::/:/bin/sh
            broken:x:nine:0
            王工:x:1001:1001:,,,:/home/w:/bin/bash
            short
            """
        #expect(UserNames.local(Array(file.utf8)) == [0: "root", 1001: "王工"])
        #expect(await UserNames.find([0, 4_000_000_000]) == [0: "root"])
    }

    @Test func readsOnlyPartOfThem() async throws {
        try await Stage.run { stage in
            for number in 1...20 { stage.events.record(EventDraft("worker.ended", "worker/link/v\(number % 2)")) }
            let some = try await events(stage, "?since=4&limit=3&subject=worker/link/v1&kind=worker")
            #expect(some.map(\.id) == [5, 7, 9])
            let beyond = try await events(stage, "?since=\(UInt64.max)")
            #expect(beyond.isEmpty)
            for wrong in ["?since=x", "?limit=0", "?limit=1001", "?sinse=3"] {
                let answer = try await stage.client.exchange(.GET, "/v1/events" + wrong)
                #expect(answer.status == 400, "\(wrong)")
                #expect(String(decoding: answer.body, as: UTF8.self).contains("nextStep"))
            }
        }
    }

    @Test func tellsThoseWhoFollowAndGoesOnWhereTheyWere() async throws {
        try await Stage.run { stage in
            stage.events.record(EventDraft("test", "early"))
            let seen = Mutex<[ServerSentEvent]>([])
            let following = Task {
                try await ControlClient(socket: stage.monitor).follow("/v1/events?since=0&kind=test") { message in
                    seen.withLock { $0.append(message) }
                }
            }
            try await eventually("the first") { seen.withLock { $0.count } == 1 ? true : nil }
            stage.events.record(EventDraft("other", "not asked for"))
            stage.events.record(EventDraft("test", "名字\n\"quoted\""))
            try await eventually("the second") { seen.withLock { $0.count } == 2 ? true : nil }
            following.cancel()
            let messages = seen.withLock { $0 }
            let second = try VenuecastJSON.decode(Event.self, from: Data(messages[1].data.utf8))
            #expect(second.subject == "名字\n\"quoted\"")
            #expect(messages.map(\.name) == ["test", "test"])
            stage.events.record(EventDraft("test", "meanwhile"))

            let rest = Mutex<[String]>([])
            let again = Task {
                try await ControlClient(socket: stage.monitor).follow("/v1/events", lastEventID: messages[0].id) {
                    let event = try VenuecastJSON.decode(Event.self, from: Data($0.data.utf8))
                    rest.withLock { $0.append(event.subject) }
                }
            }
            try await eventually("what came since") { rest.withLock { $0.count } == 3 ? true : nil }
            again.cancel()
            #expect(rest.withLock { $0 } == ["not asked for", "名字\n\"quoted\"", "meanwhile"])
            let wrong = try await stage.curl(
                "--unix-socket", stage.monitor, "-H", "Accept: text/event-stream", "-H", "Last-Event-ID: nonsense",
                "http://localhost/v1/events")
            #expect(wrong.status == 400)
        }
    }

    @Test func cutsOffWhoDoesNotRead() async throws {
        var limits = ControlLimits()
        limits.patience = .milliseconds(300)
        try await Stage.run(limits: limits) { stage in
            let deaf = try RawConnection(stage.monitor)
            try await deaf.send("GET /v1/events?since=0 HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
            try await eventually("it follows") { stage.events.followers == 1 ? true : nil }
            let text = String(repeating: "x", count: 900)
            for _ in 1...2000 { stage.events.record(EventDraft("test", "a", details: ["text": text])) }
            try await eventually("it is cut off") { stage.events.followers == 0 ? true : nil }
            // Nobody else notices.
            let last = try await events(stage, "?limit=1")
            #expect(last.map(\.id) == [2000])
        }
    }

    @Test func keepsASilentStreamAlive() async throws {
        var limits = ControlLimits()
        limits.patience = .milliseconds(600)
        try await Stage.run(limits: limits) { stage in
            let reader = try RawConnection(stage.monitor)
            try await reader.send("GET /v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
            var text = ""
            try await eventually("three signs of life") {
                text += try await reader.receive()
                return text.components(separatedBy: ": still here").count > 3 ? true : nil
            }
            #expect(stage.events.followers == 1)
        }
    }

    @Test func doesNotLetRefusalsFillTheDisk() {
        let budget = RefusalBudget(most: 3, perSecond: 1)
        let now = ContinuousClock.now
        #expect((0..<5).map { _ in budget.spend(1000, at: now) } == [0, 0, 0, nil, nil])
        #expect(budget.spend(1001, at: now) == 0)
        #expect(budget.spend(1000, at: now + .seconds(1)) == 2)
    }
}
