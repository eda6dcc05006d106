/// The one mapping from the house's time (CLOCK_MONOTONIC, of which every frame has a whole number) to the time of
/// day. Timecode, in-band time and the as-run log are all of it.
public struct DayClock: Codable, Sendable, Equatable {
    /// CLOCK_REALTIME less CLOCK_MONOTONIC, nanoseconds.
    public var offset: Int64
    /// Seconds by which the local time of day, which timecode shows, is ahead of UTC.
    public var utcOffsetSeconds: Int

    public init(offset: Int64, utcOffsetSeconds: Int) {
        self.offset = offset
        self.utcOffsetSeconds = utcOffsetSeconds
    }

    /// Nanoseconds since 1970, UTC.
    public func wallTime(at monotonic: UInt64) -> Int64 { Int64(monotonic) + offset }

    /// The timecode of a frame: from one frame to the next it always advances by one, and is never further from the
    /// time of day than half a frame.
    /// - Parameters:
    ///   - slot: the frame's number, CLOCK_MONOTONIC divided by the length of a frame.
    ///   - frameRate: whole frames a second.
    public func timecode(ofSlot slot: UInt64, frameRate: Int) -> Timecode {
        Timecode(frameNumber: frameNumber(ofSlot: slot, frameRate: frameRate), frameRate: frameRate)
    }

    /// The same without the day's end: frames since 1970 of the local time. One line of numbers for the slots of every
    /// start of the machine.
    public func frameNumber(ofSlot slot: UInt64, frameRate: Int) -> Int {
        let frame = 1_000_000_000 / Int64(frameRate)
        let atSlotZero = offset + Int64(utcOffsetSeconds) * 1_000_000_000 + frame / 2
        let framesAtSlotZero = atSlotZero >= 0 ? atSlotZero / frame : (atSlotZero - frame + 1) / frame
        return Int(framesAtSlotZero + Int64(slot))
    }
}

/// `HH:MM:SS:FF`; never a drop-frame one, since the house's rates are whole.
public struct Timecode: Sendable, Equatable, CustomStringConvertible {
    public var hours: Int
    public var minutes: Int
    public var seconds: Int
    public var frames: Int

    /// - Parameter frameNumber: frames since any midnight.
    public init(frameNumber: Int, frameRate: Int) {
        let day = frameRate * 86_400
        self.init(frameOfDay: (frameNumber % day + day) % day, frameRate: frameRate)
    }

    public init(frameOfDay: Int, frameRate: Int) {
        let (second, frame) = frameOfDay.quotientAndRemainder(dividingBy: frameRate)
        frames = frame
        seconds = second % 60
        minutes = second / 60 % 60
        hours = second / 3600
    }

    public var description: String {
        [hours, minutes, seconds, frames].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}

/// The clock of a session: made by whichever of its recorders begins first and the same for all of them, so that a
/// recorder that starts anew, and every input recorded besides, counts on. After the machine's next start
/// CLOCK_MONOTONIC is another one, and so is this.
public struct SessionClock: Codable, Sendable, Equatable {
    /// The kernel's name for the time since the machine's start.
    public var bootID: String
    public var frameRate: Int
    public var clock: DayClock

    public init(bootID: String, frameRate: Int, clock: DayClock) {
        self.bootID = bootID
        self.frameRate = frameRate
        self.clock = clock
    }

    /// Its file's name in the session's directory.
    public static func fileName(bootID: String) -> String { "clock-\(bootID.prefix(8)).json" }
}
