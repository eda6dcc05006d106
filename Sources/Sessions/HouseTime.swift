import WorkerProtocol

extension SessionClock {
    /// Nanoseconds.
    var frameDuration: UInt64 { 1_000_000_000 / UInt64(frameRate) }

    /// The number of the frame that is on at a moment of this machine start.
    public func slot(_ moment: Moment) -> UInt64 { moment.monotonic / frameDuration }

    public func timecode(_ moment: Moment) -> Timecode {
        clock.timecode(ofSlot: slot(moment), frameRate: frameRate)
    }

    /// With the time of day that its frames have.
    public func moment(monotonic: UInt64) -> Moment {
        Moment(bootID: bootID, monotonic: monotonic, wall: clock.wallTime(at: monotonic))
    }

    /// The frame of that timecode that is nearest to a moment: at most half a day away.
    func moment(_ code: Timecode, near moment: Moment) -> Moment? {
        let day = Int64(frameRate) * 86_400
        let known = timecode(moment).frameOfDay(frameRate)
        var distance = (Int64(code.frameOfDay(frameRate)) - Int64(known)) % day
        if distance > day / 2 { distance -= day }
        if distance < -day / 2 { distance += day }
        let slot = Int64(slot(moment)) + distance
        return slot < 0 ? nil : self.moment(monotonic: UInt64(slot) * frameDuration)
    }
}

extension Timecode {
    func frameOfDay(_ frameRate: Int) -> Int { ((hours * 60 + minutes) * 60 + seconds) * frameRate + frames }

    /// - Parameter text: `14:03:10:05`; `14:03:10` is its first frame.
    init?(_ text: String, frameRate: Int) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } && (1...2).contains(part.count) ? Int(part) : nil
        }
        guard (3...4).contains(parts.count), !parts.contains(nil) else { return nil }
        let numbers = parts.compactMap { $0 } + (parts.count == 3 ? [0] : [])
        guard numbers[0] < 24, numbers[1] < 60, numbers[2] < 60, numbers[3] < frameRate else { return nil }
        self.init(
            frameOfDay: ((numbers[0] * 60 + numbers[1]) * 60 + numbers[2]) * frameRate + numbers[3],
            frameRate: frameRate)
    }
}
