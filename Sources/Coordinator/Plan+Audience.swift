import Sessions
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

/// Who gets what: everybody the programme, except while a session is not for all.
struct Audience: Sendable, Equatable {
    /// Ids; nil: all venues.
    var venues: [String]?
    var othersGet: VenueStatus.Share

    init(venues: [String]?, othersGet: VenueStatus.Share) {
        self.venues = venues
        self.othersGet = othersGet
    }

    init(_ configuration: Configuration, _ session: PlannedSession?) {
        self.init(
            venues: session?.venues, othersGet: configuration.program.othersGet == .nothing ? .nothing : .slate)
    }

    func share(of venue: String) -> VenueStatus.Share {
        venues?.contains(venue) ?? true ? .program : othersGet
    }
}

extension LinkFeed {
    /// What everybody gets.
    init(program paths: RunPaths) {
        self.init(liveFeed: paths.feed("live"), programSocket: paths.socket(WorkerID.program))
    }

    /// What those get whom a session is not for.
    init(slate paths: RunPaths) {
        self.init(liveFeed: paths.feed("slate"), programSocket: paths.socket(WorkerID.slate))
    }
}

/// A programme of one slate, in silence: a process of its own, which has never been given anything else.
func slateWorker(_ configuration: Configuration, _ paths: RunPaths) -> WorkerSpecification {
    let program = configuration.program
    var slate = ProgramRole.Slate(id: faultSlate, text: configuration.activityName)
    if case .slate(let id?) = program.othersGet, let chosen = program.slates.first(where: { $0.id == id }) {
        slate = ProgramRole.Slate(id: faultSlate, image: chosen.image, text: chosen.text)
    }
    return WorkerSpecification(
        id: WorkerID.slate, pipelineFile: program.pipelineFile,
        role: .program(
            ProgramRole(
                house: HouseFormat(configuration.house), inputs: [], slates: [slate],
                returnAfterSeconds: program.returnAfterSeconds, videoBitrateKbps: program.videoBitrateKbps,
                audioBitrateKbps: program.audioBitrateKbps, keyframeSeconds: program.keyframeSeconds,
                liveFeed: LinkFeed(slate: paths).liveFeed)))
}
