import Testing
import WorkerProtocol

@testable import MediaWorker

/// The decisions of a link, without a network.
struct LinkPureTests {
    @Test func theGateOpensWithAKeyGroup() {
        var gate = FeedGate()
        #expect(gate.admit(isKey: true, discontinuity: false) == .drop)
        gate.receiverJoined()
        #expect(gate.awaitsKey)
        #expect(gate.admit(isKey: false, discontinuity: false) == .drop)
        #expect(gate.admit(isKey: true, discontinuity: false) == .pass(splice: true))
        #expect(gate.admit(isKey: false, discontinuity: false) == .pass(splice: false))
        #expect(gate.admit(isKey: true, discontinuity: true) == .pass(splice: true))
    }

    @Test func theGateClosesAtEachGap() {
        for close in [{ $0.feedRestarted() }, { $0.overflowed() }, { $0.receiverJoined() }]
            as [(inout FeedGate) -> Void]
        {
            var gate = FeedGate()
            gate.receiverJoined()
            _ = gate.admit(isKey: true, discontinuity: false)
            close(&gate)
            #expect(gate.admit(isKey: false, discontinuity: false) == .drop)
            #expect(gate.admit(isKey: true, discontinuity: false) == .pass(splice: true))
        }
        var gate = FeedGate()
        gate.receiverJoined()
        _ = gate.admit(isKey: true, discontinuity: false)
        // Somebody who comes beside a receiver that is served costs that one nothing.
        gate.receiverJoined(isServing: true)
        #expect(gate.admit(isKey: false, discontinuity: false) == .pass(splice: false))
        gate.receiverLeft()
        #expect(gate.admit(isKey: true, discontinuity: false) == .drop)
        #expect(!gate.awaitsKey)
    }

    @Test func anAddressKeepsItsOptions() throws {
        let address = try LinkAddress(
            "srt://venue.example:9000?streamid=%23%21::r=hall,m=publish&packetfilter=fec,cols:10")
        #expect(address.mode == .caller)
        #expect(address.host == "venue.example")
        #expect(
            address.uri(numericHost: "10.0.0.7")
                == "srt://10.0.0.7:9000?mode=caller&streamid=%23%21::r=hall,m=publish&packetfilter=fec,cols:10")
        let listener = try LinkAddress("srt://:9001?maxbw=5")
        #expect(listener.mode == .listener)
        #expect(listener.host == nil)
        #expect(listener.uri(numericHost: nil) == "srt://0.0.0.0:9001?mode=listener&maxbw=5")
        let six = try LinkAddress("srt://[::1]:9002?mode=rendezvous")
        #expect(six.host == "::1")
        #expect(six.uri(numericHost: "::1").hasPrefix("srt://[::1]:9002?mode=rendezvous"))
        #expect(six.uri(numericHost: "::1").contains("localaddress=::&localport=9002"))
    }

    @Test func aKeyframeLeavesAtThePaceAndNothingWaitsOtherwise() {
        // 16 Mbit/s: 2000 bytes a millisecond.
        var pacer = Pacer(kilobitsPerSecond: 16_000)
        var now: UInt64 = 1_000_000_000
        for piece in 0..<5 {
            let due = pacer.due(readyAt: 1_000_000_000)
            #expect(due == 1_000_000_000 + UInt64(piece) * 5_000_000)
            now = due
            pacer.sent(bytes: 10_000, due: due, now: now)
        }
        // Long afterwards the line is free.
        #expect(pacer.due(readyAt: 2_000_000_000) == 2_000_000_000)
        // One that comes too late is made good for a little, and not for as long as it was late.
        pacer.sent(bytes: 2000, due: 2_000_000_000, now: 2_500_000_000)
        #expect(pacer.due(readyAt: 2_500_000_000) == 2_500_000_000)
        pacer.sent(bytes: 20_000, due: 2_500_000_000, now: 2_502_000_000)
        #expect(pacer.due(readyAt: 2_500_000_000) == 2_510_000_000)
        let none = Pacer(kilobitsPerSecond: 0)
        #expect(none.due(readyAt: 7) == 7)
    }

    @Test func countersAddUpOverConnections() {
        var statistics = LinkStatistics()
        func sample(_ peer: String, packets: UInt64, lost: UInt64 = 0) -> PeerSample {
            var sample = PeerSample(peer: peer)
            sample.packetsSent = packets
            sample.bytesSent = packets * 1000
            sample.packetsLost = lost
            sample.acknowledgements = packets
            sample.rttMs = 10
            sample.bandwidthMbps = 40
            return sample
        }
        func bandwidth() -> Double? {
            var report = LinkReport(connection: .connected)
            statistics.fill(&report)
            return report.bandwidthMbps
        }
        let second: UInt64 = 1_000_000_000
        statistics.add([sample("a", packets: 100)], at: second)
        statistics.add([sample("a", packets: 300, lost: 20)], at: 2 * second)
        #expect(statistics.totals.packetsSent == 300)
        #expect(statistics.sendMbps == 1.6)
        #expect(statistics.lossPercent == 10)
        #expect(bandwidth() == 40)
        // The same address connects again: its counters begin at 0.
        statistics.add([sample("a", packets: 50)], at: 3 * second)
        #expect(statistics.totals.packetsSent == 350)
        statistics.add([], at: 4 * second)
        #expect(statistics.current == nil)
        #expect(statistics.sendMbps == nil)
        #expect(bandwidth() == nil)
        statistics.add([sample("b", packets: 10)], at: 5 * second)
        #expect(statistics.totals.packetsSent == 360)
        // At first SRT only supposes it.
        #expect(statistics.rttMs == nil)
        statistics.add([sample("b", packets: 200)], at: 7 * second)
        #expect(statistics.rttMs == 10)
        // What another connection lost says nothing of this one.
        #expect(statistics.lossPercent == 0)
    }

    @Test func followsOneConnectionAsLongAsItIsThere() {
        var statistics = LinkStatistics()
        func sample(_ peer: String, _ packets: UInt64) -> PeerSample {
            var sample = PeerSample(peer: peer)
            sample.packetsSent = packets
            return sample
        }
        let second: UInt64 = 1_000_000_000
        statistics.add([sample("decoder", 100)], at: second)
        #expect(statistics.isOther)
        // Somebody looks in: the newest comes first.
        statistics.add([sample("probe", 10), sample("decoder", 200)], at: 2 * second)
        #expect(statistics.current?.peer == "decoder" && !statistics.isOther)
        #expect(statistics.totals.packetsSent == 210)
        statistics.add([sample("probe", 20)], at: 3 * second)
        #expect(statistics.current?.peer == "probe" && statistics.isOther)
    }

    /// As another version of srtsink might.
    @Test func whatIsNotSaidIsNotKnown() {
        var statistics = LinkStatistics()
        for number in 1...5 as ClosedRange<UInt64> {
            var sample = PeerSample(peer: "a")
            sample.packetsSent = number * 100
            statistics.add([sample], at: number * 1_000_000_000)
        }
        #expect(!statistics.isStalled)
        var report = LinkReport(connection: .connected)
        statistics.fill(&report)
        #expect(report.packetsSent == 500)
        #expect(report.packetsLost == nil && report.packetsDropped == nil && report.packetsRetransmitted == nil)
        #expect(report.lossPercent == nil && report.rttMs == nil && report.quality == nil)
    }

    @Test func silenceCountsOnlyWhileSomethingIsSent() {
        var statistics = LinkStatistics()
        func add(packets: UInt64, acknowledgements: UInt64, ms: UInt64) {
            var sample = PeerSample(peer: "a")
            sample.packetsSent = packets
            sample.acknowledgements = acknowledgements
            statistics.add([sample], at: ms * 1_000_000)
        }
        add(packets: 100, acknowledgements: 5, ms: 1000)
        add(packets: 100, acknowledgements: 5, ms: 4000)
        #expect(!statistics.isStalled)
        add(packets: 200, acknowledgements: 6, ms: 4250)
        add(packets: 400, acknowledgements: 6, ms: 4750)
        #expect(!statistics.isStalled)
        add(packets: 600, acknowledgements: 6, ms: 5250)
        #expect(statistics.isStalled)
        add(packets: 620, acknowledgements: 7, ms: 5500)
        #expect(!statistics.isStalled)
    }

    @Test func queueingIsThatOfTheLastSeconds() {
        var window = DelayWindow()
        #expect(window.p99Ms(now: 1) == nil)
        window.add(from: 0, to: 900_000_000)
        for number in 1...600 as ClosedRange<UInt64> {
            let now = 1_000_000_000 + number * 1_000_000
            window.add(from: now - (number % 200 == 0 ? 5_000_000 : 1_000_000), to: now)
        }
        #expect(window.p99Ms(now: 2_000_000_000) == 1)
        #expect(window.p99Ms(now: 9_000_000_000) == nil)
    }

    @Test func whatSrtSaysIsToldApart() {
        func failure(_ text: String) -> SenderFailure {
            SenderFailure(text: text, debug: "")
        }
        let prefix = "Failed to write to SRT socket: "
        #expect(failure(prefix + "Failed to authenticate: Incorrect passphrase") == .passphraseRejected)
        #expect(failure(prefix + "Error on SRT socket: Connection timeout") == .absent)
        #expect(failure(prefix + "Socket is broken or closed") == .lost)
        #expect(failure(prefix + "Error on SRT socket: Peer rejected") == .refused("Peer rejected"))
        #expect(failure("Failed to open SRT: Cannot bind to 0.0.0.0:1 - x") == .portInUse)
    }
}
