import Testing

@testable import TransportStream

/// What ETSI TR 101 290 calls an error, in packets made by hand: one programme, clock and picture in PID 0x41.
struct ErrorTests {
    private static let millisecond: UInt64 = 27_000

    /// A stream of so many steps of 40 ms, each with a table of each kind, a clock, a picture and sound, as far as they are
    /// not left out.
    private struct Stream {
        var steps = 50
        var association: (Int) -> Bool = { _ in true }
        var map: (Int) -> Bool = { _ in true }
        var sound: (Int) -> Bool = { _ in true }
        /// Whether a picture has a time of its own.
        var time: (Int) -> Bool = { _ in true }
        /// Milliseconds.
        var clock: (Int) -> UInt64 = { 40 * UInt64($0) }
        var announced: (Int) -> Bool = { _ in false }

        func bytes() -> [UInt8] {
            var counters: [UInt16: UInt8] = [:]
            func next(_ pid: UInt16) -> UInt8 {
                defer { counters[pid, default: 0] += 1 }
                return counters[pid, default: 0] % 16
            }
            var bytes: [UInt8] = []
            for step in 0..<steps {
                if association(step) { bytes += Synthetic.pat(mapPID: 0x20, counter: next(0)) }
                if map(step) { bytes += Synthetic.pmt(pcrPID: 0x41, counter: next(0x20)) }
                let pcr = clock(step) * ErrorTests.millisecond
                bytes += Synthetic.packet(
                    pid: 0x41, counter: next(0x41), payload: pes(0xE0, time(step) ? pcr / 300 + 9000 : nil),
                    start: true, pcr: pcr, discontinuity: announced(step))
                if sound(step) {
                    bytes += Synthetic.packet(
                        pid: 0x42, counter: next(0x42), payload: pes(0xC0, pcr / 300 + 9000), start: true)
                }
            }
            return bytes
        }

        private func pes(_ id: UInt8, _ pts: UInt64?) -> [UInt8] {
            guard let pts else { return [0, 0, 1, id, 0, 0, 0x80, 0, 0, 0, 0, 1, 9, 0xF0] }
            let time = [
                0x21 | UInt8(pts >> 30 & 7) << 1, UInt8(pts >> 22 & 0xFF), UInt8(pts >> 15 & 0x7F) << 1 | 1,
                UInt8(pts >> 7 & 0xFF), UInt8(pts & 0x7F) << 1 | 1,
            ]
            return [0, 0, 1, id, 0, 0, 0x80, 0x80, 5] + time + [0, 0, 0, 1, 9, 0xF0]
        }
    }

    private func errors(_ bytes: [UInt8]) -> [TransportError: UInt64] {
        var inspector = StreamInspector()
        inspector.feed(bytes)
        return inspector.errors
    }

    @Test func aSoundStreamHasNone() {
        #expect(errors(Stream().bytes()).isEmpty)
    }

    @Test func aTableThatStaysAwayIsMissedEachHalfSecond() {
        // From 400 ms to 1,600 ms.
        #expect(errors(Stream(association: { !(10...40).contains($0) }).bytes()) == [.association: 2])
        #expect(errors(Stream(map: { !(10...40).contains($0) }).bytes()) == [.map: 2])
    }

    @Test func aTableThatComesJustInTimeIsNotMissed() {
        #expect(errors(Stream(association: { $0 % 12 == 0 }, map: { $0 % 12 == 0 }).bytes()).isEmpty)
    }

    @Test func anElementaryStreamThatGoesAwayIsMissed() {
        let found = errors(Stream(steps: 160, sound: { $0 < 10 }).bytes())
        // After 5 s once; times of presentation every 700 ms.
        #expect(found == [.pid: 1, .presentation: 8])
    }

    @Test func timesOfPresentationMustNotBeFarApart() {
        #expect(errors(Stream(time: { $0 % 15 == 0 }).bytes()).isEmpty)
        #expect(errors(Stream(steps: 60, time: { $0 % 30 == 0 }).bytes()) == [.presentation: 2])
    }

    @Test func aClockThatComesSeldomAndOneThatJumps() {
        // Step 20 comes 160 ms after step 19.
        #expect(errors(Stream(clock: { 40 * UInt64($0) + ($0 >= 20 ? 120 : 0) }).bytes()) == [.clockRepetition: 1])
        let jumping = Stream(clock: { 40 * UInt64($0) + ($0 >= 20 ? 5_000 : 0) })
        #expect(errors(jumping.bytes()) == [.clockDiscontinuity: 1])
        #expect(
            errors(Stream(clock: { $0 >= 20 ? 40 * UInt64($0) : 10_000 + 40 * UInt64($0) }).bytes()) == [
                .clockDiscontinuity: 1
            ])
        var announced = jumping
        announced.announced = { $0 == 20 }
        #expect(errors(announced.bytes()).isEmpty)
    }

    @Test func theClocksWrapIsNoJump() {
        let wrap = PacketView.pcrPeriod / Self.millisecond
        #expect(errors(Stream(clock: { (wrap - 1000 + 40 * UInt64($0)) % wrap }).bytes()).isEmpty)
    }

    @Test func brokenPacketsAreToldApart() {
        let bytes = Stream().bytes()
        var lost = bytes
        lost.removeSubrange(188 * 42..<188 * 43)
        #expect(errors(lost) == [.continuity: 1])

        var flagged = bytes
        flagged[188 * 43 + 1] |= 0x80
        #expect(errors(flagged)[.transport] == 1)

        var unsynchronised = bytes
        unsynchronised[188 * 42] = 0
        let one = errors(unsynchronised)
        #expect(one[.syncByte] == 1)
        #expect(one[.syncLoss] == nil)

        var garbage = bytes
        garbage.insert(contentsOf: [UInt8](repeating: 3, count: 500), at: 188 * 42)
        #expect(errors(garbage)[.syncLoss] == 1)
        #expect(errors(garbage)[.syncByte] == nil)

        // In the table of step 10, which is then not there.
        var damaged = bytes
        damaged[188 * 40 + 12] ^= 0xFF
        #expect(errors(damaged) == [.crc: 1])
    }

    @Test func scrambledPicturesNeedATable() {
        var bytes = Stream().bytes()
        for packet in stride(from: 188 * 2, to: bytes.count, by: 188 * 4) { bytes[packet + 3] |= 0x80 }
        #expect((errors(bytes)[.conditionalAccess] ?? 0) >= 3)
    }

    @Test func whatIsToBeDecodedIsKept() throws {
        let stream = try RealStreamTests.stream()
        var inspector = StreamInspector()
        inspector.keepsUnits = true
        inspector.feed(stream)
        let units = inspector.takeUnits()
        let pictures = units.filter { $0.kind == .keyPicture }
        #expect(pictures.count == 4)
        #expect(pictures.allSatisfy { $0.bytes.starts(with: [0, 0, 0, 1, 9]) && $0.bytes.count > 2000 })
        let sound = units.filter { $0.kind == .sound }
        #expect(sound.count > 10)
        // ADTS.
        #expect(sound.allSatisfy { $0.bytes.starts(with: [0xFF, 0xF1]) })
        #expect(inspector.takeUnits().isEmpty)
        #expect(inspector.errors.isEmpty)
        #expect(try #require(inspector.pictureLeadMs) > 0)
        #expect(try #require(inspector.soundLeadMs) > 0)
    }
}
