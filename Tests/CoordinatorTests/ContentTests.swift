import Supervision
import Testing
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

/// What of picture and sound is a fault now, and who looks.
@Suite struct ContentTests {
    private let paths = RunPaths(directory: "/run/venuecast")

    private func configuration(_ edit: (inout Configuration) -> Void = { _ in }) -> Configuration {
        var configuration = Samples.configuration()
        configuration.monitoring.pipelineFile = "/pipelines/confidence.pipeline"
        edit(&configuration)
        return configuration
    }

    // MARK: Who looks

    @Test func whatGoesOutIsLookedAtLastOfAll() throws {
        let workers = plan(configuration { $0.monitoring.limits.silentSeconds = 7 }, Intents(), paths)
        let worker = try #require(workers.last)
        #expect(worker.id == "confidence")
        guard case .confidence(let role) = worker.role, case .program(let program)? = workers.first?.role else {
            Issue.record("other roles")
            return
        }
        #expect(role.liveFeed == program.liveFeed)
        #expect(role.limits.silentSeconds == 7)
        let without = plan(configuration { $0.monitoring.confidence = false }, Intents(), paths)
        #expect(!without.contains { $0.id == "confidence" })
    }

    @Test func inputsAreLookedAtAsTheyAre() {
        func roles(_ configuration: Configuration) -> [ExaminationRole?] {
            plan(configuration, Intents(), paths).compactMap {
                if case .input(let role) = $0.role { .some(role.examination) } else { nil }
            }
        }
        let both = roles(
            configuration {
                $0.inputs[0].still = true
                $0.inputs[1].silent = true
            })
        #expect(both.map { $0?.limits.frozenSeconds } == [0, 120])
        #expect(both.map { $0?.limits.silentSeconds } == [20, 0])
        #expect(Set(both.map { $0?.thumbnail }).count == 2)
        #expect(roles(configuration { $0.monitoring.inputs = false }) == [nil, nil])
    }

    @Test func thresholdsAreChangedOnAir() {
        let digests = WorkerDigests(key: [1], program: "one", shippedPipelines: nil)
        func workers(_ configuration: Configuration) -> [DesiredWorker] {
            plan(configuration, Intents(), paths).map(digests.desired)
        }
        let changes = ReloadChanges.between(
            workers(configuration()), workers(configuration { $0.monitoring.limits.blackSeconds = 3 }))
        #expect(changes.filter { $0.worker.hasPrefix("input/") }.map(\.change) == [.adjusted, .adjusted])
        #expect(changes.filter { !$0.worker.hasPrefix("input/") }.map(\.worker) == ["confidence"])
    }

    // MARK: What is a fault

    private func finding(_ code: String, seconds: Double = 30, limit: Double = 10) -> Finding {
        Finding(
            reason: WorkerProtocol.Reason(code: code, text: "x", textZh: "x"), seconds: seconds, limitSeconds: limit)
    }

    private static func ago(_ seconds: Int64) -> Int64 { Samples.now.nanoseconds - seconds * 1_000_000_000 }

    private func reasons(
        _ findings: [Finding], input: [Finding] = [], onAir: String = "camera", still: Bool = false,
        _ edit: (inout ProgramReport) -> Void = { _ in }
    ) -> [String] {
        var confidence = ConfidenceReport(isConnected: true)
        confidence.content.findings = findings
        var report = Samples.report(
            Samples.worker("confidence", .confidence(confidence)),
            Samples.program(onAir: onAir, taken: onAir == "camera" ? nil : onAir) {
                $0.changedAt = Self.ago(100)
                edit(&$0)
            },
            Samples.input("camera") {
                var content = ContentReport()
                content.findings = input
                $0.content = content
            })
        if still { report.activity.still = ["camera"] }
        return report.status().program.reasons.map(\.code)
    }

    @Test func whatIsFoundIsAReason() {
        #expect(reasons([finding("black"), finding("transport-errors", limit: 0)]) == ["black", "transport-errors"])
        #expect(reasons([]).isEmpty)
        var confidence = ConfidenceReport(isConnected: false)
        confidence.content.findings = [finding("black")]
        let gone = Samples.status(Samples.worker("confidence", .confidence(confidence)))
        #expect(gone.program.reasons.isEmpty && gone.program.confidence == nil)
    }

    @Test func aSlateStandsStillInSilence() {
        let all = ["black", "frozen", "silent-content", "missing-sound", "transport-errors"].map { finding($0) }
        #expect(reasons(all, onAir: "slate:holding") == ["missing-sound", "transport-errors"])
        #expect(reasons(all) { $0.sound.muted = true } == ["black", "frozen", "missing-sound", "transport-errors"])
    }

    @Test func whatWasBeforeTheTakeDoesNotCount() {
        #expect(reasons([finding("silent-content", seconds: 300, limit: 20)]) { $0.changedAt = Self.ago(19) }.isEmpty)
        #expect(
            reasons([finding("silent-content", seconds: 300, limit: 20)]) { $0.changedAt = Self.ago(21) }.count == 1)
        // An older programme does not say.
        #expect(reasons([finding("silent-content", limit: 20)]) { $0.changedAt = nil }.count == 1)
    }

    @Test func aFreezeIsSeenWhereNothingHasBeenEncodedYet() {
        #expect(reasons([], input: [finding("frozen")]) == ["frozen"])
        #expect(reasons([finding("frozen")], input: [finding("frozen")]) == ["frozen"])
        #expect(reasons([finding("frozen")], still: true).isEmpty)
        #expect(reasons([], input: [finding("black")]).isEmpty, "the input says that itself")
    }

    @Test func whatIsLostAlreadyIsNotSaidTwice() {
        let lost = reasons([finding("frozen"), finding("black")]) {
            $0.reasons = [WorkerProtocol.Reason(code: "picture-lost", text: "x", textZh: "x")]
        }
        #expect(lost == ["picture-lost"])
    }

    @Test func aStandbySaysWhetherItIsWorthTaking() {
        let status = Samples.status(
            Samples.input("standby") {
                var content = ContentReport()
                content.picture.luma = 16.03
                content.picture.blackSeconds = 31.26
                content.findings = [finding("black")]
                $0.content = content
            })
        let standby = status.input("standby")
        #expect(standby.health == .degraded && standby.reasons.map(\.code) == ["black"])
        #expect(standby.content?.picture.blackSeconds == 31.3)
        #expect(standby.content?.thumbnail == "/v1/inputs/standby/thumbnail.jpg")
        #expect(status.program.reasons.isEmpty)
    }
}
