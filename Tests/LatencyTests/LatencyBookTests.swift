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
