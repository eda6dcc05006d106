extension Configuration {
    /// What is looked at in what goes out and in each input, and what of it is a fault when it lasts. 0 seconds: never.
    public struct Monitoring: Sendable, Equatable {
        /// A worker decodes what goes out, as a venue would.
        public var confidence = true
        /// Every input is looked at before it is taken.
        public var inputs = true
        /// The confidence monitor's, absolute.
        public var pipelineFile = ""

        public var blackSeconds = 10.0
        /// 8-bit luma of the brightest place; 16 is black.
        public var blackLuma = 28.0
        public var frozenSeconds = 120.0
        /// Levels of 8-bit luma on average by which two pictures may differ and be the same.
        public var frozenDifference = 0.5
        public var silentSeconds = 20.0
        /// A peak below this is silence.
        public var silenceDbfs = -60.0
        public var clippingSeconds = 5.0
        public var missingSeconds = 3.0
        public var loudnessLufs = -24.0
        public var loudnessToleranceLu = 12.0
        public var loudnessSeconds = 60.0
        /// By how much sound and picture may arrive apart.
        public var soundOffsetMs = 500.0
        public var soundOffsetSeconds = 10.0

        public init() {}
    }
}
