/// What a file holds: one H.264 picture track and one track of uncompressed sound.
public struct MatroskaFormat: Sendable, Equatable {
    public static let pictureTrack = 1
    public static let soundTrack = 2

    public var width: Int
    public var height: Int
    /// `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15): what an H.264 stream in format avc has as `codec_data`.
    public var codecPrivate: [UInt8]
    /// Whole milliseconds of one picture and of the sound beside it.
    public var frameMilliseconds: Int
    public var sampleRate: Int
    public var channels: Int
    /// Of a sample, little-endian and signed: 16, 24 or 32.
    public var bitDepth: Int

    public init(
        width: Int, height: Int, codecPrivate: [UInt8], frameMilliseconds: Int, sampleRate: Int = 48_000,
        channels: Int = 2, bitDepth: Int = 24
    ) {
        self.width = width
        self.height = height
        self.codecPrivate = codecPrivate
        self.frameMilliseconds = frameMilliseconds
        self.sampleRate = sampleRate
        self.channels = channels
        self.bitDepth = bitDepth
    }
}

/// Where the parts of a file lie that are written over when it is closed. Bytes from its beginning.
public struct MatroskaLayout: Sendable, Equatable {
    /// The eight bytes of the segment's size.
    public internal(set) var segmentSize = 0
    /// The first byte in the segment; positions in the file's own tables count from here.
    public internal(set) var segmentStart = 0
    /// Room for the table of contents.
    public internal(set) var contents = 0..<0
    /// The eight bytes of the duration.
    public internal(set) var duration = 0
    public internal(set) var info = 0
    public internal(set) var tracks = 0
    public internal(set) var tags = 0
}

/// A place to begin reading from.
public struct MatroskaCue: Sendable, Equatable {
    public var milliseconds: Int
    /// Of the cluster, from the beginning of the file.
    public var offset: Int

    public init(milliseconds: Int, offset: Int) {
        self.milliseconds = milliseconds
        self.offset = offset
    }
}
