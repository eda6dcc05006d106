import WorkerProtocol

/// What pictures and sound look and sound like over time, against limits: pure. Times are nanoseconds of one clock that only
/// grows; pictures come about once a second, sound in pieces of whatever length.
struct ContentJudge: Sendable {
    private static let second: UInt64 = 1_000_000_000
    /// A cell may change by so many times what the whole picture may on average.
    private static let cellFactor = 3.0
    /// Below this nobody is speaking: not a matter of loudness, LUFS.
    private static let speech = -50.0

    var limits: ContentLimits
    /// So far apart pictures may be that are looked at.
    private let pictureSeconds: Double

    private var lastSample: (sample: PictureSample, at: UInt64)?
    /// The picture that stands, and where the one before it had been.
    private var anchor: PictureSample?
    private var beganAt: UInt64 = 0
    private var black = Lasting()
    private var still = Lasting()
    private var luma: Double?

    private var soundAt: UInt64 = 0
    private var peak = PeakHold()
    private var silent = Lasting()
    // Full scale is not reached in every piece.
    private var clipping = Lasting(hold: 2 * second)
    private var clippedSamples: UInt64 = 0
    private var tooLoud = Lasting(hold: 5 * second)
    private var tooQuiet = Lasting()
    private var offset = Lasting(hold: 2 * second)

    /// - Parameter pictureSeconds: between two pictures, at most.
    init(_ limits: ContentLimits, pictureSeconds: Double = 1) {
        self.pictureSeconds = pictureSeconds
        self.limits = limits
    }

    // MARK: Facts

    mutating func picture(_ sample: PictureSample, at now: UInt64) {
        // One that was lost on the way, and the next one, are no gap yet.
        if isLong(from: lastSample?.at, to: now, atLeast: 2 * pictureSeconds + 1) { forgetPicture() }
        // It changed somewhere between the last one and this: the middle is least wrong.
        let middle = lastSample.map { $0.at + (now - min(now, $0.at)) / 2 } ?? now
        luma = sample.mean
        black.note(sample.brightest <= limits.blackLuma, at: now, since: middle)
        if let anchor, isSame(sample, anchor) {
            still.note(true, at: now, since: beganAt)
        } else {
            // What changes slowly changes as well: it is held against where it began.
            (anchor, beganAt) = (sample, middle)
            still.note(false, at: now)
        }
        lastSample = (sample, now)
    }

    private func isSame(_ sample: PictureSample, _ other: PictureSample) -> Bool {
        let difference = sample.difference(from: other)
        return difference.mean < limits.frozenDifference
            && difference.cell < limits.frozenDifference * Self.cellFactor
    }

    mutating func sound(_ level: SoundLevel, at time: UInt64) {
        // Decoders guess the times of what came together.
        let now = max(time, soundAt)
        if isLong(from: soundAt, to: now) { forgetSound() }
        soundAt = now
        peak.add(level.peak, now: now)
        clippedSamples += UInt64(level.clipped)
        let isSilent = factorToDecibels(Double(level.peak)) < limits.silenceDbfs
        silent.note(isSilent, at: now)
        clipping.note(level.clipped > 0, at: now)
    }

    /// - Parameter shortTerm: LUFS; nil of silence.
    mutating func loudness(_ shortTerm: Double?, at now: UInt64) {
        tooLoud.note((shortTerm ?? -.infinity) > limits.loudnessLufs + limits.loudnessToleranceLu, at: now)
        guard let shortTerm, shortTerm > Self.speech else { return tooQuiet.note(false, at: now) }
        tooQuiet.note(shortTerm < limits.loudnessLufs - limits.loudnessToleranceLu, at: now)
    }

    /// - Parameter soundAgainstPicture: milliseconds; nil: one of them does not come.
    mutating func timing(_ soundAgainstPicture: Double?, at now: UInt64) {
        guard let soundAgainstPicture else { return offset.reset() }
        offset.note(abs(soundAgainstPicture) > limits.soundOffsetMs, at: now)
    }

    /// What comes now does not continue what came before.
    mutating func restart() {
        forgetPicture()
        forgetSound()
        offset.reset()
    }

    /// What was gone for so long begins anew.
    private func isLong(from last: UInt64?, to now: UInt64, atLeast seconds: Double = 1) -> Bool {
        last.map { now > $0 + UInt64(max(seconds, limits.missingSeconds) * 1e9) } ?? false
    }

    private mutating func forgetPicture() {
        (lastSample, anchor, luma) = (nil, nil, nil)
        black.reset()
        still.reset()
    }

    private mutating func forgetSound() {
        silent.reset()
        clipping.reset()
        tooLoud.reset()
        tooQuiet.reset()
    }

    // MARK: Answers

    /// Puts what is known here into a report that says already when picture and sound came last.
    /// - Parameters:
    ///   - begun: since when both are to be there; nil where somebody else says what is missing.
    ///   - asSeen: nothing is taken to have gone on since it was seen last: decoders may be far behind a stream that is read
    ///     faster than it plays.
    func complete(_ report: inout ContentReport, at now: UInt64, begun: UInt64?, asSeen: Bool = false) {
        let (hasPicture, hasSound) = (isThere(report.picture.ageMs), isThere(report.sound.ageMs))
        if hasPicture {
            report.picture.luma = luma
            report.picture.blackSeconds = black.seconds(now)
            report.picture.stillSeconds = still.seconds(now)
        }
        if hasSound {
            report.sound.peakDbfs = peak.decibels(now: max(now, soundAt))
            report.sound.silentSeconds = silent.seconds(now)
        }
        report.sound.clippedSamples = report.sound.ageMs == nil ? nil : clippedSamples
        report.findings = findings(
            report, hasPicture: hasPicture, hasSound: hasSound, now, begun: begun, asSeen: asSeen)
    }

    func hasSound(_ report: ContentReport) -> Bool { isThere(report.sound.ageMs) }

    private func isThere(_ ageMs: Double?) -> Bool {
        ageMs.map { $0 < max(1, limits.missingSeconds) * 1000 } ?? false
    }

    private func findings(
        _ report: ContentReport, hasPicture: Bool, hasSound: Bool, _ now: UInt64, begun: UInt64?,
        asSeen: Bool
    ) -> [Finding] {
        var findings: [Finding] = []
        func lasted(_ lasting: Lasting) -> Double? { asSeen ? lasting.seenSeconds : lasting.seconds(now) }
        func add(_ seconds: Double?, _ limit: Double, _ reason: Reason) {
            guard let seconds, limit > 0, seconds >= limit else { return }
            findings.append(Finding(reason: reason, seconds: seconds, limitSeconds: limit))
        }
        if let begun {
            let never = Double(now - min(now, begun)) / 1e9
            add(report.picture.ageMs.map { $0 / 1000 } ?? never, limits.missingSeconds, .missingPicture)
            add(report.sound.ageMs.map { $0 / 1000 } ?? never, limits.missingSeconds, .missingSound)
        }
        if hasPicture {
            add(lasted(black), limits.blackSeconds, .black)
            // A black picture stands still as well.
            if black.since == nil { add(lasted(still), limits.frozenSeconds, .frozen) }
        }
        if hasSound {
            add(lasted(silent), limits.silentSeconds, .silentContent)
            add(lasted(clipping), limits.clippingSeconds, .clipping)
            add(lasted(tooLoud), limits.loudnessSeconds, .tooLoud)
            add(lasted(tooQuiet), limits.loudnessSeconds, .tooQuiet)
        }
        if hasPicture, hasSound { add(lasted(offset), limits.soundOffsetSeconds, .soundOffset) }
        return findings
    }
}

/// What is looked at in a piece of sound.
struct SoundLevel: Sendable, Equatable {
    /// Full scale, as it comes out of an AAC decoder: flat tops have ripples there.
    private static let fullScale: Float = 0.98
    /// So many samples of one channel at full scale, one after another, are cut off. A limiter leaves single ones.
    private static let flat = 3

    /// The largest absolute sample.
    var peak: Float
    /// Samples that are cut off.
    var clipped: Int

    init(peak: Float, clipped: Int) {
        (self.peak, self.clipped) = (peak, clipped)
    }

    /// Interleaved.
    init(_ samples: UnsafeBufferPointer<Float>, channels: Int = 2) {
        var (peak, clipped): (Float, Int) = (0, 0)
        for channel in 0..<channels {
            var run = 0
            for index in stride(from: channel, to: samples.count, by: channels) {
                let size = abs(samples[index])
                if size > peak { peak = size }
                if size < Self.fullScale {
                    run = 0
                } else {
                    run += 1
                    clipped += run == Self.flat ? Self.flat : run > Self.flat ? 1 : 0
                }
            }
        }
        (self.peak, self.clipped) = (peak, clipped)
    }
}
