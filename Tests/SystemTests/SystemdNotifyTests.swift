import Foundation
import LinuxSystem
import Testing
import VenuecastModel

@testable import venuecastd

/// What systemd is told.
@Suite struct SystemdNotifyTests {
    // MARK: The line

    @Test func allWell() {
        #expect(StatusLine.of(status(venues: ["shinan": .ok, "jimo": .ok])) == "on air: camera; 2 of 2 venues ok")
    }

    @Test func anAbsentVenueAndOneThatIsMeantToBeOff() {
        let line = StatusLine.of(
            status(venues: ["shinan": .ok, "jimo": .absent, "laixi": .absent, "pingdu": .off]))
        #expect(line == "on air: camera; 1 of 3 venues ok, 1 off; jimo, laixi: nobody connected")
    }

    @Test func whatAVenueSuffersFrom() {
        let line = StatusLine.of(status(venues: ["jimo": .failed("passphrase-rejected")]))
        #expect(line == "on air: camera; 0 of 1 venues ok; jimo: passphrase rejected")
    }

    @Test func theProgrammeAndTheInputs() {
        var status = status(venues: ["jimo": .ok])
        status.program = ProgramStatus(
            health: .degraded, onAir: "slate:fault", mode: "manual", audio: AudioStatus(muted: true),
            reasons: [reason("no-good-input")])
        status.inputs = [
            InputStatus(id: "camera", health: .failed, onAir: false, reasons: [reason("no-picture")]),
            InputStatus(id: "standby", health: .degraded, onAir: false),
        ]
        #expect(
            StatusLine.of(status)
                == "on air: slate:fault (taken, muted); 1 of 1 venues ok; programme: no good input; "
                + "input camera: no picture; input standby: starting")
        status.program.onAir = nil
        #expect(StatusLine.of(status).hasPrefix("no programme; 1 of 1"))
    }

    @Test func manyTroublesAreCounted() {
        let codes = ["absent", "loss", "stalled", "refused", "unresolved", "starved"]
        let venues = codes.map { ("venue-\($0)", Venue.failed($0)) } + (1...6).map { ("v\($0)", Venue.failed("loss")) }
        #expect(
            StatusLine.of(status(venues: venues))
                == "on air: camera; 0 of 12 venues ok; venue-absent: nobody connected; "
                + "venue-loss, v1, v2, v3 and 3 more: loss; venue-stalled: stalled; venue-refused: refused; and 2 more")
    }

    // MARK: The check

    private struct Ill: Error {}

    @Test func aPartThatHangsOrFailsIsFound() async {
        let check = SelfCheck(parts: [
            .init(name: "well") {},
            .init(name: "hanging") { try? await Task.sleep(for: .seconds(3600)) },
            .init(name: "failing") { throw Ill() },
        ])
        #expect(await check.failures(within: .seconds(3)) == ["hanging", "failing"])
    }

    @Test func nothingIsWrongWhereAllAnswer() async {
        let check = SelfCheck(parts: [.init(name: "one") {}, .init(name: "two") { await Task.yield() }])
        #expect(await check.failures(within: .seconds(10)) == [])
    }

    @Test func theWatchdogIsFedOnlyWhereItLooks() {
        #expect(SystemNotify.watchdogInterval(["WATCHDOG_USEC": "10000000"], pid: 5) == .seconds(10))
        #expect(
            SystemNotify.watchdogInterval(["WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "5"], pid: 5) == .seconds(10))
        #expect(SystemNotify.watchdogInterval(["WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "6"], pid: 5) == nil)
        #expect(SystemNotify.watchdogInterval(["WATCHDOG_USEC": "soon"], pid: 5) == nil)
        #expect(SystemNotify.watchdogInterval([:], pid: 5) == nil)
    }

    // MARK: -

    private enum Venue {
        case ok, off, absent
        case failed(String)
    }

    private func status(venues: KeyValuePairs<String, Venue>) -> ActivityStatus {
        status(venues: venues.map { ($0.key, $0.value) })
    }

    private func status(venues: [(String, Venue)]) -> ActivityStatus {
        ActivityStatus(
            activity: "Test", health: .ok, time: Date(), startedAt: Date(), version: "1",
            program: ProgramStatus(health: .ok, onAir: "camera"), inputs: [],
            venues: venues.map { id, venue in
                let (health, state, reasons): (Health, VenueStatus.State, [Reason]) =
                    switch venue {
                    case .ok: (.ok, .connected, [])
                    case .off: (.off, .off, [])
                    case .absent: (.failed, .waiting, [reason("no-caller")])
                    case .failed(let code): (.failed, .retrying, [reason(code)])
                    }
                return VenueStatus(
                    id: id, name: id, health: health, state: state, reasons: reasons, link: LinkStatus(url: "srt://"))
            })
    }

    private func reason(_ code: String) -> Reason {
        Reason(code: code, text: "", textZh: "")
    }
}
