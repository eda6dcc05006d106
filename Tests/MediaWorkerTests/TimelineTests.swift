import Testing

@testable import MediaWorker

@Suite struct PictureTimelineTests {
    @Test func givesEachSlotItsFrameOrTheLatestBefore() {
        var timeline = PictureTimeline<String>()
        timeline.insert("a", slot: 10)
        timeline.insert("b", slot: 11)
        timeline.insert("d", slot: 13)
        #expect(timeline.frame(for: 9) == nil)
        var shown: [String?] = []
        for slot in 10...14 { shown.append(timeline.frame(for: UInt64(slot))) }
        #expect(shown == ["a", "b", "b", "d", "d"])
    }

    @Test func showsALateFrameRatherThanNone() {
        var timeline = PictureTimeline<String>()
        timeline.insert("a", slot: 100)
        _ = timeline.frame(for: 105)
        let late = timeline.insert("late", slot: 101)
        #expect(late)
        #expect(timeline.frame(for: 106) == "late")
        let useless = timeline.insert("useless", slot: 106 - PictureTimeline<String>.lateness)
        #expect(!useless)
        #expect(timeline.frame(for: 107) == "late")
    }

    @Test func isBounded() {
        var timeline = PictureTimeline<UInt64>()
        for slot in 1...1000 { timeline.insert(UInt64(slot), slot: UInt64(slot)) }
        #expect(timeline.frame(for: 1000 - UInt64(PictureTimeline<UInt64>.capacity)) == nil)
        #expect(timeline.frame(for: 1000) == 1000)
    }

    @Test func takesASourceThatBeganAnew() {
        var timeline = PictureTimeline<String>()
        for slot in 20..<25 { timeline.insert("old", slot: UInt64(slot)) }
        timeline.insert("new", slot: 22)
        #expect(timeline.frame(for: 21) == "old")
        #expect(timeline.frame(for: 24) == "new")
        timeline.clear()
        #expect(timeline.frame(for: 25) == nil)
    }
}

@Suite struct SoundTimelineTests {
    private func write(_ timeline: inout SoundTimeline, _ values: [Float], at place: Int64) -> Bool {
        values.flatMap { [$0, -$0] }.withUnsafeBufferPointer { timeline.write($0, at: place) }
    }

    private func read(
        _ timeline: inout SoundTimeline, _ count: Int, at place: Int64, endsSoftly: Bool = false
    ) -> [Float] {
        var target = [Float](repeating: 9, count: count * 2)
        target.withUnsafeMutableBufferPointer { timeline.read(at: place, into: $0, endsSoftly: endsSoftly) }
        #expect((0..<count).allSatisfy { target[$0 * 2] == -target[$0 * 2 + 1] })
        return (0..<count).map { target[$0 * 2] }
    }

    private func sine(_ count: Int, from start: Int, period: Float = 48) -> [Float] {
        (0..<count).map { sinApproximation(Float((start + $0) % Int(period)) / period) }
    }

    /// A triangle is steady enough to see a click in it.
    private func sinApproximation(_ phase: Float) -> Float { phase < 0.5 ? 4 * phase - 1 : 3 - 4 * phase }

    private func largestStep(_ samples: [Float]) -> Float {
        zip(samples, samples.dropFirst()).map { abs($0 - $1) }.max() ?? 0
    }

    @Test func carriesSoundUnchanged() {
        var timeline = SoundTimeline()
        _ = read(&timeline, 1000, at: 0)
        let sound = sine(4000, from: 0)
        #expect(write(&timeline, Array(sound[..<1000]), at: 1000))
        #expect(write(&timeline, Array(sound[1000...]), at: 2000))
        #expect(Array(read(&timeline, 4000, at: 1000)[SoundTimeline.ramp...]) == Array(sound[SoundTimeline.ramp...]))
    }

    @Test func isSilentWhereNothingCame() {
        var timeline = SoundTimeline()
        #expect(read(&timeline, 100, at: 0).allSatisfy { $0 == 0 })
        _ = write(&timeline, sine(960, from: 0), at: 100)
        _ = read(&timeline, 960, at: 100)
        #expect(read(&timeline, 960, at: 1060).allSatisfy { $0 == 0 })
    }

    @Test func beginsAndEndsWithoutAClick() {
        var timeline = SoundTimeline()
        _ = read(&timeline, 480, at: 0)
        // Begins in the middle of a stretch, ends in the middle of another, and begins again.
        _ = write(&timeline, [Float](repeating: 1, count: 1500), at: 700)
        _ = write(&timeline, [Float](repeating: 1, count: 1000), at: 6000)
        var out: [Float] = []
        for stretch in 0..<15 { out += read(&timeline, 480, at: Int64(480 + stretch * 480)) }
        #expect(out.max() == 1)
        #expect(largestStep(out) < 0.01)
    }

    /// A source that dies ends where a stretch ends, or a little behind, and comes back there at once or later.
    @Test(arguments: [960, 1000, 1199], [0, 480]) func endsAtAStretchsEndWithoutAClick(count: Int, pause: Int) {
        var timeline = SoundTimeline()
        _ = write(&timeline, [Float](repeating: 1, count: count), at: 480)
        var out: [Float] = []
        for stretch in 0..<3 { out += read(&timeline, 480, at: Int64(stretch * 480), endsSoftly: true) }
        _ = write(&timeline, [Float](repeating: 1, count: 4800), at: Int64(480 + count + pause))
        for stretch in 3..<9 { out += read(&timeline, 480, at: Int64(stretch * 480), endsSoftly: true) }
        #expect(out.max() == 1 && out.last == 1)
        #expect(largestStep(out) < 0.01)
    }

    @Test func followsADriftingClock() {
        // 1000 ppm fast: a piece of 1000 samples comes every 999.
        var timeline = SoundTimeline()
        var out: [Float] = []
        var readTo: Int64 = 0
        for piece in 0..<2000 {
            let place = Int64(5000 + piece * 999)
            #expect(write(&timeline, sine(1000, from: piece * 1000), at: place))
            while readTo + 480 < place {
                out += read(&timeline, 480, at: readTo)
                readTo += 480
            }
        }
        // No hole and no jump: nothing steeper than the triangle itself, but for a hair.
        #expect(largestStep(Array(out.dropFirst(6000))) < 4.0 / 48 * 1.1)
        #expect(out.dropFirst(6000).filter { $0 == 0 }.count < out.count / 20)
    }

    @Test func refusesWhatIsTooLate() {
        var timeline = SoundTimeline()
        _ = read(&timeline, 4800, at: 0)
        #expect(!write(&timeline, sine(480, from: 0), at: 0))
        #expect(write(&timeline, sine(480, from: 0), at: 4500))
    }

    @Test func crossFadesWithoutAClick() {
        var fader = SoundFader(sources: 2)
        var out: [Float] = []
        for (first, second) in [(Float(1), Float(0)), (1, 0), (0, 1), (0, 0), (0, 0)] {
            var target = [Float](repeating: 0, count: 1920 * 2)
            target.withUnsafeMutableBufferPointer { target in
                [Float](repeating: 0.5, count: 3840).withUnsafeBufferPointer {
                    fader.mix(source: 0, $0, gain: first, into: target)
                }
                [Float](repeating: -0.5, count: 3840).withUnsafeBufferPointer {
                    fader.mix(source: 1, $0, gain: second, into: target)
                }
            }
            out += stride(from: 0, to: target.count, by: 2).map { target[$0] }
        }
        #expect(out[2000] == 0.5 && out[1920 * 3 - 1] == -0.5 && out.last == 0)
        #expect(largestStep(out) < 0.005)
    }
}

@Suite struct HouseClockTests {
    @Test func knowsSlotsAndSamples() {
        let clock = HouseClock(.init(width: 1280, height: 720, frameRate: 25))
        #expect(clock.slot(nearest: 59_999_999) == 1)
        #expect(clock.slot(nearest: 60_000_000) == 2)
        #expect(clock.time(of: 2) == 80_000_000)
        // A year of uptime must not overflow.
        let year: UInt64 = 365 * 86_400 * 1_000_000_000
        #expect(HouseClock.sample(nearest: year) == 365 * 86_400 * 48_000)
        #expect(clock.firstSample(of: clock.slot(at: year)) == 365 * 86_400 * 48_000)
    }
}
