import TransportStream
import WorkerProtocol

/// What is read from a transport stream's packets, without decoding anything: pure.
struct StreamParsing {
    var inspector = StreamInspector.forExamination
    var rate = RateMeter()
    var begunAt: UInt64?
    var pictureAt: UInt64?
    var soundAt: UInt64?
    var pictures: UInt64 = 0
    var errorAt: UInt64?
    /// Of the connections before.
    var earlier: [TransportError: UInt64] = [:]
    /// How many the inspector had counted.
    var known: UInt64 = 0
    var lastKey: Int64?
    var keyframeSeconds: Double?
    /// Of sound against picture, milliseconds, over the last pictures; nil while one of them does not come.
    var offset: Double?
    /// Sound that came longer ago has nothing to do with the picture that comes now.
    static let soundMemory: UInt64 = 1_000_000_000
}

extension StreamParsing {
    /// - Returns: what is to be decoded, and whether a picture has come.
    mutating func take(_ bytes: UnsafeRawBufferPointer, at now: UInt64) -> (units: [ElementaryUnit], hasPicture: Bool) {
        if begunAt == nil { begunAt = now }
        let (pictures, sounds) = (inspector.videoAccessUnits, inspector.audioPackets)
        inspector.feed(bytes)
        let new = inspector.videoAccessUnits - pictures
        rate.add(frames: new, bytes: UInt64(bytes.count), now: now)
        if inspector.audioPackets > sounds { soundAt = now }
        let count = inspector.errors.values.reduce(0, +)
        if count != known { (known, errorAt) = (count, now) }
        if new > 0 {
            pictureAt = now
            if soundAt.map({ now > $0 + Self.soundMemory }) ?? true {
                offset = nil
            } else if let unit = inspector.lastAccessUnit, let sound = inspector.lastAudioPTS, let picture = unit.pts {
                // Both begin anywhere on a circle of 26 hours, and near to each other.
                let difference = Double(sound - picture).remainder(dividingBy: Double(PESHeader.period)) / 90
                offset = offset.map { $0 + (difference - $0) / 16 } ?? difference
            }
        }
        let units = inspector.takeUnits()
        for unit in units where unit.kind == .keyPicture {
            if let pts = unit.pts {
                if let lastKey, pts > lastKey { keyframeSeconds = Double(pts - lastKey) / 90_000 }
                lastKey = pts
            }
        }
        return (units, new > 0)
    }

    var errors: [TransportError: UInt64] { earlier.merging(inspector.errors) { $0 + $1 } }

    func fill(_ report: inout ContentReport, at now: UInt64) {
        func age(_ time: UInt64?) -> Double? { time.map { Double(now - min(now, $0)) / 1e6 } }
        report.picture.ageMs = age(pictureAt)
        report.sound.ageMs = age(soundAt)
        let rates = rate.perSecond(now: now)
        report.picture.framesPerSecond = pictureAt == nil ? nil : rates?.frames
        report.picture.coding = inspector.programMap?.streams.first { $0.isVideo }?.coding
        report.sound.coding = inspector.programMap?.streams.first { $0.isAudio }?.coding
        var stream = StreamContent()
        stream.bitrateKbps = rates.map { $0.bytes * 8 / 1000 }
        stream.keyframeSeconds = keyframeSeconds
        stream.soundAgainstPictureMs = offset
        stream.pictureLeadMs = inspector.pictureLeadMs
        stream.soundLeadMs = inspector.soundLeadMs
        stream.packets = inspector.packets
        stream.errors = Dictionary(uniqueKeysWithValues: errors.map { ($0.key.rawValue, $0.value) })
        stream.lastErrorSeconds = errorAt.map { Double(now - min(now, $0)) / 1e9 }
        report.stream = stream
    }
}

extension StreamInspector {
    static var forExamination: StreamInspector {
        var inspector = StreamInspector()
        inspector.keepsUnits = true
        return inspector
    }

    /// What `confidence.pipeline` decodes, by `ProgramMap.Stream.coding`.
    static let decodable: Set<String> = ["H.264", "AAC"]
}
