import Testing
import WorkerProtocol

@testable import MediaWorker

/// What is a fault of content, and when: pictures and sound made by hand.
struct ContentJudgeTests {
    private static let second: UInt64 = 1_000_000_000

    /// Level ground with a brighter square, and noise of so many levels.
    private func picture(_ luma: UInt8, square: Int? = nil, noise: UInt8 = 0, seed: UInt64 = 1) -> PictureSample {
        let (width, height) = (640, 360)
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        var bytes = [UInt8](repeating: luma, count: width * height)
        if noise > 0 {
            for index in bytes.indices {
                random = random &* 6_364_136_223_846_793_005 &+ 1
                bytes[index] = UInt8(clamping: Int(luma) + Int(random >> 60) % Int(noise + 1) - Int(noise) / 2)
            }
        }
        if let square {
            for row in 100..<160 { for column in square..<(square + 60) { bytes[row * width + column] = 200 } }
        }
        return bytes.withUnsafeBytes { PictureSample(luma: $0, width: width, height: height, stride: width)! }
    }

    private func limits(_ change: (inout ContentLimits) -> Void = { _ in }) -> ContentLimits {
        var limits = ContentLimits()
        (limits.blackSeconds, limits.frozenSeconds, limits.silentSeconds) = (3, 5, 4)
        change(&limits)
        return limits
    }

    private func codes(
        _ judge: ContentJudge, at seconds: Double, pictureAgeMs: Double? = 0, soundAgeMs: Double? = 0,
        asSeen: Bool = false
    ) -> [String] {
        var report = ContentReport()
        (report.picture.ageMs, report.sound.ageMs) = (pictureAgeMs, soundAgeMs)
        judge.complete(&report, at: UInt64(seconds * 1e9), begun: 0, asSeen: asSeen)
        return report.findings.map(\.reason.code)
    }

    @Test func blackMustLast() {
        var judge = ContentJudge(limits())
        judge.picture(picture(120), at: 10 * Self.second)
        for second in 11...14 { judge.picture(picture(17), at: UInt64(second) * Self.second) }
        // Black since 10.5 s, as far as one can know.
        #expect(codes(judge, at: 13.4).isEmpty)
        #expect(codes(judge, at: 13.6) == ["black"])
        judge.picture(picture(120), at: 15 * Self.second)
        #expect(codes(judge, at: 15).isEmpty)
    }

    @Test func whatWasSeenLastIsNotTakenToGoOnWhereDecodersAreBehind() {
        var judge = ContentJudge(limits())
        judge.picture(picture(120), at: 10 * Self.second)
        judge.picture(picture(17), at: 11 * Self.second)
        #expect(codes(judge, at: 40) == ["black"])
        #expect(codes(judge, at: 40, asSeen: true).isEmpty)
        for second in 12...14 { judge.picture(picture(17), at: UInt64(second) * Self.second) }
        #expect(codes(judge, at: 40, asSeen: true) == ["black"])
    }

    /// Of a stream only key pictures are looked at, and they may be ten seconds apart.
    @Test func whatIsSeldomSeenLastsAsWell() {
        var judge = ContentJudge(limits(), pictureSeconds: 10)
        for time in [1, 11, 21] as [UInt64] { judge.picture(picture(17), at: time * Self.second) }
        #expect(codes(judge, at: 21) == ["black"])
        var frozen = ContentJudge(limits(), pictureSeconds: 10)
        for time in [1, 11, 21] as [UInt64] {
            frozen.picture(picture(100, square: 200, noise: 6), at: time * Self.second)
        }
        #expect(codes(frozen, at: 21) == ["frozen"])
        // One after the other was lost: it begins anew.
        judge.picture(picture(17), at: 60 * Self.second)
        #expect(codes(judge, at: 60).isEmpty)
    }

    @Test func soundThatReturnsIsNotHeldAgainstWhatWasBeforeIt() {
        var judge = ContentJudge(limits { $0.soundOffsetSeconds = 3 })
        func look(_ offset: Double?, from: UInt64, to: UInt64) {
            for time in from...to {
                judge.picture(picture(100, square: Int(time) * 8), at: time * Self.second)
                judge.sound(SoundLevel(peak: 0.3, clipped: 0), at: time * Self.second)
                judge.timing(offset, at: time * Self.second)
            }
        }
        look(5000, from: 1, to: 3)
        look(nil, from: 4, to: 4)
        look(5000, from: 5, to: 6)
        #expect(codes(judge, at: 6).isEmpty)
        look(5000, from: 7, to: 8)
        #expect(codes(judge, at: 8) == ["sound-offset"])
    }

    @Test func aDarkStageWithALightOnItIsNotBlack() {
        var judge = ContentJudge(limits())
        for second in 1...20 { judge.picture(picture(17, square: 300), at: UInt64(second) * Self.second) }
        #expect(!codes(judge, at: 20).contains("black"))
    }

    @Test func aPictureThatStandsIsFrozenAndOneWithNoiseIsNot() {
        var frozen = ContentJudge(limits())
        var alive = ContentJudge(limits())
        for second in 1...8 as ClosedRange<UInt64> {
            frozen.picture(picture(100, square: 200, noise: 6, seed: min(second, 2)), at: second * Self.second)
            alive.picture(picture(100, square: 200, noise: 6, seed: second), at: second * Self.second)
        }
        #expect(codes(frozen, at: 6.4).isEmpty)
        #expect(codes(frozen, at: 6.6) == ["frozen"])
        #expect(codes(alive, at: 8).isEmpty)
        // Something small moves before a still ground.
        frozen.picture(picture(100, square: 210, noise: 6, seed: 2), at: 9 * Self.second)
        #expect(codes(frozen, at: 9).isEmpty)
    }

    @Test func whatFadesSlowlyIsNotFrozen() {
        var judge = ContentJudge(limits { $0.frozenSeconds = 8 })
        for second in 1...20 { judge.picture(picture(UInt8(100 + second / 3)), at: UInt64(second) * Self.second) }
        #expect(codes(judge, at: 20).isEmpty)
    }

    @Test func aFrozenPictureCanBeNoFaultAtAll() {
        var judge = ContentJudge(limits { $0.frozenSeconds = 0 })
        for second in 1...200 { judge.picture(picture(100), at: UInt64(second) * Self.second) }
        #expect(codes(judge, at: 200).isEmpty)
        var report = ContentReport()
        report.picture.ageMs = 0
        judge.complete(&report, at: 200 * Self.second, begun: nil)
        #expect(report.picture.stillSeconds ?? 0 > 190)
    }

    /// Sound in pieces of 20 ms.
    private func play(_ judge: inout ContentJudge, from: Double, to: Double, peak: Float, clipped: Int = 0) {
        var time = from
        while time < to {
            judge.sound(SoundLevel(peak: peak, clipped: clipped), at: UInt64(time * 1e9))
            time += 0.02
        }
    }

    @Test func aSpeakerWhoPausesIsNotSilent() {
        var judge = ContentJudge(ContentLimits())
        play(&judge, from: 1, to: 2, peak: 0.3)
        // Ten seconds of nothing at all.
        play(&judge, from: 2, to: 12, peak: 0)
        #expect(codes(judge, at: 12).isEmpty)
        play(&judge, from: 12, to: 12.1, peak: 0.3)
        play(&judge, from: 12.1, to: 30, peak: 0)
        #expect(codes(judge, at: 30).isEmpty)
        play(&judge, from: 30, to: 32.5, peak: 0)
        #expect(codes(judge, at: 32.5) == ["silent-content"])
        // The hum of a hall is sound.
        play(&judge, from: 32.5, to: 33, peak: 0.003)
        #expect(codes(judge, at: 33).isEmpty)
    }

    @Test func oneClickDoesNotClip() {
        var judge = ContentJudge(limits())
        play(&judge, from: 1, to: 2, peak: 0.3)
        play(&judge, from: 2, to: 2.02, peak: 1, clipped: 3)
        play(&judge, from: 2.02, to: 9, peak: 0.3)
        #expect(codes(judge, at: 9).isEmpty)
        // Again and again, with quiet between.
        for second in 10..<16 {
            play(&judge, from: Double(second), to: Double(second) + 0.1, peak: 1, clipped: 20)
            play(&judge, from: Double(second) + 0.1, to: Double(second) + 1, peak: 0.2)
        }
        #expect(codes(judge, at: 16) == ["clipping"])
        play(&judge, from: 16, to: 18.5, peak: 0.2)
        #expect(codes(judge, at: 18.5).isEmpty)
    }

    @Test func loudnessMustBeFarOffForLong() {
        func judged(_ lufs: Double?, seconds: Int) -> [String] {
            var judge = ContentJudge(ContentLimits())
            for second in 1...seconds {
                judge.loudness(lufs, at: UInt64(second) * Self.second)
                judge.sound(SoundLevel(peak: 0.3, clipped: 0), at: UInt64(second) * Self.second)
            }
            return codes(judge, at: Double(seconds))
        }
        #expect(judged(-24, seconds: 100).isEmpty)
        #expect(judged(-34, seconds: 100).isEmpty)
        #expect(judged(-40, seconds: 100) == ["too-quiet"])
        #expect(judged(-8, seconds: 100) == ["too-loud"])
        #expect(judged(-8, seconds: 30).isEmpty)
        // Nobody speaks.
        #expect(judged(-55, seconds: 100).isEmpty)
        #expect(judged(nil, seconds: 100).isEmpty)
    }

    @Test func whatIsMissingIsSaidInsteadOfWhatItLookedLike() {
        var judge = ContentJudge(limits())
        for second in 1...20 { judge.picture(picture(17), at: UInt64(second) * Self.second) }
        play(&judge, from: 1, to: 20, peak: 0)
        #expect(codes(judge, at: 24, pictureAgeMs: 4000) == ["missing-picture", "silent-content"])
        #expect(codes(judge, at: 24, soundAgeMs: 4000) == ["missing-sound", "black"])
        #expect(codes(judge, at: 24, soundAgeMs: nil) == ["missing-sound", "black"])
    }
}

extension ContentJudgeTests {
    @Test func onlyFlatTopsAreCutOff() {
        func level(_ samples: [Float]) -> SoundLevel { samples.withUnsafeBufferPointer { SoundLevel($0) } }
        #expect(level([0.1, 0.2, -0.7, 0.2]) == SoundLevel(peak: 0.7, clipped: 0))
        // Left is limited, right is cut off at five samples.
        let left: [Float] = [1, 0.5, 1, 0.5, 1, 0.5]
        let right: [Float] = [1, 1, -1, 1, 1, 0]
        #expect(level(zip(left, right).flatMap { [$0, $1] }) == SoundLevel(peak: 1, clipped: 5))
    }

    @Test func packedPicturesAreSeenAsPlanarOnes() throws {
        // Of 641 pixels a packed row has one more for its last pair.
        let (width, height) = (641, 360)
        var planar = [UInt8](repeating: 0, count: 644 * height)
        var packed = [UInt8](repeating: 0, count: 1284 * height)
        for row in 0..<height {
            for column in 0..<width {
                let value = UInt8(truncatingIfNeeded: row &* 7 &+ column &* 3)
                planar[row * 644 + column] = value
                packed[row * 1284 + column * 2 + 1] = value
            }
        }
        let one = planar.withUnsafeBytes { PictureSample(luma: $0, width: width, height: height, stride: 644) }
        let two = packed.withUnsafeBytes {
            PictureSample(
                luma: UnsafeRawBufferPointer(rebasing: $0[1...]), width: width, height: height, stride: 1284, step: 2)
        }
        #expect(try #require(one) == #require(two))
        #expect(
            planar.withUnsafeBytes { PictureSample(luma: $0, width: width, height: height + 1, stride: 644) } == nil)
    }
}
