import Crypto
import Foundation
import LinuxSystem
import Logging
import Rig
import Synchronization
import Testing
import VenuecastModel

@testable import Monitoring

private let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

private func message(_ id: String = "A1") -> AlarmMessage {
    AlarmMessage(
        .raised,
        AlarmStatus(
            id: id, severity: .critical, subject: "venue/jimo", code: "absent", cause: "Jimo \"gets\" nothing.\n",
            causeZh: "即墨收不到节目。", action: "Phone.", actionZh: "请致电。",
            raisedAt: Date(timeIntervalSince1970: 1_353_045_600)),
        activity: "三民活动", time: Date(timeIntervalSince1970: 1_353_045_600))
}

/// When what is tried again, and what is given up.
@Suite struct DeliveryQueueTests {
    private func at(_ seconds: Double) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds * 1e9)) }

    @Test func triesAgainLaterEachTimeAndInOrder() {
        var queue = DeliveryQueue()
        #expect(queue.next(at: at(0)) == .wait(until: nil))
        let (first, second) = (message("A1"), message("A2"))
        queue.add(first, at: at(0))
        queue.add(second, at: at(0))
        var now = 0.0
        var pauses: [Double] = []
        for _ in 0..<8 {
            #expect(queue.next(at: at(now)) == .send(first))
            queue.note(first, "HTTP 500", at: at(now))
            guard case .wait(let until?) = queue.next(at: at(now)) else { return #expect(Bool(false)) }
            pauses.append(at(now).duration(to: until).inSeconds)
            now += pauses.last!
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60])
        #expect(queue.cause == "HTTP 500")
        queue.note(first, nil, at: at(now))
        #expect(queue.cause == nil)
        #expect(queue.next(at: at(now)) == .send(second))
    }

    @Test func isBoundedInNumberAndAge() {
        var queue = DeliveryQueue()
        for number in 1...250 { queue.add(message("A\(number)"), at: at(0)) }
        #expect(queue.count == DeliveryQueue.limit)
        #expect(queue.lost == 50)
        guard case .send(let first) = queue.next(at: at(1)) else { return #expect(Bool(false)) }
        #expect(first.alarm.id == "A51")
        #expect(queue.next(at: at(3601)) == .wait(until: nil))
        #expect(queue.lost == 250)
    }

    /// That they do not arrive is not over because the last one was given up.
    @Test func isWellAgainOnlyOnceSomethingArrives() {
        var queue = DeliveryQueue()
        queue.add(message("A1"), at: at(0))
        queue.note(message("A1"), "HTTP 500", at: at(0))
        #expect(queue.next(at: at(3601)) == .wait(until: nil))
        #expect(queue.count == 0 && queue.lost == 1 && queue.cause == "HTTP 500")
        let next = message("A2")
        queue.add(next, at: at(3700))
        #expect(queue.next(at: at(3700)) == .send(next))
        queue.note(next, nil, at: at(3700))
        #expect(queue.cause == nil)
    }
}

/// Against a real server that misbehaves, and real programs.
@Suite struct OutgoingTests {
    private struct Request: Decodable {
        var answer: String
        var headers: [String: String]
        var body: String
    }

    /// What a server got; it is started with a plan of what to do.
    private struct Server {
        let workspace: Workspace
        /// Keeps the port's number ours.
        private let reservation: any AnyObject & Sendable
        private let port: Int
        var url: String { "http://127.0.0.1:\(port)/hook?key=geheim" }

        init(_ plan: String) async throws {
            workspace = try Workspace()
            let reserved = try Port.reserve()
            (reservation, port) = (reserved, reserved.number)
            try workspace.write("plan", plan)
            let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Fixtures/webhook-server.py").path
            _ = try workspace.spawn(
                "python3", [script, "\(port)", workspace.file("requests"), workspace.file("plan")],
                log: "server.log")
            try await waitFor("the server listens") {
                Self.isOpen(reserved.number) ? true : nil
            }
        }

        private static func isOpen(_ number: Int) -> Bool {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(number).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }

        func requests() throws -> [Request] {
            guard Files.exists(workspace.file("requests")) else { return [] }
            let text = String(decoding: try Files.read(workspace.file("requests")), as: UTF8.self)
            return try text.split(separator: "\n").map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
        }

        func hook() throws -> Webhook {
            Webhook(
                url: url, secretFile: try workspace.write("secret", "0123456789abcdef\n"),
                directory: workspace.file("outgoing"))
        }
    }

    @Test func signsWhatItPosts() async throws {
        let server = try await Server("ok")
        let sent = message()
        #expect(try await server.hook().post(sent) == nil)
        let request = try #require(try server.requests().first)
        #expect(try VenuecastJSON.decode(AlarmMessage.self, from: Data(request.body.utf8)) == sent)
        #expect(request.headers["X-Venuecast-Delivery"] == sent.delivery)
        #expect(request.headers["Content-Type"] == "application/json")
        let signature = try #require(request.headers["X-Venuecast-Signature"])
        let parts = signature.split(separator: ",").map { $0.split(separator: "=").last.map(String.init) ?? "" }
        let time = try #require(Int(parts[0]))
        #expect(abs(Double(time) - wallClockSeconds()) < 60)
        // As the receiver does it.
        let expected = HMAC<SHA256>.authenticationCode(
            for: Data("\(time).\(request.body)".utf8), using: SymmetricKey(data: Data("0123456789abcdef".utf8)))
        #expect(parts[1] == expected.map { String(format: "%02x", $0) }.joined())
        // Nothing is left lying about.
        #expect(try Files.list(server.workspace.file("outgoing")).isEmpty)
    }

    @Test(arguments: [("500", "HTTP status 500"), ("cut", "curl: (52)"), ("redirect", "HTTP status 302")])
    func saysWhyItWasNotTaken(plan: String, expected: String) async throws {
        let server = try await Server(plan)
        let cause = try #require(try await server.hook().post(message()))
        #expect(cause.contains(expected), "\(cause)")
    }

    @Test func saysWhenNobodyIsThere() async throws {
        let workspace = try Workspace()
        let hook = Webhook(
            url: "http://127.0.0.1:1/", secretFile: try workspace.write("secret", "0123456789abcdef"),
            directory: workspace.file("outgoing"))
        let cause = try #require(await hook.post(message()))
        #expect(cause.contains("curl: (7)"), "\(cause)")
        let none = Webhook(url: "http://127.0.0.1:1/", secretFile: "/nowhere", directory: workspace.file("outgoing"))
        #expect(await none.post(message())?.contains("/nowhere") == true)
    }

    @Test func deliversAtLastInOrderAndHoldsNobodyUp() async throws {
        let server = try await Server("500 cut ok")
        let hook = try server.hook()
        let courier = Courier("webhook", logger: quiet) { await hook.post($0) }
        let running = Task { await courier.run() }
        for number in 1...3 { courier.take(message("A\(number)")) }
        try await waitFor("the trouble is said") { courier.trouble?.contains("HTTP status 500") == true ? true : nil }
        try await waitFor("all are delivered") { courier.waiting == 0 ? true : nil }
        running.cancel()
        let requests = try server.requests()
        #expect(requests.map(\.answer) == ["500", "cut", "ok", "ok", "ok"])
        let ids = try requests.map { try VenuecastJSON.decode(AlarmMessage.self, from: Data($0.body.utf8)).alarm.id }
        #expect(ids == ["A1", "A1", "A1", "A2", "A3"])
        // A second try is known by its delivery.
        #expect(Set(requests.prefix(3).map { $0.headers["X-Venuecast-Delivery"] }).count == 1)
        #expect(courier.trouble == nil)
    }

    @Test func whatWasNotDeliveredOutlivesTheDaemon() async throws {
        let workspace = try Workspace()
        let path = workspace.file("outgoing/webhook.json")
        let first = Courier("webhook", shelf: MessageShelf(path: path), logger: quiet) { _ in "nobody is there" }
        for number in 1...3 { first.take(message("A\(number)")) }
        try await waitFor("they are on the disk") { MessageShelf(path: path).load().count == 3 ? true : nil }

        let told = Mutex<[String]>([])
        let second = Courier("webhook", shelf: MessageShelf(path: path), logger: quiet) { message in
            told.withLock { $0.append(message.alarm.id) }
            return nil
        }
        let running = Task { await second.run() }
        try await waitFor("they are told") { told.withLock { $0 } == ["A1", "A2", "A3"] ? true : nil }
        try await waitFor("nothing is left") { MessageShelf(path: path).load().isEmpty ? true : nil }
        running.cancel()
    }

    @Test func runsACommandWithoutAShell() async throws {
        let workspace = try Workspace()
        let script = try workspace.write(
            "tell", "#!/bin/sh\nprintf '%s|%s|%s' \"$1\" \"$VENUECAST_ALARM\" \"$VENUECAST_CAUSE_ZH\" >\"$2\"\n",
            mode: 0o700)
        let run = ChildRun(
            // The shell reads the script: a file just written may be open for writing in a process that another test starts, and
            // is not executed then (ETXTBSY).
            arguments: ["/bin/sh", script, "$(id); `id`", workspace.file("told")], environment: message().environment,
            deadline: .seconds(20))
        #expect(await run.failure() == nil)
        #expect(String(decoding: try Files.read(workspace.file("told")), as: UTF8.self) == "$(id); `id`|A1|即墨收不到节目。")
    }

    @Test func aCommandThatHangsIsKilledWithAllItStarted() async throws {
        let workspace = try Workspace()
        let script = try workspace.write(
            "hang", "#!/bin/sh\nsleep 3600 & echo $! >\"$1\"\nwait\n", mode: 0o700)
        let run = ChildRun(arguments: ["/bin/sh", script, workspace.file("pid")], deadline: .milliseconds(500))
        #expect(await run.failure()?.contains("was killed") == true)
        let text = String(decoding: try Files.read(workspace.file("pid")), as: UTF8.self)
        let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        try await waitFor("its child has ended") { ProcessFacts.isAlive(pid) ? nil : true }
        #expect(await ChildRun(arguments: ["/bin/false"], deadline: .seconds(20)).failure() == "exited with code 1")
        #expect(
            await ChildRun(arguments: ["/nowhere/x"], deadline: .seconds(20)).failure()?.contains("/nowhere/x") == true)
    }
}
