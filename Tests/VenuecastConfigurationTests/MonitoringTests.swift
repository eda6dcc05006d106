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

    @Test func alarmsGoWhereTheyAreToldTo() async throws {
        try workspace.write("keys/webhook", "0123456789abcdef0123", mode: 0o600)
        let text = """
            [control]
            scrapePort = 9464
            [alarms]
            venueSeconds = 20
            clearSeconds = 5
            [alarms.webhook]
            url = "https://alarm.example/hook"
            secretFile = "keys/webhook"
            [alarms.command]
            arguments = ["/bin/echo", "alarm"]
            deadlineSeconds = 3
            """
        let (configuration, problems) = try await workspace.check(Self.minimum + text)
        #expect(problems.allSatisfy { $0.severity == .warning })
        let alarms = try #require(configuration?.alarms)
        #expect(configuration?.control.scrapePort == 9464)
        #expect(alarms.venueSeconds == 20)
        #expect(alarms.programSeconds == 2)
        #expect(alarms.webhook?.secretFile == "\(workspace.directory)/keys/webhook")
        #expect(alarms.command == .init(arguments: ["/bin/echo", "alarm"], deadlineSeconds: 3))
    }

    @Test(arguments: [
        ("[alarms]\nvenueSecond = 3", "venueSeconds"), ("[alarms]\nvenueSeconds = 0", "from 1 to 3600"),
        ("[alarms.webhook]\nurl = \"ftp://x\"\nsecretFile = \"keys/good\"", "https://"),
        ("[alarms.webhook]\nurl = \"https://a:b@x/\"\nsecretFile = \"keys/good\"", "a secret has no place"),
        ("[alarms.webhook]\nurl = \"https://x/\"", "secretFile"),
        ("[alarms.webhook]\nurl = \"https://x/\"\nsecretFile = \"fault.png\"", "chmod 600"),
        ("[alarms.command]\narguments = [\"echo\"]", "no absolute path"),
        ("[alarms.command]\narguments = [\"/nowhere/x\"]", "is missing"),
    ])
    func namesWhatIsWrong(text: String, expected: String) async throws {
        let (configuration, problems) = try await workspace.check(Self.minimum + text + "\n")
        #expect(configuration == nil)
        #expect(problems.contains { $0.description.contains(expected) }, "\(problems)")
    }

    @Test func whatIsWatchedHasSaneDefaults() async throws {
        let plain = try #require(try await workspace.check(Self.minimum).configuration)
        #expect(plain.monitoring.confidence && plain.monitoring.inputs)
        #expect(plain.monitoring.pipelineFile.hasSuffix("/confidence.pipeline"))
        // A speaker pauses, and a slide stands.
        #expect(plain.monitoring.limits.silentSeconds >= 15 && plain.monitoring.limits.frozenSeconds >= 60)
        #expect(!plain.inputs[0].still && !plain.inputs[0].silent)

        let text =
            Self.minimum.replacing("pipeline = \"input-test\"", with: "pipeline = \"input-test\"\nstill = true") + """
                [monitoring]
                blackSeconds = 2.5
                frozenSeconds = 0
                silenceDbfs = -50
                """
        let other = try #require(try await workspace.check(text).configuration)
        #expect(other.monitoring.limits.blackSeconds == 2.5 && other.monitoring.limits.frozenSeconds == 0)
        #expect(
            other.monitoring.limits.silenceDbfs == -50
                && other.monitoring.limits.silentSeconds == plain.monitoring.limits.silentSeconds)
        #expect(other.inputs[0].still && !other.inputs[0].silent)
    }

    @Test func nobodyWatchesWhereItIsSwitchedOff() async throws {
        let text = Self.minimum + "[monitoring]\nconfidence = false\ninputs = false\n"
        let monitoring = try #require(try await workspace.check(text).configuration).monitoring
        #expect(!monitoring.confidence && !monitoring.inputs && monitoring.pipelineFile.isEmpty)
    }

    @Test func aThresholdThatIsNoneIsRefused() async throws {
        let outcome = try await workspace.check(Self.minimum + "[monitoring]\nsilenceDbfs = 3\nfrosenSeconds = 1\n")
        #expect(outcome.configuration == nil)
        let said = outcome.problems.map(\.description).joined(separator: "\n")
        #expect(said.contains("from -100 to -20 dBFS"))
        #expect(said.contains("write frozenSeconds"))
    }
}
