import Testing
import WorkerProtocol

@testable import MediaWorker

/// What is said of a line, from what was inflicted on it.
@Suite struct LinkVerdictTests {
    private func second(_ loss: Double, _ rtt: Double, _ latency: Int, dropped: UInt64 = 0) -> LinkVerdict.Second {
        .init(lossPercent: loss, dropped: dropped, rttMaxMs: rtt, negotiatedLatencyMs: latency)
    }

    @Test(arguments: [
        (0.0, 1.0, 60), (0.5, 100, 300), (1, 100, 300), (2, 100, 400), (5, 100, 500), (9, 100, 600), (20, 100, 800),
        (5, 1, 100), (2, 33, 140),
    ])
    func advisesLatency(loss: Double, rtt: Double, expected: Int) {
        #expect(LatencyAdvice.latencyMs(rttMs: rtt, lossPercent: loss) == expected)
    }

    @Test func lossThatSRTMakesGoodIsGood() {
        #expect(LinkVerdict.level(of: second(5, 20, 200)) == .good)
        #expect(LinkVerdict.level(of: second(0.3, 500, 200)) == .good)
        #expect(LinkVerdict.level(of: second(5, 60, 200)) == .strained)
        #expect(LinkVerdict.level(of: second(12, 5, 2000)) == .strained)
        #expect(LinkVerdict.level(of: second(1, 250, 200)) == .bad)
        #expect(LinkVerdict.level(of: second(0, 5, 200, dropped: 1)) == .bad)
    }

    @Test func takesItsTimeToChangeItsMind() {
        var verdict = LinkVerdict()
        let (good, strained, bad) = (second(0, 10, 200), second(5, 60, 200), second(5, 60, 200, dropped: 3))
        // One or two in ten are no reason yet.
        for number in 0..<40 {
            verdict.observe(number % 5 == 0 ? strained : good)
            #expect(verdict.level == .good)
        }
        for _ in 1...3 { verdict.observe(strained) }
        #expect(verdict.level == .strained)
        for _ in 1...3 { verdict.observe(bad) }
        #expect(verdict.level == .bad)
        for _ in 1...9 { verdict.observe(good) }
        #expect(verdict.level == .bad)
        verdict.observe(good)
        #expect(verdict.level == .good)
    }

    @Test func whatComesAndGoesCounts() {
        let (good, strained, bad) = (second(0, 10, 200), second(5, 60, 200), second(5, 60, 200, dropped: 3))
        var verdict = LinkVerdict()
        // A break each third second.
        for number in 0..<12 { verdict.observe(number % 3 == 0 ? bad : good) }
        #expect(verdict.level == .bad)
        for number in 0..<30 {
            verdict.observe(number % 3 == 0 ? bad : good)
            #expect(verdict.level == .bad, "it does not change its mind")
        }
        // One step at a time.
        for _ in 1...10 { verdict.observe(strained) }
        #expect(verdict.level == .strained)
        verdict.observe(good)
        #expect(verdict.level == .strained)
        verdict = LinkVerdict()
        for one in [strained, strained, bad] { verdict.observe(one) }
        #expect(verdict.level == .strained, "one bad second makes no bad line")
    }

    @Test func looksAtEachSecondAndAtANewConnectionAfresh() {
        var statistics = LinkStatistics()
        func add(_ seconds: UInt64, packets: UInt64, lost: UInt64, dropped: UInt64, rtt: Double) {
            var sample = PeerSample(peer: "a")
            (sample.packetsSent, sample.packetsLost, sample.packetsDropped) = (packets, lost, dropped)
            (sample.rttMs, sample.negotiatedLatencyMs) = (rtt, 200)
            statistics.add([sample], at: seconds * 1_000_000_000)
        }
        for number in 1...6 { add(UInt64(number), packets: UInt64(number) * 100, lost: 0, dropped: 0, rtt: 10) }
        var report = LinkReport(connection: .connected)
        statistics.fill(&report)
        #expect(report.quality == .good)
        #expect(report.recommendedLatencyMs == 60)
        for number in 7...10 {
            let count = UInt64(number - 6)
            add(UInt64(number), packets: UInt64(number) * 100, lost: count * 10, dropped: count * 2, rtt: 40)
        }
        statistics.fill(&report)
        #expect(report.quality == .bad)
        #expect(report.lostPerSecond == 10)
        #expect(report.droppedPerSecond == 2)
        #expect(report.rttMinMs == 10)
        #expect(report.rttMaxMs == 40)
        #expect((report.recommendedLatencyMs ?? 0) >= 160)
        statistics.add([], at: 11_000_000_000)
        statistics.fill(&report)
        #expect(report.quality == nil)
        #expect(report.rttMaxMs == nil)
    }
}
