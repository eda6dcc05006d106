import Testing

@testable import TransportStream

struct ContinuityTests {
    private func check(_ packets: [[UInt8]]) -> ContinuityChecker {
        var checker = ContinuityChecker()
        for packet in packets { packet.withUnsafeBytes { _ = checker.check($0) } }
        return checker
    }

    @Test func countingUpAndAroundIsRight() {
        let checker = check((0..<40).map { Synthetic.packet(pid: 7, counter: UInt8($0 % 16)) })
        #expect(checker.errors == 0)
        #expect(checker.packets == 40)
    }

    @Test func eachPIDCountsByItself() {
        let checker = check((0..<32).map { Synthetic.packet(pid: UInt16(7 + $0 % 2), counter: UInt8($0 / 2 % 16)) })
        #expect(checker.errors == 0)
    }

    @Test func aLostPacketIsOneError() {
        let checker = check([0, 1, 3, 4].map { Synthetic.packet(pid: 7, counter: $0) })
        #expect(checker.errors == 1)
    }

    @Test func oneDuplicateIsAllowedTwoAreNot() {
        #expect(check([0, 1, 1, 2].map { Synthetic.packet(pid: 7, counter: $0) }).errors == 0)
        #expect(check([0, 1, 1, 2].map { Synthetic.packet(pid: 7, counter: $0) }).duplicates == 1)
        #expect(check([0, 1, 1, 1, 2].map { Synthetic.packet(pid: 7, counter: $0) }).errors == 1)
    }

    @Test func theSameCounterOnOtherContentIsALoss() {
        let packets = [
            Synthetic.packet(pid: 7, counter: 1, payload: [1]), Synthetic.packet(pid: 7, counter: 1, payload: [2]),
        ]
        #expect(check(packets).errors == 1)
    }

    @Test func packetsWithoutPayloadDoNotCount() {
        let good = [
            Synthetic.packet(pid: 7, counter: 1), Synthetic.packet(pid: 7, counter: 1, payload: nil, pcr: 9),
            Synthetic.packet(pid: 7, counter: 1, payload: nil, pcr: 10), Synthetic.packet(pid: 7, counter: 2),
        ]
        #expect(check(good).errors == 0)
        let bad = [Synthetic.packet(pid: 7, counter: 1), Synthetic.packet(pid: 7, counter: 2, payload: nil, pcr: 9)]
        #expect(check(bad).errors == 1)
    }

    @Test func anAnnouncedJumpIsNoError() {
        let packets = [
            Synthetic.packet(pid: 7, counter: 1), Synthetic.packet(pid: 7, counter: 9, discontinuity: true),
            Synthetic.packet(pid: 7, counter: 10),
        ]
        let checker = check(packets)
        #expect(checker.errors == 0)
        #expect(checker.announcedDiscontinuities == 1)
    }

    @Test func nullPacketsAndBrokenOnesDoNotCount() {
        var broken = Synthetic.packet(pid: 7, counter: 9)
        broken[1] |= 0x80
        let checker = check([
            Synthetic.packet(pid: 7, counter: 1), Synthetic.packet(pid: 0x1FFF, counter: 3),
            Synthetic.packet(pid: 0x1FFF, counter: 9), broken, [UInt8](repeating: 0, count: 188),
            Synthetic.packet(pid: 7, counter: 2),
        ])
        #expect(checker.errors == 0)
        #expect(checker.transportErrors == 1)
        #expect(checker.missingSyncBytes == 1)
    }
}
