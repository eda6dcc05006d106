/// What of a stream's content is a fault, and how long it must last to be one. A duration of 0 seconds: never.
public struct ContentLimits: Codable, Sendable, Equatable {
    /// No cell of the picture is brighter than this: 8-bit luma, of which 16 is black.
    public var blackLuma = 28.0
    public var blackSeconds = 10.0
    /// Two pictures that differ by less than this are the same: levels of 8-bit luma, on average.
    public var frozenDifference = 0.5
    public var frozenSeconds = 120.0
    /// A peak below this is silence, dBFS.
    public var silenceDbfs = -60.0
    public var silentSeconds = 20.0
    /// Full scale is reached again and again for so long.
    public var clippingSeconds = 5.0
    /// No picture at all, no sound at all.
    public var missingSeconds = 3.0
    /// What short-term loudness ought to be, LUFS, and by how much it may be off, LU.
    public var loudnessLufs = -24.0
    public var loudnessToleranceLu = 12.0
    public var loudnessSeconds = 60.0
    /// By how much sound and picture may arrive apart, milliseconds of their times of presentation.
    public var soundOffsetMs = 500.0
    public var soundOffsetSeconds = 10.0
    /// So long after its last error a transport stream is sound again.
    public var errorSeconds = 10.0

    public init() {}
}
