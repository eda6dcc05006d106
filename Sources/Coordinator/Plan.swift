import Sessions
import VenuecastConfiguration
import WorkerProtocol

/// Which workers ought to run, from the configuration and what operators want; pure. The programme first, then what it
/// is fed by, what records it, then the links, and what looks at all of it.
/// - Parameters:
///   - recording: what is to be recorded; none: nothing is.
///   - session: the one that runs.
func plan(
    _ configuration: Configuration, _ intents: Intents, _ paths: RunPaths, recording: [RecordingTarget] = [],
    session: PlannedSession? = nil
) -> [WorkerSpecification] {
    let house = HouseFormat(configuration.house)
    let program = configuration.program
    let audience = Audience(configuration, session)

    let inputs = configuration.inputs.map { input in
        WorkerSpecification(
            id: WorkerID.input(input.id), pipelineFile: input.pipelineFile,
            placeholders: input.placeholders.mapValues(PlaceholderValue.init),
            role: .input(
                InputRole(
                    house: house, feeds: InputFeeds(of: input.id, paths), gainDb: input.gainDb,
                    channels: input.channels, audioDelayMs: input.audioDelayMs, loop: input.loop,
                    passphraseFile: input.passphraseFile,
                    examination: ExaminationRole(input, configuration.monitoring, paths))))
    }
    let worker = WorkerSpecification(
        id: WorkerID.program, pipelineFile: program.pipelineFile,
        role: .program(
            ProgramRole(
                house: house,
                inputs: program.inputs.map { ProgramRole.Input(id: $0, feeds: InputFeeds(of: $0, paths)) },
                slates: slates(configuration), returnAfterSeconds: program.returnAfterSeconds,
                videoBitrateKbps: program.videoBitrateKbps, audioBitrateKbps: program.audioBitrateKbps,
                keyframeSeconds: program.keyframeSeconds, liveFeed: LinkFeed(program: paths).liveFeed,
                cleanFeeds: InputFeeds(clean: paths),
                countdown: program.countdown.flatMap(CountdownPlace.init))))
    let served = configuration.venues.filter { !intents.isStopped($0.id) && audience.share(of: $0.id) != .nothing }
    let links = served.map { venue in
        let feed = audience.share(of: venue.id) == .slate ? LinkFeed(slate: paths) : LinkFeed(program: paths)
        return WorkerSpecification(
            id: WorkerID.link(venue.id), pipelineFile: configuration.linkPipelineFile,
            role: .link(
                LinkRole(
                    url: venue.link.url, latencyMs: venue.link.latencyMs, passphraseFile: venue.link.passphraseFile,
                    maximumKbps: burstKbps(configuration), liveFeed: feed.liveFeed, programSocket: feed.programSocket))
        )
    }
    let needsSlate = served.contains { audience.share(of: $0.id) == .slate }
    return [worker] + (needsSlate ? [slateWorker(configuration, paths)] : []) + inputs
        + recording.flatMap { recorders(configuration, $0, paths) } + links
        + [confidenceWorker(configuration, paths)].compactMap { $0 }
}

/// The pace at which a keyframe may leave: the programme with the transport stream's overhead, two and a half times, so
/// that an access unit is gone before the next one comes and a line is not flooded.
func burstKbps(_ configuration: Configuration) -> Int {
    Int((configuration.kbpsPerVenue * 2.5).rounded(.up))
}

/// The configured ones; where none is for faults, a plain one with the activity's name.
private func slates(_ configuration: Configuration) -> [ProgramRole.Slate] {
    let configured = configuration.program.slates.map {
        ProgramRole.Slate(id: $0.id, image: $0.image, text: $0.text)
    }
    if configured.contains(where: { $0.id == faultSlate }) { return configured }
    return [ProgramRole.Slate(id: faultSlate, text: configuration.activityName)] + configured
}

/// The one that appears by itself.
let faultSlate = "fault"

extension CountdownPlace {
    init?(_ countdown: Configuration.Program.Countdown) {
        guard let corner = Corner(rawValue: countdown.corner) else { return nil }
        self.init(corner: corner, lastSeconds: countdown.lastSeconds)
    }
}

extension HouseFormat {
    init(_ house: Configuration.House) {
        let chroma: Chroma =
            switch house.chroma {
            case .yuv420: .yuv420
            case .yuv422: .yuv422
            }
        self.init(width: house.width, height: house.height, frameRate: house.frameRate, chroma: chroma)
    }
}

extension InputFeeds {
    /// - Parameter id: of the input.
    init(of id: String, _ paths: RunPaths) {
        self.init(picture: paths.feed("\(id)/picture"), sound: paths.feed("\(id)/sound"))
    }
}

extension PlaceholderValue {
    init(_ value: ConfigurationValue) {
        self =
            switch value {
            case .boolean(let value): .boolean(value)
            case .integer(let value): .integer(value)
            case .number(let value): .number(value)
            case .text(let value): .text(value)
            }
    }
}

extension Activity {
    init(_ configuration: Configuration) {
        var slates = configuration.program.slates.map(\.id)
        if !slates.contains(faultSlate) { slates.insert(faultSlate, at: 0) }
        self.init(
            name: configuration.activityName, inputs: configuration.inputs.map(\.id),
            programInputs: configuration.program.inputs, slates: slates,
            venues: configuration.venues.map { Venue(id: $0.id, name: $0.name, url: $0.link.url) },
            recording: configuration.recording.map {
                Recording(inputs: $0.inputs, floorBytes: $0.minimumFreeBytes, bytesPerSecond: $0.bytesPerSecond)
            }, uplinkMbps: configuration.program.uplinkMbps, kbpsPerVenue: configuration.kbpsPerVenue)
        still = Set(configuration.inputs.filter(\.still).map(\.id))
        silent = Set(configuration.inputs.filter(\.silent).map(\.id))
    }
}
