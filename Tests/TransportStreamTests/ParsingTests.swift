import Testing

@testable import TransportStream

struct ParsingTests {
    @Test func readsAPacketsHead() throws {
        let pcr: UInt64 = 0x1_2345_6789 * 300 + 123
        let bytes = Synthetic.packet(
            pid: 0x1ABC, counter: 11, payload: [1, 2, 3], start: true, pcr: pcr, discontinuity: true, randomAccess: true
        )
        try withView(bytes) { packet in
            #expect(packet.pid == 0x1ABC)
            #expect(packet.continuityCounter == 11)
            #expect(packet.payloadUnitStart)
            #expect(packet.pcr == pcr)
            #expect(packet.discontinuityIndicator)
            #expect(packet.randomAccess)
            #expect(Array(packet.payload) == [1, 2, 3])
        }
    }

    @Test func anAdaptationFieldThatLiesGivesNoPayload() throws {
        var bytes = Synthetic.packet(pid: 5, counter: 0, payload: [1])
        bytes[4] = 255
        try withView(bytes) { #expect($0.payload.isEmpty) }
        bytes[4] = 0
        try withView(bytes) {
            #expect($0.pcr == nil)
            #expect(!$0.discontinuityIndicator)
            #expect($0.payload.count == 183)
        }
    }

    @Test func whatIsNoPacketIsNone() {
        [UInt8](repeating: 0x47, count: 187).withUnsafeBytes { #expect(PacketView($0) == nil) }
        [UInt8](repeating: 0x00, count: 188).withUnsafeBytes { #expect(PacketView($0) == nil) }
    }

    @Test func readsTheTables() throws {
        var sections = SectionAssembler()
        var association: ProgramAssociation?
        try withView(Synthetic.pat(mapPID: 0x1021, counter: 0)) { packet in
            sections.append(packet) { association = ProgramAssociation(section: $0) }
        }
        #expect(association?.programs == [.init(number: 1, mapPID: 0x1021)])

        var map: ProgramMap?
        try withView(Synthetic.pmt(pcrPID: 0x41, counter: 0)) { packet in
            sections.append(packet) { map = ProgramMap(section: $0) }
        }
        #expect(map?.pcrPID == 0x41)
        #expect(map?.streams.first { $0.isH264 }?.pid == 0x41)
        #expect(map?.streams.first { $0.isAudio }?.pid == 0x42)
    }

    @Test func aTableWithAWrongChecksumIsNotBelieved() throws {
        var bytes = Synthetic.pat(mapPID: 0x20, counter: 0)
        bytes[16] ^= 1
        var sections = SectionAssembler()
        var seen = 0
        try withView(bytes) { sections.append($0) { _ in seen += 1 } }
        #expect(seen == 0)
    }

    @Test func aTableOverTwoPacketsIsPutTogether() throws {
        let streams = (0..<40).map { (UInt8(0x0F), UInt16(0x100 + $0)) }
        let table = [0] + Synthetic.pmtSection(pcrPID: 0x100, streams: streams)
        var sections = SectionAssembler()
        var map: ProgramMap?
        let first = Synthetic.packet(pid: 0x20, counter: 0, payload: Array(table.prefix(184)), start: true)
        let second = Synthetic.packet(pid: 0x20, counter: 1, payload: Array(table.dropFirst(184)))
        try withView(first) { sections.append($0) { map = ProgramMap(section: $0) } }
        #expect(map == nil)
        try withView(second) { sections.append($0) { map = ProgramMap(section: $0) } }
        #expect(map?.streams.count == 40)
    }

    @Test func readsTimesOfAPESHead() {
        // PTS 0x123456789 − an arbitrary 33-bit number −, DTS 3 × 3600 earlier.
        func stamp(_ value: UInt64, _ prefix: UInt8) -> [UInt8] {
            [
                prefix << 4 | UInt8(value >> 30 & 7) << 1 | 1, UInt8(value >> 22 & 0xFF),
                UInt8(value >> 15 & 0x7F) << 1 | 1, UInt8(value >> 7 & 0xFF), UInt8(value & 0x7F) << 1 | 1,
            ]
        }
        let pts: UInt64 = 0x1_2345_6789
        let bytes: [UInt8] = [0, 0, 1, 0xE0, 0, 0, 0x80, 0xC0, 10] + stamp(pts, 3) + stamp(pts - 10_800, 1) + [9, 9]
        bytes.withUnsafeBytes {
            let header = PESHeader($0)
            #expect(header?.pts == pts)
            #expect(header?.dts == pts - 10_800)
            #expect(header?.payloadOffset == 19)
            #expect(header?.isVideo == true)
        }
        bytes.dropLast(4).withUnsafeBytes { #expect(PESHeader($0) == nil) }
    }

    @Test func findsUnits() {
        let bytes: [UInt8] = [0, 0, 0, 1, 0x09, 0xF0, 0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 1, 0x65, 3, 0, 0, 1]
        var kinds: [NALUnit.Kind] = []
        bytes.withUnsafeBytes {
            AnnexB.forEachUnit(in: $0) {
                kinds.append($0.kind); return true
            }
        }
        #expect(kinds == [.accessUnitDelimiter, .sps, .pps, .idrSlice])
    }

    @Test(
        arguments: [
            0, 1, 0x0001_0002_0003_0000, 0x0000_0100_0000_0000, UInt64.max, 1_764_000_000_123_456,
        ] as [UInt64])
    func aTimeStampComesBack(_ microseconds: UInt64) {
        let unit = PrecisionTimeStamp(microseconds: microseconds, status: 0x9F).annexB
        var found: [PrecisionTimeStamp?] = []
        var codes = 0
        (unit + [0, 0, 1, 0x65, 1]).withUnsafeBytes {
            AnnexB.forEachUnit(in: $0) { nal in
                codes += 1
                if nal.kind == .sei { found.append(PrecisionTimeStamp(sei: nal.bytes)) }
                return true
            }
        }
        #expect(found == [PrecisionTimeStamp(microseconds: microseconds, status: 0x9F)])
        #expect(codes == 2, "no start code inside the message")
    }
}
