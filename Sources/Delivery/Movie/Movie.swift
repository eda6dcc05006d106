/// A QuickTime movie of pictures that each stand for themselves, uncompressed sound and a timecode track: all that is
/// to be known before its first byte is written.
///
/// Own writing, and not a library's: nothing is encoded, every size is known beforehand, and so the file is written
/// once from front to end with its index in front: hashed as it is written, and played while it is still being fetched.
struct Movie: Sendable {
    enum Sound: String, Codable, Sendable {
        /// One track for each channel, as newsrooms have it.
        case mono
        /// One track.
        case stereo
    }

    /// One frame; a stand-in shows the picture before it (or the first one there is), in silence.
    enum Frame: Sendable, Equatable {
        case picture(bytes: Int32, configuration: UInt8)
        case standIn
    }

    var width: Int
    var height: Int
    var frameRate: Int
    /// `AVCDecoderConfigurationRecord`s, to which frames refer.
    var configurations: [[UInt8]]
    var frames: [Frame]
    var sound: Sound
    var sampleRate: Int
    var channels: Int
    /// 16, 24 or 32.
    var bitDepth: Int
    /// Of the first frame, since midnight.
    var firstFrameOfDay: Int
    var reel: String
    /// Seconds since 1970, UTC: of the first frame.
    var created: Int
    var title: String
    var comment: String
    var software: String

    var soundTracks: Int { sound == .mono ? channels : 1 }
    var channelsPerTrack: Int { sound == .mono ? 1 : channels }
    var samplesPerFrame: Int { sampleRate / frameRate }
    /// Of one frame in one track.
    var soundBytes: Int { samplesPerFrame * channelsPerTrack * bitDepth / 8 }

    /// Everything before the first frame's bytes. Behind it: each frame that is no stand-in, its picture and then its
    /// sound, one track after another.
    func header() -> (bytes: [UInt8], total: Int) {
        let hasStandIns = frames.contains(.standIn)
        // The timecode, and one frame of silence for all stand-ins.
        let lead = 4 + (hasStandIns ? soundBytes : 0)
        let payload = frames.reduce(lead) { sum, frame in
            guard case .picture(let bytes, _) = frame else { return sum }
            return sum + Int(bytes) + soundTracks * soundBytes
        }
        var head = Atom()
        head.atom("ftyp") { atom in
            atom.code("qt  ")
            atom.u32(0x2011_0700)
            atom.code("qt  ")
        }
        // Offsets have a fixed width, so that the index has the same size wherever the media begins.
        let indexSize = MovieIndex(movie: self, mediaStart: 0, lead: lead).bytes().count
        let mediaStart = head.bytes.count + indexSize + 16
        head.raw(MovieIndex(movie: self, mediaStart: mediaStart, lead: lead).bytes())
        head.u32(1)
        head.code("mdat")
        head.u64(16 + payload)
        head.u32(firstFrameOfDay)
        if hasStandIns { head.zeros(soundBytes) }
        return (head.bytes, mediaStart + payload)
    }

    /// Little-endian samples of all channels, as Matroska has them, to what goes into the tracks.
    func soundTracks(from samples: UnsafeRawBufferPointer) -> [UInt8] {
        let width = bitDepth / 8
        let count = samplesPerFrame * channels
        return [UInt8](unsafeUninitializedCapacity: count * width) { result, size in
            var at = 0
            for track in 0..<soundTracks {
                let own = sound == .mono ? track...track : 0...(channels - 1)
                for sample in 0..<samplesPerFrame {
                    for channel in own {
                        let from = (sample * channels + channel) * width
                        for byte in 0..<width {
                            // Too short a block is silent at its end.
                            let source = from + width - 1 - byte
                            result[at] = source < samples.count ? samples[source] : 0
                            at += 1
                        }
                    }
                }
            }
            size = at
        }
    }
}
