import Foundation
import LinuxSystem
import Rig
import Testing
import VenuecastModel

extension SystemTests {
    /// Real faults, and what a person is told of them.
    @Suite(.timeLimit(.minutes(3))) struct AlarmTests {
        private static let quick = """

            [alarms]
            venueSeconds = 1
            absentSeconds = 30
            inputSeconds = 1
            clearSeconds = 1

            """

        private func read(_ path: String) -> String {
            String(decoding: (try? Files.read(path, limit: 16 << 20)) ?? [], as: UTF8.self)
        }

        private func alarms(_ rig: Rig) async throws -> [AlarmStatus] { try await rig.client.get("/v1/alarms") }

        private func alarm(_ rig: Rig, _ subject: String) async throws -> AlarmStatus {
            try await waitFor("an alarm of \(subject)", seen: { "\((try? await alarms(rig)) ?? [])" }) {
                try await alarms(rig).first { $0.subject == subject }
            }
        }

        private func cleared(_ rig: Rig, _ id: String) async throws {
            try await waitFor("\(id) is cleared", seen: { "\((try? await alarms(rig)) ?? [])" }) {
                try await alarms(rig).contains { $0.id == id } ? nil : true
            }
        }

        @Test func aLostVenueIsToldAcknowledgedAndOver() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(2))
            try await stage.run {
                let rig = stage.rig
                let told = stage.workspace.file("told")
                let script = try stage.workspace.write(
                    "tell", "#!/bin/sh\necho \"$1 $VENUECAST_EVENT $VENUECAST_ALARM $VENUECAST_SUBJECT\" >>\"$2\"\n",
                    mode: 0o700)
                let secret = try stage.workspace.write("secret", "0123456789abcdef")
                let outgoing = """
                    [alarms.command]
                    arguments = ["/bin/sh", "\(script)", "alarm", "\(told)"]
                    [alarms.webhook]
                    url = "http://127.0.0.1:1/nobody"
                    secretFile = "\(secret)"

                    """
                try rig.editConfiguration { $0 + Self.quick + outgoing }
                try await stage.begin()
                try await stage.venue("shinan", "is connected") { $0.state == .connected }
                #expect(try await alarms(rig).isEmpty)

                rig.receivers[0].signal(SIGSTOP)
                let raised = try await alarm(rig, "venue/shinan")
                #expect(raised.severity == .critical)
                #expect(raised.cause.contains("市南区分会场 gets no programme"))
                let list = try await stage.venuectl("alarm", "list", "--lang", "zh")
                #expect(list.output.contains("\(raised.id)") && list.output.contains("市南区分会场收不到节目"))
                let status = try await rig.client.status()
                #expect(status.alarms.contains { $0.id == raised.id })

                #expect(try await stage.venuectl("alarm", "ack", raised.id, "--as", "王工").code == 0)
                #expect(try await stage.venuectl("alarm", "ack", raised.id, "--as", "李工").code == 1)
                try await rig.endDaemonAlone(SIGKILL)
                try rig.startDaemon()
                try await rig.status("the daemon answers") { _ in true }
                let after = try await alarms(rig).filter { $0.subject == "venue/shinan" }
                #expect(after.map(\.id) == [raised.id])
                #expect(after.map(\.acknowledgedBy) == ["王工"])

                rig.receivers[0].signal(SIGCONT)
                try await cleared(rig, raised.id)
                // The command was told all of it, while the webhook is not there at all.
                try await waitFor("the command is told", seen: { read(told) }) {
                    let lines = read(told).split(separator: "\n").filter { $0.contains("\(raised.id) venue/shinan") }
                    let expected = ["raised", "acknowledged", "cleared"].map { "alarm \($0) \(raised.id) venue/shinan" }
                    return lines.map(String.init) == expected ? true : nil
                }
                let text = read(stage.workspace.file("venuecastd.log"))
                #expect(text.contains("critical venuecastd: alarm raised: 市南区分会场 gets no programme"))
                #expect(text.contains("an alarm was not delivered and is tried again"))
                #expect(!text.contains("0123456789abcdef"))
                let events = try await rig.client.get("/v1/events?subject=venue&kind=alarm&since=0", as: [Event].self)
                #expect(
                    events.map(\.kind) == [EventKind.alarmRaised, EventKind.alarmAcknowledged, EventKind.alarmCleared])
                #expect(events.allSatisfy { $0.details["alarm"] == raised.id && $0.subject == "venue/shinan" })
            }
        }

        @Test func venuesLostTogetherAreOneAlarm() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(3))
            try await stage.run {
                let rig = stage.rig
                // Longer than one receiver's loss is noticed after another's.
                try rig.editConfiguration { $0 + Self.quick.replacing("venueSeconds = 1", with: "venueSeconds = 3") }
                try await stage.begin()
                try await rig.status("all are connected") { $0.venues.allSatisfy { $0.state == .connected } }
                for receiver in rig.receivers { receiver.signal(SIGSTOP) }
                let raised = try await alarm(rig, "venues")
                #expect(raised.code == "many-venues-lost")
                try await waitFor("it has them as its consequences", seen: { "\((try? await alarms(rig)) ?? [])" }) {
                    let alarms = try await alarms(rig)
                    return alarms.map(\.subject) == ["venues"] && alarms[0].consequences.count == 3 ? true : nil
                }
                for receiver in rig.receivers { receiver.signal(SIGCONT) }
                try await waitFor("all is well") { try await alarms(rig).isEmpty ? true : nil }
            }
        }

        @Test func aStoppedVenueAndAnInputThatFails() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(1))
            try await stage.run {
                let rig = stage.rig
                try rig.editConfiguration { $0 + Self.quick }
                try await stage.begin()
                try await stage.onAir("camera")
                #expect(try await stage.venuectl("venue", "stop", "shinan").code == 0)
                try await stage.venue("shinan", "is off") { $0.state == .off }

                // An input that stands still is an alarm, and what was stopped is none.
                try await stage.signal("input/standby", SIGSTOP)
                let raised = try await alarm(rig, "input/standby")
                #expect(raised.severity == .warning)
                #expect(try await alarms(rig).map(\.subject) == ["input/standby"])
                // Its process is killed in the end, and started again.
                try await cleared(rig, raised.id)
                #expect(try await alarms(rig).isEmpty)
            }
        }
    }
}
