import ControlClient
import Foundation
import Synchronization
import Testing
import VenuecastModel

@testable import VenuectlKit

@Suite struct LineUpTests {
    private static let names = [
        "configuration", "keys", "clock", "disk", "program", "slates", "uplink", "machine", "workers", "alarms",
    ]

    /// Everything is as it has to be.
    private static func good() -> LineUp {
        var status = ActivityStatus.sample()
        status.health = .ok
        status.clock = ClockStatus(source: "chrony", synchronised: true, uncertaintyMs: 1.2)
        status.program.slates = ["fault", "holding"]
        // As the shipped example has it.
        (status.program.uplinkMbps, status.program.kbpsPerVenue) = (100, 6192 * Uplink.overhead)
        status.recording.freeBytes = 2_000_000_000_000
        (status.recording.hoursLeft, status.recording.hoursNeeded) = (80, 16)
        status.inputs = [InputStatus(id: "camera", health: .ok, onAir: true, audio: AudioStatus(peakDbfs: -9))]
        for index in status.venues.indices {
            status.venues[index].health = .ok
            status.venues[index].state = .connected
            status.venues[index].reasons = []
            status.venues[index].link.lossPercent = 0
            status.venues[index].link.packetsDropped = 4
            status.venues[index].link.sendMbps = 6.3
        }
        return LineUp(
            samples: [status, status, status],
            workers: [WorkerStatus(id: "program", state: "running"), WorkerStatus(id: "link/jimo", state: "running")],
            file: .checked(ReloadReport(dryRun: true, file: "/etc/v.toml", changes: [], warnings: [])),
            machine: LineUp.Machine(busy: 0.3, cores: 4, availableBytes: 8 << 30, totalBytes: 16 << 30))
    }

    /// The only line that is NO-GO after an edit.
    private func failed(_ edit: (inout LineUp) -> Void) -> [String] {
        var lineUp = Self.good()
        edit(&lineUp)
        let result = lineUp.result(seconds: 60)
        #expect(result.go == result.items.allSatisfy(\.go))
        for item in result.items where !item.go {
            #expect(!item.reason.isEmpty && !item.reasonZh.isEmpty, "\(item.subject)")
        }
        return result.items.filter { !$0.go }.map(\.subject)
    }

    /// - Parameter sample: of the three.
    private func failed(in sample: Int? = nil, status edit: (inout ActivityStatus) -> Void) -> [String] {
        failed { lineUp in
            for index in lineUp.samples.indices where sample ?? index == index { edit(&lineUp.samples[index]) }
        }
    }

    @Test func allIsGo() {
        let result = Self.good().result(seconds: 60)
        #expect(result.go)
        #expect(Set(result.items.map(\.subject)).isSuperset(of: Self.names))
        #expect(result.items.count { $0.subject.hasPrefix("venue/") } == 12)
    }

    @Test func eachThingThatIsWrongIsOneLine() {
        #expect(failed { $0.clock = nil } == ["clock"])
        #expect(failed { $0.clock = ClockStatus(source: "none", synchronised: false) } == ["clock"])
        #expect(failed { $0.clock?.uncertaintyMs = 900 } == ["clock"])
        #expect(failed { $0.clock?.uncertaintyMs = nil } == ["clock"])
        #expect(failed { $0.recording.reasons = [Reason(code: "disk-low", text: "x", textZh: "x")] } == ["disk"])
        #expect(failed { $0.program.slates = nil } == ["slates"])
        #expect(failed { $0.program.audio.muted = true } == ["program"])
        #expect(failed { $0.program.mode = "manual" } == ["program"])
        #expect(failed { $0.program.health = .failed } == ["program"])
        #expect(failed { $0.program.uplinkMbps = nil } == ["uplink"])
        #expect(failed { $0.inputs[0].audio.peakDbfs = -80 } == ["input/camera"])
        #expect(failed { $0.inputs[0].audio.peakDbfs = nil } == ["input/camera"])
        #expect(failed { $0.inputs[0].audio.peakDbfs = 0 } == ["input/camera"])
        #expect(failed(in: 1) { $0.inputs[0].health = .degraded } == ["input/camera"])
        #expect(
            failed {
                $0.alarms = [
                    AlarmStatus(
                        id: "A1", severity: .warning, subject: "x", code: "x", cause: "x", causeZh: "x", action: "x",
                        actionZh: "x", raisedAt: Date())
                ]
            } == ["alarms"])
        #expect(failed { (lineUp: inout LineUp) in lineUp.machine = nil } == ["machine"])
        #expect(failed { (lineUp: inout LineUp) in lineUp.machine?.busy = 0.9 } == ["machine"])
        #expect(failed { (lineUp: inout LineUp) in lineUp.machine?.availableBytes = 1 << 30 } == ["machine"])
        #expect(failed { (lineUp: inout LineUp) in lineUp.workers[1].state = "waiting" } == ["workers"])
        #expect(failed { (lineUp: inout LineUp) in lineUp.workers[1].state = "outdated" } == ["workers"])
    }

    /// `config check` warns of what is NO-GO here, and of nothing else.
    @Test func theUplinkHasToCarryWhatIsConfiguredAndWhatIsSent() throws {
        let limit = 100_000 * Uplink.share / 12
        #expect(failed { $0.program.kbpsPerVenue = limit } == [])
        #expect(failed { $0.program.kbpsPerVenue = limit + 1 } == ["uplink"])
        // Nobody is connected, and nothing is known: that is not 0.
        #expect(
            failed { (status: inout ActivityStatus) in
                (status.program.kbpsPerVenue, status.program.bitrateKbps) = (nil, nil)
                for index in status.venues.indices { status.venues[index].link.sendMbps = nil }
            } == ["uplink"])
        // A bad line has more sent than was meant; one second of it is none.
        func sending(_ mbps: Double) -> (inout ActivityStatus) -> Void {
            { status in for index in status.venues.indices { status.venues[index].link.sendMbps = mbps } }
        }
        #expect(failed(status: sending(7.6)) == ["uplink"])
        #expect(failed(in: 2, status: sending(7.6)) == [])
        // Those that are off today need nothing.
        #expect(
            failed { (lineUp: inout LineUp) in
                for index in lineUp.samples.indices { lineUp.samples[index].program.kbpsPerVenue = limit + 600 }
                lineUp.without = ["jimo"]
            } == [])
    }

    @Test func whatFailedMeanwhileIsSaidEvenWithoutAReason() throws {
        #expect(failed(in: 1) { $0.program.health = .failed } == ["program"])
        let reason = Reason(code: "x", text: "The encoder died.", textZh: "编码器已停止。")
        var lineUp = Self.good()
        lineUp.samples[1].program.health = .failed
        lineUp.samples[1].program.reasons = [reason]
        #expect(lineUp.items.first { $0.subject == "program" }?.reasonZh == reason.textZh)
    }

    @Test func aVenueThatIsNotInThisSessionIsNotCalledStopped() throws {
        let reason = Reason(code: "other-venues", text: "Session S1 is for other venues.", textZh: "场次 S1 只面向其他分会场。")
        var lineUp = Self.good()
        for index in lineUp.samples.indices {
            lineUp.samples[index].venues[7].health = .off
            lineUp.samples[index].venues[7].reasons = [reason]
            lineUp.samples[index].venues[6].health = .off
        }
        let items = lineUp.items
        #expect(items.first { $0.subject == "venue/jimo" }?.reason == reason.text)
        #expect(items.first { $0.subject == "venue/jimo" }?.reasonZh == reason.textZh)
        let stopped = try #require(items.first { $0.subject == "venue/chengyang" })
        #expect(!stopped.go && stopped.reason.contains("venuectl venue start chengyang"))
    }

    @Test func aQuestionThatFailedIsToldInItsOwnWords() throws {
        func items(_ error: any Error) -> [LineUp.Item] {
            var lineUp = Self.good()
            lineUp.file = LineUp.File(failure: error)
            return lineUp.items.filter { !$0.go }
        }
        for refusal in [
            ControlClientError.notPermitted(path: "/x") as any Error,
            ControlError(status: 403, code: "x", title: "x", detail: "x"),
        ] {
            #expect(items(refusal).map(\.subject) == ["configuration", "keys"])
            #expect(items(refusal).allSatisfy { $0.reason.contains("ask on control.sock") })
        }
        let busy = ControlError(
            status: 409, code: "reload-under-way", title: "x", detail: "It is being read.", nextStep: "Try again.")
        for (error, words) in [
            (busy as any Error, "It is being read. Try again."),
            (ControlClientError.timedOut(path: "/x", after: .seconds(30)), "has not answered within 30 s"),
            (ControlClientError.brokenOff(path: "/x"), "broke off"), (Late(description: "some other"), "some other"),
        ] {
            #expect(items(error).map(\.subject) == ["configuration", "keys"], "\(words)")
            #expect(items(error).allSatisfy { $0.reason.contains(words) && !$0.reason.contains("control.sock") })
        }
        #expect(items(ControlClientError.brokenOff(path: "/x")).allSatisfy { $0.reasonZh.contains("断开") })
    }

    @Test func aPageThatCannotBeWrittenCostsNobodyTheResult() async throws {
        try await Stage.run { stage in
            let output = Mutex("")
            let complaints = Mutex("")
            let console = Console(
                environment: [:], write: { text in output.withLock { $0 += text } },
                complain: { text in complaints.withLock { $0 += text } }, size: { nil })
            let code = await Venuectl.run(
                [
                    "lineup", "--seconds", "1", "--socket", stage.control, "--html",
                    "\(stage.directory)/nowhere/page.html",
                ],
                console: console)
            #expect(code == 1)
            #expect(output.withLock { $0.contains("NO-GO") })
            #expect(complaints.withLock { $0.contains("nowhere") })
            // Somebody's mistyped venue is refused as the daemon would.
            let wrong = await Venuectl.run(
                ["lineup", "--seconds", "1", "--socket", stage.control, "--without", "nowhere", "--lang", "zh"],
                console: console)
            #expect(wrong == 1)
            #expect(complaints.withLock { $0.contains("没有分会场“nowhere”") })
        }
    }

    @Test func aVenueMustBeConnectedAndCleanAllTheTime() {
        let jimo = ["venue/jimo"]
        #expect(failed { $0.venues[7].state = .waiting } == jimo)
        #expect(failed(in: 0) { $0.venues[7].state = .retrying } == jimo)
        #expect(failed(in: 1) { $0.venues[7].health = .degraded } == jimo)
        #expect(failed(in: 2) { $0.venues[7].link.reconnects += 1 } == jimo)
        #expect(failed(in: 2) { $0.venues[7].link.packetsDropped = 5 } == jimo)
        #expect(failed { $0.venues[7].health = .off } == jimo)
        // One that is meant to be off is not held against anything.
        #expect(
            failed { (lineUp: inout LineUp) in
                for index in lineUp.samples.indices { lineUp.samples[index].venues[7].health = .off }
                lineUp.without = ["jimo"]
            } == [])
    }

    @Test func theFileIsHeldAgainstWhatRuns() {
        #expect(failed { (lineUp: inout LineUp) in lineUp.file = .notAsked } == ["configuration", "keys"])
        let change = ReloadReport.Change(worker: "link/jimo", change: .restarted)
        #expect(
            failed { (lineUp: inout LineUp) in
                lineUp.file = .checked(ReloadReport(dryRun: true, file: "/x", changes: [change], warnings: []))
            } == ["configuration"])
        func refused(_ detail: String) -> [String] {
            failed { (lineUp: inout LineUp) in
                lineUp.file = .refused(ControlError(status: 422, code: "x", title: "x", detail: detail))
            }
        }
        #expect(refused("/x: inputs: is empty") == ["configuration"])
        #expect(refused("/x: venues[0].link.passphraseFile: there is no file") == ["configuration", "keys"])
        #expect(refused("/x: program.slates[0].image: there is no file") == ["configuration", "slates"])
        #expect(
            failed { $0.venues[7].reasons = [Reason(code: "passphrase-rejected", text: "x", textZh: "x")] } == ["keys"])
    }

    @Test func thePageSaysEverythingInBothLanguagesAndNothingElse() {
        var lineUp = Self.good()
        for index in lineUp.samples.indices {
            lineUp.samples[index].activity = "<script>\"&'"
            lineUp.samples[index].venues[7].state = .waiting
        }
        let result = lineUp.result(seconds: 60)
        let page = LineUpPage.html(result, clock: Clock(zone: StatusTableTests.zone))
        #expect(!page.contains("<script"))
        #expect(page.contains("&lt;script&gt;&quot;&amp;"))
        #expect(page.contains("NO-GO 不可开始") && page.contains("技术负责人 Technician"))
        #expect(page.matches(of: #/<tr class="no">/#).count == 1)
        #expect(page.matches(of: #/<tr class="go">/#).count == result.items.count - 1)
        for item in result.items { #expect(page.contains(item.titleZh)) }
        for language in Language.allCases {
            for width in [40, 80, 120] {
                let lines = LineUpCommand.lines(result, Words(language: language), width: width)
                #expect(lines.allSatisfy { $0.width <= max(width, 56) }, "\(language) \(width)")
                #expect(lines.count { $0.spans.first?.text.hasPrefix("NO-GO") == true } == 2)
            }
        }
    }

    @Test func loadIsWhatHasPassed() throws {
        let before = try #require(MachineLoad(line: "cpu  100 0 100 700 100 0 0 0 0 0"))
        let after = try #require(MachineLoad(line: "cpu  160 0 140 780 120 0 0 0 0 0"))
        #expect(after.machine(since: before)?.busy == 0.5)
        #expect(before.machine(since: before) == nil)
        #expect(MachineLoad(line: "cpu") == nil)
    }
}
