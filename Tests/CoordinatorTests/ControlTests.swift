import Foundation
import Glibc
import LinuxSystem
import Logging
import Supervision
import Testing
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

/// With real processes that speak the protocol and move no media.
@Suite struct ControlTests {
    private static let fakeWorker = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/fake-worker.py").path

    private func coordinator(_ directory: String) -> Coordinator {
        var timing = SupervisionTiming()
        timing.poll = .milliseconds(100)
        return Coordinator(
            configuration: Samples.configuration(), loader: ConfigurationLoader(shippedPipelines: nil),
            paths: RunPaths(directory: directory), stateDirectory: directory,
            workerExecutable: Self.fakeWorker, workerEnvironment: ["PATH": "/usr/bin:/bin"], timing: timing,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs with a started coordinator and stops its workers, however the body ends.
    private func run(in directory: String, _ body: (Coordinator) async throws -> Void) async throws {
        let coordinator = coordinator(directory)
        try await coordinator.start()
        do {
            try await ready(coordinator)
            try await body(coordinator)
        } catch {
            await coordinator.stop()
            throw error
        }
        await coordinator.stop()
    }

    private func ready(_ coordinator: Coordinator) async throws {
        try await eventually("the programme runs") { await coordinator.status().program.onAir != nil }
    }

    private func pid(_ coordinator: Coordinator, _ id: String) async -> pid_t? {
        await coordinator.workers().first { $0.id == id && $0.state == "running" }?.pid
    }

    private func tell(_ directory: String, _ words: String) throws {
        try Files.writeAtomically("\(directory)/control.program", Array(words.utf8))
    }

    @Test func stopsAndStartsAVenueAndRemembersIt() async throws {
        try await withDirectory { directory in
            try await run(in: directory) { coordinator in
                try await eventually("jimo waits") {
                    await coordinator.status().venue("jimo").state == .waiting
                }
                try await coordinator.venue("jimo", .stop, terms: OrderTerms())
                #expect(await coordinator.status().venue("jimo").state == .off)
                try await eventually("its worker is gone") {
                    await coordinator.workers().allSatisfy { $0.id != "link/jimo" }
                }
                await #expect(throws: ControlError.venueIsStopped("jimo")) {
                    try await coordinator.venue("jimo", .restart, terms: OrderTerms())
                }
            }
            try await run(in: directory) { coordinator in
                #expect(await coordinator.status().venue("jimo").state == .off)
                try await coordinator.venue("jimo", .start, terms: OrderTerms())
                try await eventually("jimo waits again") {
                    await coordinator.status().venue("jimo").state == .waiting
                }
            }
        }
    }

    @Test func restartsOneVenueAndNoOther() async throws {
        try await withDirectory { directory in
            try await run(in: directory) { coordinator in
                try await eventually("all run") {
                    await coordinator.workers().filter { $0.state == "running" }.count == 6
                }
                let (jimo, laixi) = (await pid(coordinator, "link/jimo"), await pid(coordinator, "link/laixi"))
                try await coordinator.venue("jimo", .restart, terms: OrderTerms())
                try await eventually("jimo is a new process") {
                    guard let now = await pid(coordinator, "link/jimo") else { return false }
                    return now != jimo
                }
                #expect(await pid(coordinator, "link/laixi") == laixi)
            }
        }
    }

    @Test func takesMutesAndGivesBack() async throws {
        try await withDirectory { directory in
            try await run(in: directory) { coordinator in
                try await coordinator.program(.take(source: "standby", force: false))
                try await coordinator.program(.mute(true))
                // At once: who asks after an order sees what it did.
                let program = await coordinator.status().program
                #expect(program.onAir == "standby" && program.mode == "manual" && program.audio.muted == true)
                try await coordinator.program(.take(source: "auto", force: false))
                #expect(await coordinator.status().program.onAir == "camera")
            }
        }
    }

    @Test func refusesWithTheNextStep() async throws {
        try await withDirectory { directory in
            try tell(directory, "dead:standby")
            try await run(in: directory) { coordinator in
                let unknown = await #expect(throws: ControlError.self) {
                    try await coordinator.program(.take(source: "nonsense", force: false))
                }
                #expect(unknown?.status == 404)
                #expect(unknown?.nextStep?.contains("slate:holding") == true)

                let dead = await #expect(throws: ControlError.self) {
                    try await coordinator.program(.take(source: "standby", force: false))
                }
                #expect(dead?.status == 409 && dead?.code == "dead-input")
                #expect(dead?.nextStep?.contains("--force") == true)
                // What was refused is not wanted later either.
                #expect(
                    try !String(decoding: Files.read("\(directory)/intents.json"), as: UTF8.self).contains("standby"))

                try await coordinator.program(.take(source: "standby", force: true))
                let venue = await #expect(throws: ControlError.self) {
                    try await coordinator.venue("nowhere", .start, terms: OrderTerms())
                }
                #expect(venue?.status == 404 && venue?.nextStep?.contains("jimo") == true)
            }
        }
    }

    @Test func saysThatThereIsNoProgramme() async throws {
        try await withDirectory { directory in
            try tell(directory, "refuse")
            let coordinator = coordinator(directory)
            try await coordinator.start()
            let error = await #expect(throws: ControlError.self) {
                try await coordinator.program(.take(source: "standby", force: false))
            }
            #expect(error?.status == 503 && error?.code == "no-program")
            #expect(await coordinator.status().program.onAir == nil)
            await coordinator.stop()
        }
    }

    @Test func tellsANewProgrammeWorkerWhatOperatorsWant() async throws {
        try await withDirectory { directory in
            try await run(in: directory) { coordinator in
                try await coordinator.program(.take(source: "standby", force: false))
                try await coordinator.program(.mute(true))
                let old = try #require(await pid(coordinator, "program"))
                // At first it is not there yet, as after any restart.
                try tell(directory, "dead:standby")
                kill(old, SIGKILL)
                try await eventually("a new one runs and is mute") {
                    guard let new = await pid(coordinator, "program"), new != old else { return false }
                    return await coordinator.status().program.audio.muted == true
                }
                #expect(await coordinator.status().program.onAir == "camera")
                try tell(directory, "")
                try await eventually("what was taken is on air again") {
                    await coordinator.status().program.onAir == "standby"
                }
            }
        }
    }

    @Test func believesAWorkerThatWentOnWithoutIt() async throws {
        try await withDirectory { directory in
            let first = coordinator(directory)
            try await first.start()
            try await ready(first)
            try await first.program(.take(source: "slate:holding", force: false))
            let old = try #require(await pid(first, "program"))
            await first.detach()
            // The daemon's own note is lost: the worker knows better.
            try Files.remove("\(directory)/intents.json")
            try await run(in: directory) { coordinator in
                #expect(await pid(coordinator, "program") == old)
                try await eventually("it is written down again") {
                    (try? Files.read("\(directory)/intents.json")).map {
                        String(decoding: $0, as: UTF8.self).contains("slate:holding")
                    } ?? false
                }
                #expect(await coordinator.status().program.onAir == "slate:holding")
            }
        }
    }
}
