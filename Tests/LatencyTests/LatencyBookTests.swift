import LinuxSystem
import Testing
import VenuecastModel

@testable import Latency

/// Clocks that a test sets.
private struct FakeClocks {
    var monotonic: Int64 = 1_000_000_000_000
    var boot: Int64 = 1_000_000_000_000
    var wall: Int64 = 1_353_045_600_000_000_000

    var reading: ClockReading { ClockReading(monotonic: monotonic, boot: boot, wall: wall) }
    var now: MonotonicInstant { reading.instant }

    /// - Parameter drift: of the wall clock, parts per million.
    mutating func pass(seconds: Double, drift: Double = 0) {
        monotonic += Int64(seconds * 1e9)
        boot += Int64(seconds * 1e9)
        wall += Int64(seconds * 1e9 * (1 + drift / 1e6))
    }

    mutating func step(milliseconds: Int64) { wall += milliseconds * 1_000_000 }

    mutating func suspend(seconds: Int64) {
        boot += seconds * 1_000_000_000
        wall += seconds * 1_000_000_000
    }
}

@Suite struct ClockWatchTests {
    @Test func halfADayOfDriftIsNoStep() {
        var (clocks, watch) = (FakeClocks(), ClockWatch())
        // 12 h at 500 ppm, the most that the kernel corrects: 21.6 s in all.
        for _ in 0..<(12 * 3600 * 4) {
            clocks.pass(seconds: 0.25, drift: 500)
            #expect(watch.observe(clocks.reading) == nil)
        }
    }

    @Test(arguments: [-3_600_000, -20, 20, 3_600_000])
    func aStepIsSeenOnce(milliseconds: Int64) {
        var (clocks, watch) = (FakeClocks(), ClockWatch())
        #expect(watch.observe(clocks.reading) == nil)
        clocks.pass(seconds: 0.25)
        clocks.step(milliseconds: milliseconds)
        guard case .stepped(let seen) = watch.observe(clocks.reading) else {
            Issue.record("no step was seen")
            return
        }
        #expect(abs(seen - Double(milliseconds)) < 0.001)
        clocks.pass(seconds: 0.25)
        #expect(watch.observe(clocks.reading) == nil)
    }

    @Test func sleepIsNoStep() {
        var (clocks, watch) = (FakeClocks(), ClockWatch())
        _ = watch.observe(clocks.reading)
        clocks.suspend(seconds: 7200)
        clocks.pass(seconds: 0.25)
        #expect(watch.observe(clocks.reading) == .suspended(seconds: 7200))
        clocks.pass(seconds: 0.25)
        #expect(watch.observe(clocks.reading) == nil)
    }
}

@Suite struct ClockDisturbanceTests {
    private static let looks = Duration.milliseconds(250)

    /// What is told, and at which look; 0 is none.
    private func told(_ looks: [ClockWatch.Disturbance?]) -> [(look: Int, disturbance: ClockWatch.Disturbance)] {
        var disturbances = ClockDisturbances()
        var now = MonotonicInstant(nanoseconds: 1_000_000_000_000)
        return looks.enumerated().compactMap { look, disturbance in
            now = now.advanced(by: Self.looks)
            return disturbances.observe(disturbance, at: now).map { (look, $0) }
        }
    }

    @Test func aClockThatIsLedFastIsOneEvent() {
        // Two seconds at 83 333 ppm, as chrony does it, through watch and all.
        var (clocks, watch, disturbances) = (FakeClocks(), ClockWatch(), ClockDisturbances())
        var told: [ClockWatch.Disturbance] = []
        var seen = 0
        for look in 0..<120 {
            clocks.pass(seconds: 0.25, drift: look < 96 ? 83_333 : 0)
            let disturbance = watch.observe(clocks.reading)
            if disturbance != nil { seen += 1 }
            if let one = disturbances.observe(disturbance, at: clocks.now) { told.append(one) }
        }
        #expect(seen > 90)
        guard case .stepped(let milliseconds) = told.first, told.count == 1 else {
            Issue.record("\(told)")
            return
        }
        #expect(abs(milliseconds - Double(seen) * 0.25 * 83.333) < 0.1)
    }

    @Test func itIsToldWhenItIsQuietAgain() {
        let told = told([nil, .stepped(milliseconds: 20), nil, nil, nil, nil, nil])
        #expect(told.map(\.look) == [5])
        #expect(told.first?.disturbance == .stepped(milliseconds: 20))
    }

    @Test func whatIsOfAnotherKindOrDirectionOrLaterIsAnother() {
        let told = told(
            [
                .stepped(milliseconds: 20), .stepped(milliseconds: -30), .stepped(milliseconds: -1),
                .suspended(seconds: 7), nil, nil, nil, .suspended(seconds: 8), nil, nil, nil, nil,
                .suspended(seconds: 9), nil, nil, nil, nil,
            ])
        #expect(
            told.map(\.disturbance) == [
                .stepped(milliseconds: 20), .stepped(milliseconds: -31), .suspended(seconds: 7),
                .suspended(seconds: 8), .suspended(seconds: 9),
            ])
    }

    @Test func oneThatDoesNotEndIsToldAllTheSame() {
        let told = told([ClockWatch.Disturbance?](repeating: .stepped(milliseconds: 10), count: 4 * 130))
        #expect(told.map(\.disturbance) == [.stepped(milliseconds: 2400), .stepped(milliseconds: 2400)])
    }

    @Test func theDaemonsEndLosesNone() {
        var disturbances = ClockDisturbances()
        #expect(disturbances.observe(.stepped(milliseconds: 5), at: .now) == nil)
        #expect(disturbances.end() == .stepped(milliseconds: 5))
        #expect(disturbances.end() == nil)
    }
}

@Suite struct LatencyBookTests {
    private static let kept = ClockStatus(source: "chrony", synchronised: true, uncertaintyMs: 2)
    private static let notKept = ClockStatus(source: "none", synchronised: false)

    private static func report(
        _ ms: Double = 950, clock: ClockStatus = kept, bootID: String? = "there", seconds: Double = 5
    ) -> ReceiverReport {
        ReceiverReport(
            p50Ms: ms, p95Ms: ms + 10, p99Ms: ms + 20, frames: 125, seconds: seconds, clock: clock, bootID: bootID)
    }

    private let estimated = LatencyStatus(ms: 900, source: "estimated")

    private func book(_ clocks: FakeClocks, clock: ClockStatus? = kept) -> LatencyBook {
        var book = LatencyBook(bootID: "here")
        if let clock { book.noteClock(clock, begun: clocks.now) }
        _ = book.observe(clocks.reading)
        return book
    }

    @Test func aBelievedReportIsMeasuredWithBothClocksUncertainty() {
        var clocks = FakeClocks()
        var book = book(clocks)
        #expect(book.judge(estimated, of: "jimo", at: clocks.now).source == "estimated")
        book.note(Self.report(), of: "jimo", at: clocks.now)
        let status = book.judge(estimated, of: "jimo", at: clocks.now)
        #expect(status.source == "measured")
        #expect(status.ms == 950)
        #expect(status.uncertaintyMs == 4)
        #expect(status.p99Ms == 970)
        #expect(book.judge(estimated, of: "laixi", at: clocks.now).source == "estimated")
        // Nothing goes there now, whatever came a moment ago.
        #expect(book.judge(LatencyStatus(), of: "jimo", at: clocks.now) == LatencyStatus())
        clocks.pass(seconds: 14.9)
        #expect(book.judge(estimated, of: "jimo", at: clocks.now).source == "measured")
        clocks.pass(seconds: 0.1)
        let old = book.judge(estimated, of: "jimo", at: clocks.now)
        #expect(old.source == "estimated")
        #expect(old.ms == 900)
        #expect(old.uncertaintyMs == nil)
    }

    @Test func aClockThatNobodyKeepsMeasuresNothing() {
        let clocks = FakeClocks()
        var theirs = book(clocks)
        theirs.note(Self.report(clock: Self.notKept), of: "jimo", at: clocks.now)
        let status = theirs.judge(estimated, of: "jimo", at: clocks.now)
        #expect(status.source == "estimated")
        #expect(status.notMeasured?.code == "receiver-clock-not-synchronised")
        for clock in [nil, Self.notKept, ClockStatus(source: "systemd-timesyncd", synchronised: true)] {
            var ours = book(clocks, clock: clock)
            ours.note(Self.report(), of: "jimo", at: clocks.now)
            #expect(ours.judge(estimated, of: "jimo", at: clocks.now).notMeasured?.code == "clock-not-synchronised")
        }
    }

    @Test func oneMachineHasOneClock() {
        let clocks = FakeClocks()
        var book = book(clocks, clock: Self.notKept)
        book.note(Self.report(clock: Self.notKept, bootID: "here"), of: "jimo", at: clocks.now)
        let status = book.judge(estimated, of: "jimo", at: clocks.now)
        #expect(status.source == "measured")
        #expect(status.uncertaintyMs == 0.1)
    }

    @Test func whatAStepOrSleepHasTouchedIsThrownAway() {
        for isSleep in [false, true] {
            var clocks = FakeClocks()
            var book = book(clocks)
            book.note(Self.report(), of: "jimo", at: clocks.now)
            if isSleep { clocks.suspend(seconds: 60) } else { clocks.step(milliseconds: 400) }
            clocks.pass(seconds: 0.25)
            #expect(book.observe(clocks.reading) != nil)
            book.noteClock(Self.kept, begun: clocks.now)
            #expect(book.judge(estimated, of: "jimo", at: clocks.now).notMeasured?.code == "clock-disturbed")
            // Its five seconds still hold frames of before.
            clocks.pass(seconds: 5)
            book.note(Self.report(), of: "jimo", at: clocks.now)
            #expect(book.judge(estimated, of: "jimo", at: clocks.now).source == "estimated")
            clocks.pass(seconds: 5)
            book.note(Self.report(), of: "jimo", at: clocks.now)
            #expect(book.judge(estimated, of: "jimo", at: clocks.now).source == "measured")
        }
    }

    @Test func aLongLineHoldsFramesOfBeforeForAsLongAsItIs() {
        var clocks = FakeClocks()
        var book = book(clocks)
        clocks.step(milliseconds: 400)
        clocks.pass(seconds: 0.25)
        _ = book.observe(clocks.reading)
        book.noteClock(Self.kept, begun: clocks.now)
        // Five seconds of frames, each of them half a minute on its way.
        for (seconds, expected) in [(20.0, "estimated"), (15.9, "estimated"), (0.3, "measured")] {
            clocks.pass(seconds: seconds)
            book.note(Self.report(30_000), of: "jimo", at: clocks.now)
            #expect(book.judge(estimated, of: "jimo", at: clocks.now).source == expected)
        }
    }

    @Test func howTheClockWasKeptBeforeADisturbanceSaysNothingOfNow() {
        for isSleep in [false, true] {
            var clocks = FakeClocks()
            var book = book(clocks)
            #expect(!book.isClockDue(at: clocks.now))
            clocks.pass(seconds: 19.9)
            #expect(book.observe(clocks.reading) == nil && !book.isClockDue(at: clocks.now))
            let before = clocks.now
            if isSleep { clocks.suspend(seconds: 60) } else { clocks.step(milliseconds: 400) }
            clocks.pass(seconds: 0.01)
            #expect(book.observe(clocks.reading) != nil)
            #expect(book.clock == nil && book.isClockDue(at: clocks.now))
            clocks.pass(seconds: 10)
            book.note(Self.report(), of: "jimo", at: clocks.now)
            #expect(book.judge(estimated, of: "jimo", at: clocks.now).notMeasured?.code == "clock-not-synchronised")
            // A look that had begun before it comes too late.
            book.noteClock(Self.kept, begun: before)
            #expect(book.clock == nil)
            book.noteClock(Self.kept, begun: clocks.now)
            #expect(book.judge(estimated, of: "jimo", at: clocks.now).source == "measured")
            clocks.pass(seconds: 20)
            #expect(book.isClockDue(at: clocks.now))
        }
    }

    @Test func whatHasNoNameIsNotOneMachine() {
        let clocks = FakeClocks()
        var book = LatencyBook(bootID: "")
        book.note(Self.report(clock: Self.notKept, bootID: ""), of: "jimo", at: clocks.now)
        #expect(book.judge(estimated, of: "jimo", at: clocks.now).source == "estimated")
    }

    @Test func nothingArrivesBeforeItWasSent() {
        let clocks = FakeClocks()
        var book = book(clocks)
        book.note(Self.report(-50), of: "jimo", at: clocks.now)
        #expect(book.judge(estimated, of: "jimo", at: clocks.now).notMeasured?.code == "clocks-disagree")
    }

    @Test func estimatesHavePercentilesOfTheLastMinute() {
        let clocks = FakeClocks()
        var book = book(clocks)
        for value in 1...100 { book.sample(["jimo": Double(value)]) }
        let status = book.judge(estimated, of: "jimo", at: clocks.now)
        #expect(status.p50Ms == 70)
        #expect(status.p99Ms == 100)
        // A venue that is gone begins anew.
        book.sample([:])
        #expect(book.judge(estimated, of: "jimo", at: clocks.now).p50Ms == nil)
    }
}
