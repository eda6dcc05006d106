import Testing

@testable import VenuecastConfiguration

@Suite struct MonitoringConfigurationTests {
    let workspace: Workspace
    init() throws { workspace = try Workspace() }

    static let minimum = """
        [activity]
        name = "x"
        [[inputs]]
        id = "camera"
        pipeline = "input-test"
        [program]
        inputs = ["camera"]

        """

    @Test func eventsAreKeptForSixMonthsAtLeast() async throws {
        #expect(try await workspace.check(Self.minimum).configuration?.events.keepMonths == 6)
        let longer = try await workspace.check(Self.minimum + "[events]\nkeepMonths = 12\n")
        #expect(longer.configuration?.events.keepDays == 372)
        let shorter = try await workspace.check(Self.minimum + "[events]\nkeepMonths = 3\n")
        #expect(shorter.configuration == nil)
        #expect(shorter.problems.first?.description.contains("from 6 to 120 months") == true)
    }
}
