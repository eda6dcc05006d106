import WorkerProtocol

extension Configuration {
    /// What is looked at in what goes out and in each input, and what of it is a fault when it lasts.
    public struct Monitoring: Sendable, Equatable {
        /// A worker decodes what goes out, as a venue would.
        public var confidence = true
        /// Every input is looked at before it is taken.
        public var inputs = true
        /// The confidence monitor's, absolute.
        public var pipelineFile = ""
        public var limits = ContentLimits()

        public init() {}
    }
}
