import WorkerProtocol

/// Frame numbers as people and machines write them.
public struct FrameTime: Sendable, Equatable {
    public var frameRate: Int
    /// Seconds by which the local time is ahead of UTC.
    public var utcOffsetSeconds: Int

    public init(frameRate: Int, utcOffsetSeconds: Int) {
        self.frameRate = frameRate
        self.utcOffsetSeconds = utcOffsetSeconds
    }

    /// `HH:MM:SS:FF`, non-drop.
    public func timecode(_ frame: Int) -> String { Timecode(frameNumber: frame, frameRate: frameRate).description }

    /// RFC 3339 with milliseconds: the moment that the timecode names, which is at most half a frame from the frame's own.
    public func time(_ frame: Int) -> String {
        let (day, ofDay) = frame.flooredQuotientAndRemainder(frameRate * 86_400)
        let (second, rest) = ofDay.quotientAndRemainder(dividingBy: frameRate)
        let clock = [second / 3600, second / 60 % 60, second % 60].map { $0.digits(2) }.joined(separator: ":")
        let minutes = abs(utcOffsetSeconds) / 60
        let zone = "\(utcOffsetSeconds < 0 ? "-" : "+")\((minutes / 60).digits(2)):\((minutes % 60).digits(2))"
        return "\(Self.date(day).joined(separator: "-"))T\(clock).\((rest * 1000 / frameRate).digits(3))\(zone)"
    }

    /// `20121126`
    public func day(_ frame: Int) -> String {
        Self.date(frame.flooredQuotientAndRemainder(frameRate * 86_400).0).joined()
    }

    /// Seconds since 1970, UTC, whole.
    public func unixSeconds(_ frame: Int) -> Int {
        frame.flooredQuotientAndRemainder(frameRate).0 - utcOffsetSeconds
    }

    /// The frame whose timecode is nearest to a moment.
    /// - Parameter wallTime: nanoseconds since 1970, UTC.
    public func frame(nearest wallTime: Int64) -> Int {
        let length = 1_000_000_000 / frameRate
        return (Int(wallTime) + utcOffsetSeconds * 1_000_000_000 + length / 2).flooredQuotientAndRemainder(length).0
    }

    /// Seconds with milliseconds: `612.480`.
    public func seconds(_ frames: Int) -> String {
        let milliseconds = abs(frames) * 1000 / frameRate
        return "\(frames < 0 ? "-" : "")\(milliseconds / 1000).\((milliseconds % 1000).digits(3))"
    }

    /// Year, month and day of the proleptic Gregorian calendar.
    private static func date(_ daysSince1970: Int) -> [String] {
        // Days since the first of March of the year 0, of which leap days are the last.
        let (era, day) = (daysSince1970 + 719_468).flooredQuotientAndRemainder(146_097)
        let yearOfEra = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return [year.digits(4), month.digits(2), (dayOfYear - (153 * shifted + 2) / 5 + 1).digits(2)]
    }
}

extension Int {
    func flooredQuotientAndRemainder(_ divisor: Int) -> (Int, Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// With zeros in front, of a number that is not negative.
    func digits(_ count: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, count - text.utf8.count)) + text
    }
}
