/// Makes the bytes of a Matroska file of which every moment is whole: a header, then one cluster for each frame, with
/// the picture and the sound that belongs to it and with a size that is known. Whatever ends the writing, all but the
/// cluster that was just being written is there and can be played. Holds no file: who uses it writes.
///
/// `matroskamux` would do as much, and `splitmuxsink` around it would make the segments. But a disk that fails ends
/// their pipeline, and takes with it what waits to be written; with the file in our own hands the next segment goes
/// on with the very next frame, on this disk or once it is back.
public enum MatroskaWriter {
    private static let contentsRoom = 160
    /// Bytes in front of what is in a block, inside its cluster: element, four bytes of size, track, relative time, flags.
    public static let blockHead = 9

    /// - Parameters:
    ///   - dateNanoseconds: of the first frame, since 1970, UTC.
    ///   - timecode: of the first frame, `HH:MM:SS:FF`.
    public static func header(
        _ format: MatroskaFormat, dateNanoseconds: Int64, timecode: String, application: String
    ) -> (bytes: [UInt8], layout: MatroskaLayout) {
        var layout = MatroskaLayout()
        var bytes = EBML.parent(
            .ebml, EBML.number(.ebmlVersion, 1), EBML.number(.ebmlReadVersion, 1), EBML.number(.ebmlMaxIDLength, 4),
            EBML.number(.ebmlMaxSizeLength, 8), EBML.text(.docType, "matroska"), EBML.number(.docTypeVersion, 4),
            EBML.number(.docTypeReadVersion, 2))
        bytes += EBML.id(.segment)
        layout.segmentSize = bytes.count
        bytes += EBML.unknownSize
        layout.segmentStart = bytes.count
        layout.contents = bytes.count..<(bytes.count + contentsRoom)
        bytes += EBML.void(contentsRoom)

        layout.info = bytes.count
        let duration = EBML.float(.duration, 0.0)
        bytes += EBML.parent(
            .info, EBML.number(.timestampScale, 1_000_000), EBML.text(.muxingApp, application),
            EBML.text(.writingApp, application), EBML.element(.dateUTC, date(dateNanoseconds)), duration)
        layout.duration = bytes.count - 8

        layout.tracks = bytes.count
        bytes += EBML.parent(.tracks, picture(format), sound(format))
        layout.tags = bytes.count
        bytes += EBML.parent(
            .tags,
            EBML.parent(
                .tag, EBML.parent(.targets, EBML.number(.tagTrackUID, MatroskaFormat.pictureTrack)),
                EBML.parent(
                    .simpleTag, EBML.text(.tagName, "TIMECODE"), EBML.text(.tagString, timecode))))
        return (bytes, layout)
    }

    /// What goes before the picture and what goes between it and the sound, in one cluster.
    public static func cluster(
        milliseconds: Int, pictureSize: Int, isKey: Bool, soundSize: Int
    ) -> (beforePicture: [UInt8], beforeSound: [UInt8]) {
        let time = [UInt8](
            EBML.id(.timestamp) + [0x84] + (0..<4).map { UInt8(truncatingIfNeeded: milliseconds >> ((3 - $0) * 8)) })
        let size = time.count + blockHead + pictureSize + blockHead + soundSize
        let before =
            EBML.id(.cluster) + EBML.size(size, bytes: 4) + time
            + block(track: MatroskaFormat.pictureTrack, isKey: isKey, size: pictureSize)
        return (before, block(track: MatroskaFormat.soundTrack, isKey: true, size: soundSize))
    }

    /// What makes a file complete: the index behind its last cluster, then what is written over. Without room for the
    /// index the rest alone still does.
    /// - Parameters:
    ///   - end: bytes up to the end of the last whole cluster.
    public static func ending(
        _ layout: MatroskaLayout, end: Int, milliseconds: Int, cues: [MatroskaCue], withIndex: Bool = true
    ) -> (index: [UInt8], patches: [(offset: Int, bytes: [UInt8])]) {
        let index =
            withIndex
            ? EBML.element(
                .cues,
                cues.flatMap { cue in
                    EBML.parent(
                        .cuePoint, EBML.number(.cueTime, cue.milliseconds),
                        EBML.parent(
                            .cueTrackPositions, EBML.number(.cueTrack, MatroskaFormat.pictureTrack),
                            EBML.number(.cueClusterPosition, cue.offset - layout.segmentStart)))
                }) : []
        let parts: [(MatroskaID, Int)] = [(.info, layout.info), (.tracks, layout.tracks), (.tags, layout.tags)]
        var seeks = parts.map { seek($0.0, at: $0.1 - layout.segmentStart) }
        if withIndex { seeks.append(seek(.cues, at: end - layout.segmentStart)) }
        var contents = EBML.element(.seekHead, seeks.flatMap { $0 })
        contents += EBML.void(layout.contents.count - contents.count)
        return (
            index,
            [
                (layout.contents.lowerBound, contents), (layout.duration, EBML.float(Double(milliseconds))),
                (layout.segmentSize, EBML.size(end + index.count - layout.segmentStart, bytes: 8)),
            ]
        )
    }

    static func seek(_ id: MatroskaID, at position: Int) -> [UInt8] {
        EBML.parent(.seek, EBML.element(.seekID, EBML.id(id)), EBML.number(.seekPosition, position))
    }

    private static func block(track: Int, isKey: Bool, size: Int) -> [UInt8] {
        EBML.id(.simpleBlock) + EBML.size(size + 4, bytes: 4) + [0x80 | UInt8(track), 0, 0, isKey ? 0x80 : 0]
    }

    private static func picture(_ format: MatroskaFormat) -> [UInt8] {
        EBML.parent(
            .trackEntry, EBML.number(.trackNumber, MatroskaFormat.pictureTrack),
            EBML.number(.trackUID, MatroskaFormat.pictureTrack), EBML.number(.trackType, 1),
            EBML.number(.flagLacing, 0), EBML.text(.language, "und"),
            EBML.number(.defaultDuration, format.frameMilliseconds * 1_000_000),
            EBML.text(.codecID, "V_MPEG4/ISO/AVC"), EBML.element(.codecPrivate, format.codecPrivate),
            EBML.parent(
                .video, EBML.number(.flagInterlaced, 2), EBML.number(.pixelWidth, format.width),
                EBML.number(.pixelHeight, format.height),
                // bt709, studio range.
                EBML.parent(
                    .colour, EBML.number(.matrixCoefficients, 1), EBML.number(.range, 1),
                    EBML.number(.transferCharacteristics, 1), EBML.number(.primaries, 1))))
    }

    private static func sound(_ format: MatroskaFormat) -> [UInt8] {
        EBML.parent(
            .trackEntry, EBML.number(.trackNumber, MatroskaFormat.soundTrack),
            EBML.number(.trackUID, MatroskaFormat.soundTrack), EBML.number(.trackType, 2),
            EBML.number(.flagLacing, 0), EBML.text(.language, "und"),
            EBML.number(.defaultDuration, format.frameMilliseconds * 1_000_000),
            EBML.text(.codecID, "A_PCM/INT/LIT"),
            EBML.parent(
                .audio, EBML.float(.samplingFrequency, Double(format.sampleRate)),
                EBML.number(.channels, format.channels), EBML.number(.bitDepth, format.bitDepth)))
    }

    /// Nanoseconds since 2001, in eight bytes.
    private static func date(_ nanoseconds: Int64) -> [UInt8] {
        let value = nanoseconds - 978_307_200 * 1_000_000_000
        return (0..<8).map { UInt8(truncatingIfNeeded: value >> ((7 - $0) * 8)) }
    }
}
