/// The `moov` atom of a movie (QuickTime File Format Specification, Apple 2016).
struct MovieIndex {
    let movie: Movie
    /// Of the media's first byte, in the file.
    let mediaStart: Int
    /// Bytes of media before the first frame.
    let lead: Int

    private static let secondsTo1904 = 2_082_844_800
    private static let ticksPerFrame = 100
    private var scale: Int { movie.frameRate * Self.ticksPerFrame }
    private var duration: Int { movie.frames.count * Self.ticksPerFrame }
    private var created: Int { movie.created + Self.secondsTo1904 }
    private var timecodeTrack: Int { 2 + movie.soundTracks }

    func bytes() -> [UInt8] {
        var root = Atom()
        let places = MoviePlaces(movie, mediaStart: mediaStart, lead: lead)
        root.atom("moov") { moov in
            moov.full("mvhd") { atom in
                atom.u32(created)
                atom.u32(created)
                atom.u32(scale)
                atom.u32(duration)
                atom.u32(0x10000)
                atom.u16(0x100)
                atom.zeros(10)
                atom.matrix()
                atom.zeros(24)
                atom.u32(timecodeTrack + 1)
            }
            picture(&moov, places)
            for track in 0..<movie.soundTracks { sound(&moov, track, places) }
            timecode(&moov)
            metadata(&moov)
        }
        return root.bytes
    }

    // MARK: Tracks

    private func picture(_ moov: inout Atom, _ places: MoviePlaces) {
        moov.atom("trak") { trak in
            header(&trak, id: 1, volume: 0, width: movie.width, height: movie.height)
            trak.atom("tref") { $0.atom("tmcd") { $0.u32(timecodeTrack) } }
            media(&trak, scale: scale, duration: duration, handler: "vide", name: "Picture") { minf in
                minf.full("vmhd", flags: 1) { atom in
                    atom.u16(0x40)
                    for _ in 0..<3 { atom.u16(0x8000) }
                }
            } samples: { stbl in
                stbl.full("stsd") { atom in
                    atom.u32(movie.configurations.count)
                    for configuration in movie.configurations { avc1(&atom, configuration) }
                }
                timeToSample(&stbl, count: movie.frames.count, ticks: Self.ticksPerFrame)
                stbl.full("stsc") { atom in
                    atom.u32(places.configurationRuns.count)
                    for run in places.configurationRuns {
                        atom.u32(run.firstChunk)
                        atom.u32(1)
                        atom.u32(run.configuration + 1)
                    }
                }
                stbl.full("stsz") { atom in
                    atom.u32(0)
                    atom.u32(places.pictures.count)
                    for place in places.pictures { atom.u32(place.bytes) }
                }
                chunks(&stbl, places.pictures.lazy.map(\.offset))
            }
        }
    }

    private func sound(_ moov: inout Atom, _ track: Int, _ places: MoviePlaces) {
        let samples = movie.frames.count * movie.samplesPerFrame
        moov.atom("trak") { trak in
            header(&trak, id: 2 + track, volume: 0x100, width: 0, height: 0)
            trak.atom("tref") { $0.atom("tmcd") { $0.u32(timecodeTrack) } }
            media(&trak, scale: movie.sampleRate, duration: samples, handler: "soun", name: "Sound") { minf in
                minf.full("smhd") { $0.u32(0) }
            } samples: { stbl in
                stbl.full("stsd") { atom in
                    atom.u32(1)
                    pcm(&atom, track)
                }
                timeToSample(&stbl, count: samples, ticks: 1)
                stbl.full("stsc") { atom in
                    for value in [1, 1, movie.samplesPerFrame, 1] { atom.u32(value) }
                }
                stbl.full("stsz") { atom in
                    atom.u32(movie.channelsPerTrack * movie.bitDepth / 8)
                    atom.u32(samples)
                }
                chunks(&stbl, places.sounds.lazy.map { $0 < 0 ? mediaStart + 4 : $0 + track * movie.soundBytes })
            }
        }
    }

    private func timecode(_ moov: inout Atom) {
        moov.atom("trak") { trak in
            header(&trak, id: timecodeTrack, volume: 0, width: 0, height: 0)
            media(&trak, scale: scale, duration: duration, handler: "tmcd", name: "Timecode") { minf in
                minf.atom("gmhd") { gmhd in
                    gmhd.full("gmin") { atom in
                        atom.u16(0x40)
                        for _ in 0..<3 { atom.u16(0x8000) }
                        atom.zeros(4)
                    }
                    gmhd.atom("tmcd") { tmcd in
                        tmcd.full("tcmi") { atom in
                            atom.zeros(4)
                            atom.u16(12)
                            atom.zeros(2)
                            for value in [0, 0, 0, 0xFFFF, 0xFFFF, 0xFFFF] { atom.u16(value) }
                            atom.pascal("Helvetica")
                        }
                    }
                }
            } samples: { stbl in
                stbl.full("stsd") { atom in
                    atom.u32(1)
                    atom.atom("tmcd") { entry in
                        entry.zeros(6)
                        entry.u16(1)
                        entry.u32(0)
                        // It begins again at midnight; never drop-frame.
                        entry.u32(2)
                        entry.u32(scale)
                        entry.u32(Self.ticksPerFrame)
                        entry.u8(movie.frameRate)
                        entry.u8(0)
                        entry.atom("name") { name in
                            let text = Array(movie.reel.utf8)
                            name.u16(text.count)
                            name.u16(0)
                            name.raw(text)
                        }
                    }
                }
                timeToSample(&stbl, count: 1, ticks: duration)
                stbl.full("stsc") { atom in for value in [1, 1, 1, 1] { atom.u32(value) } }
                stbl.full("stsz") { atom in
                    atom.u32(4)
                    atom.u32(1)
                }
                chunks(&stbl, CollectionOfOne(mediaStart))
            }
        }
    }

    // MARK: Sample descriptions

    private func avc1(_ stsd: inout Atom, _ configuration: [UInt8]) {
        stsd.atom("avc1") { entry in
            entry.zeros(6)
            entry.u16(1)
            entry.zeros(4)
            entry.code("vncs")
            entry.u32(0)
            entry.u32(0x3FF)
            entry.u16(movie.width)
            entry.u16(movie.height)
            entry.u32(72 << 16)
            entry.u32(72 << 16)
            entry.u32(0)
            entry.u16(1)
            entry.pascal("H.264")
            entry.zeros(31 - 5)
            entry.u16(24)
            entry.u16(0xFFFF)
            entry.atom("avcC") { $0.raw(configuration) }
            // bt709, progressive, square.
            entry.atom("colr") { atom in
                atom.code("nclc")
                for _ in 0..<3 { atom.u16(1) }
            }
            entry.atom("fiel") { atom in
                atom.u8(1)
                atom.u8(0)
            }
            entry.atom("pasp") { atom in
                atom.u32(1)
                atom.u32(1)
            }
        }
    }

    private func pcm(_ stsd: inout Atom, _ track: Int) {
        let code = [16: "twos", 32: "in32"][movie.bitDepth] ?? "in24"
        let bytes = movie.bitDepth / 8
        stsd.atom(code) { entry in
            entry.zeros(6)
            entry.u16(1)
            entry.u16(1)
            entry.zeros(6)
            entry.u16(movie.channelsPerTrack)
            entry.u16(16)
            entry.zeros(4)
            entry.u32(movie.sampleRate << 16)
            entry.u32(1)
            entry.u32(bytes)
            entry.u32(bytes * movie.channelsPerTrack)
            entry.u32(2)
            entry.atom("wave") { wave in
                wave.atom("frma") { $0.code(code) }
                wave.atom("enda") { $0.u16(0) }
                wave.u32(8)
                wave.u32(0)
            }
            entry.full("chan") { chan in
                if movie.sound == .mono, movie.channels == 2 {
                    // One channel that is described: left, or right.
                    for value in [0, 0, 1, track + 1, 0, 0, 0, 0] { chan.u32(value) }
                } else {
                    let layouts = [1: 100 << 16 | 1, 2: 101 << 16 | 2]
                    chan.u32(layouts[movie.channelsPerTrack] ?? 147 << 16 | movie.channelsPerTrack)
                    chan.u32(0)
                    chan.u32(0)
                }
            }
        }
    }

    // MARK: What all tracks have

    private func header(_ trak: inout Atom, id: Int, volume: Int, width: Int, height: Int) {
        trak.full("tkhd", flags: 0xF) { atom in
            atom.u32(created)
            atom.u32(created)
            atom.u32(id)
            atom.u32(0)
            atom.u32(duration)
            atom.zeros(12)
            atom.u16(volume)
            atom.u16(0)
            atom.matrix()
            atom.u32(width << 16)
            atom.u32(height << 16)
        }
    }

    private func media(
        _ trak: inout Atom, scale: Int, duration: Int, handler: String, name: String,
        information: (inout Atom) -> Void, samples: (inout Atom) -> Void
    ) {
        trak.atom("mdia") { mdia in
            mdia.full("mdhd") { atom in
                atom.u32(created)
                atom.u32(created)
                atom.u32(scale)
                atom.u32(duration)
                // No language.
                atom.u16(0x7FFF)
                atom.u16(0)
            }
            self.handler(&mdia, "mhlr", handler, name)
            mdia.atom("minf") { minf in
                information(&minf)
                self.handler(&minf, "dhlr", "alis", "Data")
                minf.atom("dinf") { dinf in
                    dinf.full("dref") { atom in
                        atom.u32(1)
                        // In this very file.
                        atom.full("alis", flags: 1) { _ in }
                    }
                }
                minf.atom("stbl") { samples(&$0) }
            }
        }
    }

    private func handler(_ parent: inout Atom, _ type: String, _ subtype: String, _ name: String) {
        parent.full("hdlr") { atom in
            atom.code(type)
            atom.code(subtype)
            atom.zeros(12)
            atom.pascal(name)
        }
    }

    private func timeToSample(_ stbl: inout Atom, count: Int, ticks: Int) {
        stbl.full("stts") { atom in for value in [1, count, ticks] { atom.u32(value) } }
    }

    private func chunks(_ stbl: inout Atom, _ offsets: some Collection<Int>) {
        stbl.full("co64") { atom in
            atom.u32(offsets.count)
            for offset in offsets { atom.u64(offset) }
        }
    }

    private func metadata(_ moov: inout Atom) {
        let entries = [("title", movie.title), ("comment", movie.comment), ("software", movie.software)]
            .filter { !$0.1.isEmpty }
        moov.atom("meta") { meta in
            meta.full("hdlr") { atom in
                atom.zeros(4)
                atom.code("mdta")
                atom.zeros(13)
            }
            meta.full("keys") { keys in
                keys.u32(entries.count)
                for (key, _) in entries { keys.atom("mdta") { $0.code("com.apple.quicktime.\(key)") } }
            }
            meta.atom("ilst") { list in
                for (index, (_, text)) in entries.enumerated() {
                    // An item's kind is the number of its key.
                    var item = Atom()
                    item.atom("data") { data in
                        data.u32(1)
                        data.u32(0)
                        data.code(text)
                    }
                    list.u32(8 + item.bytes.count)
                    list.u32(index + 1)
                    list.raw(item.bytes)
                }
            }
        }
    }
}

/// Where each frame's bytes lie in the file.
struct MoviePlaces {
    private(set) var pictures: [(offset: Int, bytes: Int)] = []
    /// Of the first track; -1: silence.
    private(set) var sounds: [Int] = []
    /// Where another configuration begins to hold, chunks from 1.
    private(set) var configurationRuns: [(firstChunk: Int, configuration: Int)] = []

    init(_ movie: Movie, mediaStart: Int, lead: Int) {
        pictures.reserveCapacity(movie.frames.count)
        sounds.reserveCapacity(movie.frames.count)
        var at = mediaStart + lead
        // Stand-ins at the very beginning show the first picture there is, which comes first in the media.
        var latest: (offset: Int, bytes: Int, configuration: Int)?
        for case .picture(let bytes, let configuration) in movie.frames {
            latest = (at, Int(bytes), Int(configuration))
            break
        }
        for frame in movie.frames {
            if case .picture(let bytes, let configuration) = frame {
                latest = (at, Int(bytes), Int(configuration))
                sounds.append(at + Int(bytes))
                at += Int(bytes) + movie.soundTracks * movie.soundBytes
            } else {
                sounds.append(-1)
            }
            let shown = latest ?? (mediaStart, 0, 0)
            pictures.append((shown.offset, shown.bytes))
            if configurationRuns.last?.configuration != shown.configuration {
                configurationRuns.append((pictures.count, shown.configuration))
            }
        }
    }
}
