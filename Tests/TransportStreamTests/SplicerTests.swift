import Testing

@testable import TransportStream

struct SplicerTests {
    private func run(_ splicer: inout TransportStreamSplicer, _ packets: [[UInt8]]) -> [UInt8] {
        var bytes = packets.flatMap { $0 }
        bytes.withUnsafeMutableBytes { splicer.process($0) }
        return bytes
    }

    private func counters(_ bytes: [UInt8], pid: UInt16) throws -> [UInt8] {
        try stride(from: 0, to: bytes.count, by: 188).compactMap { at in
            try withView(Array(bytes[at..<(at + 188)])) { $0.pid == pid ? $0.continuityCounter : nil }
        }
    }

    @Test func anUncutStreamPassesUnchanged() {
        var splicer = TransportStreamSplicer()
        splicer.splice()
        let packets = (0..<40).map { Synthetic.packet(pid: 7, counter: UInt8(($0 + 5) % 16), pcr: 1) }
        #expect(run(&splicer, packets) == packets.flatMap { $0 })
    }

    @Test func countersGoOnAcrossACut() throws {
        var splicer = TransportStreamSplicer()
        var out = run(&splicer, [3, 4, 5].map { Synthetic.packet(pid: 7, counter: $0) })
        splicer.splice()
        out += run(&splicer, [12, 13].map { Synthetic.packet(pid: 7, counter: $0) })
        splicer.splice()
        out += run(&splicer, [0, 1].map { Synthetic.packet(pid: 7, counter: $0) })
        #expect(try counters(out, pid: 7) == [3, 4, 5, 6, 7, 8, 9])
        #expect(splicer.splices == 2)
    }

    @Test func aPacketWithoutPayloadFirstAfterTheCutKeepsTheCount() throws {
        var splicer = TransportStreamSplicer()
        var out = run(&splicer, [Synthetic.packet(pid: 7, counter: 15)])
        splicer.splice()
        out += run(
            &splicer,
            [Synthetic.packet(pid: 7, counter: 8, payload: nil, pcr: 4), Synthetic.packet(pid: 7, counter: 9)])
        #expect(try counters(out, pid: 7) == [15, 15, 0])
    }

    @Test func theFirstClockAfterTheCutAnnouncesIt() throws {
        let tables = [Synthetic.pat(mapPID: 0x20, counter: 0), Synthetic.pmt(pcrPID: 0x41, counter: 0)]
        var splicer = TransportStreamSplicer()
        _ = run(&splicer, tables + [Synthetic.packet(pid: 0x41, counter: 0, pcr: 1)])
        #expect(splicer.pcrPID == 0x41)
        splicer.splice()
        let out = run(
            &splicer,
            tables + [
                Synthetic.packet(pid: 0x42, counter: 0, pcr: 5), Synthetic.packet(pid: 0x41, counter: 0),
                Synthetic.packet(pid: 0x41, counter: 1, pcr: 6), Synthetic.packet(pid: 0x41, counter: 2, pcr: 7),
            ])
        let flags = try stride(from: 0, to: out.count, by: 188).map { at in
            try withView(Array(out[at..<(at + 188)])) { $0.discontinuityIndicator }
        }
        #expect(flags == [false, false, false, false, true, false])
    }

    @Test func wholeStreamsCutAnywhereStayContinuous() {
        var dice = Dice(7)
        var splicer = TransportStreamSplicer()
        var checker = ContinuityChecker()
        for _ in 0..<50 {
            var counters = (0..<4).map { _ in UInt8.random(in: 0...15, using: &dice) }
            for _ in 0..<Int.random(in: 1...60, using: &dice) {
                let stream = Int.random(in: 0..<4, using: &dice)
                let hasPayload = Int.random(in: 0..<5, using: &dice) > 0
                if hasPayload { counters[stream] = (counters[stream] + 1) & 15 }
                let packet = Synthetic.packet(
                    pid: UInt16(0x100 + stream), counter: counters[stream],
                    payload: hasPayload ? [UInt8.random(in: 0...255, using: &dice)] : nil, pcr: 3)
                run(&splicer, [packet]).withUnsafeBytes { _ = checker.check($0) }
            }
            splicer.splice()
        }
        #expect(checker.errors == 0)
    }
}
