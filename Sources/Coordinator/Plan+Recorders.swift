import VenuecastConfiguration
import WorkerProtocol

/// One recorder for the programme, and one for each input that is recorded besides, so that a fault of the programme
/// leaves no hole in the only copy.
func recorders(
    _ configuration: Configuration, _ target: RecordingTarget, _ paths: RunPaths
) -> [WorkerSpecification] {
    guard let recording = configuration.recording else { return [] }
    func recorder(_ id: String, _ source: String, _ feeds: InputFeeds, folder: String) -> WorkerSpecification {
        WorkerSpecification(
            id: id, pipelineFile: recording.pipelineFile,
            placeholders: recording.placeholders.mapValues(PlaceholderValue.init),
            role: .recorder(
                RecorderRole(
                    house: HouseFormat(configuration.house), source: source, feeds: feeds, session: target.session,
                    sessionDirectory: target.sessionDirectory, folder: folder,
                    segmentSeconds: recording.segmentSeconds, videoBitrateKbps: recording.videoBitrateKbps,
                    minimumFreeBytes: recording.minimumFreeBytes, queueBytes: recording.bufferBytes,
                    copyDirectory: target.copyDirectory.map { "\($0)/\(target.session)" }, clock: target.clock)))
    }
    return [
        recorder(WorkerID.recorder(lane: target.lane), RecorderRole.program, InputFeeds(clean: paths), folder: "master")
    ]
        + recording.inputs.map {
            recorder(WorkerID.recorder(lane: target.lane, $0), $0, InputFeeds(of: $0, paths), folder: "iso-\($0)")
        }
}

extension InputFeeds {
    /// Of the programme; no input can have these names.
    init(clean paths: RunPaths) {
        self.init(picture: paths.feed("clean-picture"), sound: paths.feed("clean-sound"))
    }
}
