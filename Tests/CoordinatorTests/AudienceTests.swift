import Sessions
import Testing
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

/// A session that is not for every venue.
@Suite struct AudienceTests {
    private let paths = RunPaths(directory: "/run/venuecast")
    private let session = PlannedSession(
        id: "S3", venues: ["jimo"], reports: [PlannedReport(number: 1, department: "市监察局", limitSeconds: 600)])

    private func feeds(_ workers: [WorkerSpecification]) -> [String: String] {
        var feeds: [String: String] = [:]
        for worker in workers {
            if case .link(let link) = worker.role { feeds[worker.id] = link.liveFeed }
        }
        return feeds
    }

    @Test func givesTheOthersASlateOfItsOwnProcess() throws {
        let before = plan(Samples.configuration(), Intents(), paths)
        let workers = plan(Samples.configuration(), Intents(), paths, session: session)
        #expect(workers.prefix(2).map(\.id) == ["program", "slate"])
        let (live, slate) = (paths.feed("live"), paths.feed("slate"))
        #expect(feeds(workers) == ["link/shinan": slate, "link/jimo": live, "link/laixi": slate])
        guard case .program(let role)? = workers.first(where: { $0.id == "slate" })?.role else {
            return #expect(Bool(false))
        }
        // It is given no input at all.
        #expect(role.inputs.isEmpty && role.liveFeed == slate && role.cleanFeeds == nil)
        #expect(role.slates == [ProgramRole.Slate(id: "fault", text: "三民活动")])
        // No receiver has to connect again.
        for worker in workers where worker.id.hasPrefix("link/") {
            let old = try #require(before.first { $0.id == worker.id })
            guard case .link? = old.adjustment(to: worker) else {
                Issue.record("\(worker.id) would restart")
                continue
            }
        }
    }

    @Test func givesTheOthersTheChosenSlateOrNothing() {
        var configuration = Samples.configuration()
        configuration.program.othersGet = .slate("holding")
        var workers = plan(configuration, Intents(), paths, session: session)
        guard case .program(let role)? = workers.first(where: { $0.id == "slate" })?.role else {
            return #expect(Bool(false))
        }
        #expect(role.slates == [ProgramRole.Slate(id: "fault", text: "14:00 开始")])

        configuration.program.othersGet = .nothing
        workers = plan(configuration, Intents(), paths, session: session)
        #expect(feeds(workers) == ["link/jimo": paths.feed("live")])
        #expect(!workers.contains { $0.id == "slate" })

        // Nobody is left who would want one.
        var intents = Intents()
        for id in ["shinan", "laixi"] { intents.setStopped(id, true) }
        workers = plan(Samples.configuration(), intents, paths, session: session)
        #expect(!workers.contains { $0.id == "slate" })
        // A session for all.
        let open = PlannedSession(id: "S1", reports: session.reports)
        #expect(
            plan(Samples.configuration(), Intents(), paths, session: open)
                == plan(Samples.configuration(), Intents(), paths))
    }

    @Test func saysWhoGetsWhat() {
        func status(_ othersGet: VenueStatus.Share, feed: String?) -> ActivityStatus {
            var report = Samples.report(
                Samples.link("shinan") { $0.feed = feed },
                Samples.worker("slate", .program(ProgramReport(onAir: "slate:fault", mode: "auto"))))
            report.audience = Audience(venues: ["jimo"], othersGet: othersGet)
            report.slateFeed = "/feeds/slate.sock"
            return report.status()
        }
        let slate = status(.slate, feed: "/feeds/slate.sock").venue("shinan")
        #expect(slate.gets == .slate && slate.state == .connected && slate.health == .ok)
        // What its link does not confirm is not said.
        for feed in ["/feeds/live.sock", nil] {
            let leaking = status(.slate, feed: feed).venue("shinan")
            #expect(leaking.health == .degraded && leaking.reasons.map(\.code) == ["not-yet-slate"])
        }
        let nothing = status(.nothing, feed: nil)
        #expect(nothing.venue("shinan").state == .off && nothing.venue("shinan").health == .off)
        #expect(nothing.venue("shinan").reasons.map(\.code) == ["other-venues"])
        #expect(nothing.venue("jimo").gets == .program && nothing.venue("jimo").state == .connected)
    }
}
