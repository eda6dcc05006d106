import VenuecastConfiguration
import WorkerProtocol

/// The worker that looks at what goes out; nil where none is wanted.
func confidenceWorker(_ configuration: Configuration, _ paths: RunPaths) -> WorkerSpecification? {
    let monitoring = configuration.monitoring
    guard monitoring.confidence, !monitoring.pipelineFile.isEmpty else { return nil }
    return WorkerSpecification(
        id: WorkerID.confidence, pipelineFile: monitoring.pipelineFile,
        role: .confidence(
            ConfidenceRole(
                liveFeed: LinkFeed(program: paths).liveFeed, thumbnail: paths.thumbnail(WorkerID.program),
                limits: monitoring.limits)))
}

extension ExaminationRole {
    /// How an input is looked at; nil where none is.
    init?(_ input: Configuration.Input, _ monitoring: Configuration.Monitoring, _ paths: RunPaths) {
        guard monitoring.inputs else { return nil }
        var limits = monitoring.limits
        if input.still { limits.frozenSeconds = 0 }
        if input.silent { (limits.silentSeconds, limits.loudnessSeconds) = (0, 0) }
        self.init(limits: limits, thumbnail: paths.thumbnail(WorkerID.input(input.id)))
    }
}
