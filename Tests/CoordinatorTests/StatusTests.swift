import Foundation
import LinuxSystem
import Supervision
import Testing
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

@Suite struct StatusTests {
    private let reason = WorkerProtocol.Reason(code: "some", text: "Something. Do this.", textZh: "某事。")

    @Test func isOkWhenAllIs() {
        let status = Samples.status()
        #expect(status.health == .ok)
        #expect(status.program.onAir == "camera")
        #expect(status.inputs.map(\.onAir) == [true, false])
        #expect(status.venues.map(\.state) == [.connected, .connected, .connected])
        #expect(status.input("camera").audio.peakDbfs == -9)
    }

    @Test func whatAVenueTakesAndWhatItsLineWouldCarryIsSaid() {
        let status = Samples.status(Samples.link("jimo") { $0.bandwidthMbps = 41.237 })
        #expect(status.program.kbpsPerVenue.map { abs($0 - 6192 * 1.08) < 0.001 } == true)
        #expect(status.venue("jimo").link.bandwidthMbps == 41.24)
        #expect(status.venue("shinan").link.bandwidthMbps == nil)
    }

    // MARK: Venues

    @Test(arguments: [
        (LinkReport.Connection.waiting, VenueStatus.State.waiting, "absent"), (.retrying, .retrying, "absent"),
        (.starved, .starved, "starved"),
    ])
    func saysWhyAVenueGetsNothing(connection: LinkReport.Connection, state: VenueStatus.State, code: String) {
        let status = Samples.status(Samples.link("jimo", connection))
        #expect(status.venue("jimo").health == .failed)
        #expect(status.venue("jimo").state == state)
        #expect(status.venue("jimo").reasons.map(\.code) == [code])
        #expect(status.health == .failed)
        #expect(status.venue("shinan").health == .ok, "no venue's trouble is another's")
    }

    @Test func prefersTheWorkersOwnReason() {
        let status = Samples.status(Samples.link("jimo", .retrying) { $0.reasons = [reason] })
        #expect(status.venue("jimo").reasons.map(\.text) == ["Something. Do this."])
    }

    @Test func isDegradedByLossAndByReasons() {
        #expect(Samples.status(Samples.link("jimo") { $0.lossPercent = 2 }).venue("jimo").health == .ok)
        let lossy = Samples.status(Samples.link("jimo") { $0.lossPercent = 2.26 }).venue("jimo")
        #expect(lossy.health == .degraded)
        #expect(lossy.reasons.first?.text.contains("2.3 %") == true)
        #expect(Samples.status(Samples.link("jimo") { $0.reasons = [reason] }).venue("jimo").health == .degraded)
        // One with a verdict is believed.
        func quality(_ quality: LinkQuality, needs: Int) -> VenueStatus {
            Samples.status(
                Samples.link("jimo") {
                    $0.lossPercent = 5
                    $0.quality = quality
                    $0.negotiatedLatencyMs = 200
                    $0.recommendedLatencyMs = needs
                }
            ).venue("jimo")
        }
        #expect(quality(.good, needs: 120).health == .ok)
        #expect(quality(.strained, needs: 420).reasons.first?.text.contains("set `latencyMs = 420`") == true)
        #expect(quality(.bad, needs: 420).reasons.map(\.code) == ["too-late"])
        #expect(quality(.bad, needs: 120).reasons.first?.textZh.contains("请检查线路") == true)
    }

    @Test func isOffWhenItIsMeantToBe() {
        var intents = Intents()
        intents.setStopped("jimo", true)
        let status = Samples.status(without: "link/jimo", intents: intents)
        #expect(status.venue("jimo").health == .off)
        #expect(status.venue("jimo").state == .off)
        #expect(status.health == .ok, "what is off on purpose harms nothing")
    }

    @Test func tellsAStartFromAFailure() throws {
        let starting = Samples.status(Samples.worker("link/jimo", nil, phase: .starting)).venue("jimo")
        #expect(starting.state == .starting && starting.health == .degraded && starting.reasons.isEmpty)

        var failed = Samples.worker("link/jimo", nil, phase: .waiting)
        failed.lastError = "it exited with code 65: the pipeline file does not parse."
        failed.nextStart = MonotonicInstant(nanoseconds: 4_500_000_000)
        let venue = Samples.status(failed).venue("jimo")
        #expect(venue.state == .retrying && venue.health == .failed)
        #expect(venue.reasons.first?.text.contains("does not parse. It starts again in 4 s.") == true)

        failed.abandoned = [7]
        let blocked = try #require(Samples.status(failed).venue("jimo").reasons.first)
        #expect(blocked.code == "worker-abandoned" && blocked.text.contains("7") && blocked.textZh.contains("7"))
    }

    @Test func estimatesTheLatencyOfAConnectedVenueAlone() {
        func latency(_ connection: LinkReport.Connection) -> LatencyStatus {
            Samples.status(
                Samples.link("jimo", connection) {
                    $0.negotiatedLatencyMs = 200
                    $0.rttMs = 12
                }
            ).venue("jimo").latency
        }
        #expect(latency(.connected) == LatencyStatus(ms: 606, source: "estimated"))
        #expect(latency(.waiting) == LatencyStatus())
    }

    // MARK: Programme

    @Test func tellsASlateThatWasTakenFromOneThatCame() {
        let fault = Samples.status(Samples.program(onAir: "slate:fault")).program
        #expect(fault.health == .degraded)
        #expect(fault.reasons.map(\.code) == ["no-good-input"])
        #expect(Samples.status(Samples.program(onAir: "slate:holding", taken: "slate:holding")).program.health == .ok)
        #expect(Samples.status(Samples.program(onAir: "slate:fault", taken: "slate:fault")).program.health == .ok)
        #expect(Samples.status(Samples.program(onAir: "slate:fault", taken: "camera")).program.health == .degraded)
    }

    @Test func isDegradedByReasonsAndByALostTrackOfWhatIsOnAir() {
        #expect(Samples.status(Samples.program { $0.reasons = [reason] }).program.health == .degraded)
        let silent = Samples.status(Samples.program { $0.inputs[0].soundGood = false }).program
        #expect(silent.health == .degraded)
        #expect(silent.reasons.map(\.code) == ["no-sound"])
        #expect(Samples.status(Samples.program { $0.inputs[1].soundGood = false }).program.health == .ok)
    }

    @Test func isFailedWithoutAWorkerAndSaysWhatWasTaken() {
        var intents = Intents()
        intents.take = Intents.Take(source: "standby", force: false)
        let status = Samples.status(without: "program", intents: intents)
        #expect(status.program.health == .failed)
        #expect(status.program.onAir == nil)
        #expect(status.program.mode == "manual" && status.program.taken == "standby")
        #expect(!status.program.reasons.isEmpty)
        #expect(status.health == .failed)
        #expect(Samples.status(Samples.worker("program", nil, phase: .starting)).program.health == .degraded)
    }

    // MARK: Inputs

    @Test func holdsAnInputAgainstWhatTheProgrammeSees() {
        let status = Samples.status(
            Samples.program {
                $0.inputs[1].pictureGood = false
                $0.inputs[1].reasons = [reason]
            })
        #expect(status.input("standby").health == .degraded)
        #expect(status.input("standby").reasons.map(\.code) == ["some"])
        #expect(status.health == .degraded)
    }

    @Test func callsAnInputWithoutPictureAndSoundFailedAndTheActivityDegraded() {
        let status = Samples.status(
            Samples.program {
                $0.inputs[1].pictureGood = false
                $0.inputs[1].soundGood = false
            }, Samples.input("standby") { $0.reasons = [reason] })
        #expect(status.input("standby").health == .failed)
        #expect(status.input("standby").reasons.map(\.code) == ["some"])
        #expect(status.health == .degraded, "the camera is on air")
    }

    @Test func judgesByAgeWhereTheProgrammeDoesNotSay() {
        let status = Samples.status(Samples.input("standby") { $0.soundAgeMs = 1500 }, without: "program")
        #expect(status.input("camera").health == .ok)
        #expect(status.input("standby").reasons.map(\.code) == ["no-sound"])
    }

    @Test func writesUnknownNumbersAsNull() throws {
        let text = String(decoding: try VenuecastJSON.encode(Samples.status()), as: UTF8.self)
        #expect(text.contains("\"rttMs\":null"))
        #expect(text.contains("\"loudnessLufs\":null"))
    }
}
