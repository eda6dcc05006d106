import Testing
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

@Suite struct PlanTests {
    @Test func showsACountdownOnlyWhereItIsConfigured() {
        var configuration = Samples.configuration()
        func place() -> CountdownPlace? {
            guard
                case .program(let role)? = plan(configuration, Intents(), RunPaths(directory: "/run/venuecast")).first?
                    .role
            else { return nil }
            return role.countdown
        }
        #expect(place() == nil)
        configuration.program.countdown = .init(corner: "bottom-left", lastSeconds: 60)
        #expect(place() == CountdownPlace(corner: .bottomLeft, lastSeconds: 60))
        for corner in Configuration.Program.Countdown.corners {
            #expect(CountdownPlace.Corner(rawValue: corner) != nil)
        }
    }

    let paths = RunPaths(directory: "/run/venuecast")

    private func program(_ configuration: Configuration) throws -> ProgramRole {
        let worker = try #require(plan(configuration, Intents(), paths).first { $0.id == "program" })
        guard case .program(let role) = worker.role else { throw Unexpected() }
        return role
    }

    private struct Unexpected: Error {}

    @Test func makesAWorkerOfEachThing() {
        let ids = plan(Samples.configuration(), Intents(), paths).map(\.id)
        #expect(
            ids == ["program", "input/camera", "input/standby", "link/shinan", "link/jimo", "link/laixi"])
    }

    @Test func leavesOutAVenueThatWasStopped() {
        var intents = Intents()
        intents.setStopped("jimo", true)
        let ids = plan(Samples.configuration(), intents, paths).map(\.id)
        #expect(!ids.contains("link/jimo"))
        #expect(ids.count == 5)
    }

    @Test func joinsInputsAndLinksToTheProgramme() throws {
        let workers = plan(Samples.configuration(), Intents(), paths)
        let role = try program(Samples.configuration())
        for input in role.inputs {
            let worker = try #require(workers.first { $0.id == "input/\(input.id)" })
            guard case .input(let itself) = worker.role else { throw Unexpected() }
            #expect(itself.feeds == input.feeds)
            #expect(itself.gainDb == -3 && itself.audioDelayMs == 40)
            #expect(worker.placeholders == ["pattern": .text("smpte"), "latencyMs": .integer(120)])
        }
        for case .link(let link) in workers.map(\.role) {
            #expect(link.liveFeed == role.liveFeed)
            #expect(link.programSocket == paths.socket("program"))
            #expect(link.maximumKbps == 16719, "6192 kbit/s × 1.08 × 2.5")
        }
        var all = role.inputs.flatMap { [$0.feeds.picture, $0.feeds.sound] }
        all.append(role.liveFeed)
        #expect(Set(all).count == all.count)
    }

    @Test func drawsAFaultSlateWithTheActivitysNameWhereNoneIsGiven() throws {
        var configuration = Samples.configuration()
        #expect(try program(configuration).slates.first == ProgramRole.Slate(id: "fault", text: "三民活动"))
        configuration.program.slates.append(Configuration.Slate(id: "fault", image: "/etc/fault.png", text: nil))
        let slates = try program(configuration).slates
        #expect(slates.filter { $0.id == "fault" } == [ProgramRole.Slate(id: "fault", image: "/etc/fault.png")])
        #expect(Activity(configuration).sources == ["camera", "standby", "slate:holding", "slate:fault"])
    }

    @Test func keepsSocketsShortForTheLongestIdsAndRunDirectory() {
        let longest = RunPaths(directory: "/" + String(repeating: "d", count: RunPaths.longestDirectory - 1))
        var configuration = Samples.configuration()
        configuration.inputs[0].id = String(repeating: "i", count: 32)
        configuration.venues[0].id = String(repeating: "v", count: 32)
        for worker in plan(configuration, Intents(), longest) {
            var sockets = [longest.socket(worker.id)]
            if case .input(let role) = worker.role { sockets += [role.feeds.picture, role.feeds.sound] }
            // Nine more for the name a socket is bound under first.
            for socket in sockets { #expect(socket.utf8.count + 9 <= 107, "\(socket)") }
        }
    }
}
