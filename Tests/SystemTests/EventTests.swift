import ControlClient
import EventLog
import Foundation
import LinuxSystem
import Rig
import Synchronization
import Testing
import VenuecastModel

extension SystemTests {
    /// What the record says of a whole system, also when its daemon is killed in the middle.
    @Suite(.timeLimit(.minutes(3))) struct EventTests {
        private func events(_ rig: Rig, _ query: String = "?limit=1000") async throws -> [Event] {
            try await rig.client.get("/v1/events" + query)
        }

        @Test func theRecordHoldsWhenTheDaemonIsKilledAgainAndAgain() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                let directory = "\(rig.stateDirectory)/events"
                try await stage.begin()
                try await stage.onAir("camera")
                var acknowledged: [String] = []
                for round in 1...4 {
                    // Orders all the time, until it dies in the middle of one.
                    let done = Mutex<[String]>([])
                    let client = rig.client
                    let ordering = Task {
                        for number in 1... {
                            let source = number % 2 == 0 ? "slate:holding" : "auto"
                            let key = "\(round).\(number)"
                            do {
                                try await client.post(
                                    "/v1/program/take", body: TakeRequest(input: source, force: true))
                                done.withLock { $0.append(key) }
                            } catch is ControlError {
                                // It has only begun, and is not ready for orders.
                                try? await Task.sleep(for: .milliseconds(20))
                            } catch {
                                return
                            }
                        }
                    }
                    try await waitFor("some orders are taken") { done.withLock { $0.count } >= 5 ? true : nil }
                    try await rig.endDaemonAlone(SIGKILL)
                    await ordering.value
                    acknowledged += done.withLock { $0 }
                    try rig.startDaemon()
                    try await rig.status("the daemon answers") { _ in true }
                }
                try await waitFor("the last start is on record") {
                    try await events(rig, "?kind=daemon.started").count == 5 ? true : nil
                }
                let all = try await events(rig, "?since=0&limit=1000")
                #expect(all.map(\.id) == (1...UInt64(all.count)).map { $0 })
                // Whatever was answered is there.
                let takes = all.filter { $0.details["action"] == "take" && $0.outcome == .ok }
                #expect(takes.count >= acknowledged.count)
                #expect(takes.allSatisfy { $0.who?.uid == geteuid() && $0.who?.role == "operator" })
                let starts = all.filter { $0.kind == EventKind.daemonStarted }
                #expect(starts.map { $0.details["before"] } == ["none", "crashed", "crashed", "crashed", "crashed"])
                #expect(all.contains { $0.kind == EventKind.workerTakenBack && $0.subject == "worker/program" })

                // Only what a crash tears, and nothing after it was put on record.
                let verified = try await stage.venuectl("event", "verify", directory)
                #expect(verified.code == 0, "\(verified.output)")
                let file = try #require(try Files.list(directory).first)
                let path = "\(directory)/\(file)"
                let text = String(decoding: try Files.read(path, limit: 64 << 20), as: UTF8.self)
                try Files.writeAtomically(path, Array(text.replacing("slate:holding", with: "slate:fault").utf8))
                let changed = try await stage.venuectl("event", "verify", directory)
                #expect(changed.code == 1)
                #expect(changed.output.contains("\(file):"))
            }
        }

        @Test func whatHappensIsOnRecordAndFollowed() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try await stage.begin()
                try await stage.onAir("camera")
                try await waitFor("the connection is on record") {
                    try await events(rig, "?kind=venue.state").last?.details["to"] == "connected" ? true : nil
                }
                let output = stage.workspace.file("follow.out")
                let venuectl = try Executables.find("venuectl")
                let follower = try stage.workspace.shell(
                    "exec '\(venuectl)' --socket '\(rig.controlSocket)' event follow --since 0 --lang zh >'\(output)'",
                    log: "follow.log")
                #expect(try await stage.venuectl("venue", "stop", "shinan").code == 0)
                try await stage.venue("shinan", "is off") { $0.state == .off }
                try await stage.signal("input/camera", SIGKILL)
                try await waitFor("the failover is on record") {
                    try await events(rig, "?kind=program.on-air").last?.details["to"] == "standby" ? true : nil
                }
                try await rig.endDaemonAlone(SIGUSR2)
                try rig.startDaemon()
                try await rig.status("the daemon answers") { _ in true }
                #expect(try await stage.venuectl("venue", "start", "shinan").code == 0)
                try await waitFor("all of it is told", seen: { readText(output) }) {
                    let text = readText(output)
                    let expected = [
                        "venue/shinan  指令：停止", "已连接 → 停用", "播出：camera → standby",
                        "进程异常结束：it was killed by signal 9", "守护进程已退出，各进程继续播出", "venue/shinan  指令：启动",
                    ]
                    return expected.allSatisfy { text.contains($0) } ? true : nil
                }
                follower.signal(SIGTERM)
                let all = try await events(rig)
                // The order that came first of all was no reason to start anything beside what was on air.
                let ended = Set(all.filter { $0.kind == EventKind.workerEnded }.map(\.subject))
                #expect(ended == ["worker/input/camera"])
                let kinds = Set(all.map(\.kind))
                for kind in [
                    EventKind.order, EventKind.venueState, EventKind.onAir, EventKind.workerReady,
                    EventKind.workerEnded,
                    EventKind.workerStopped, EventKind.workerTakenBack, EventKind.daemonStarted,
                    EventKind.daemonStopped,
                ] {
                    #expect(kinds.contains(kind), "\(kind)")
                }
            }
        }

        private func readText(_ path: String) -> String {
            String(decoding: (try? Files.read(path)) ?? [], as: UTF8.self)
        }
    }
}
