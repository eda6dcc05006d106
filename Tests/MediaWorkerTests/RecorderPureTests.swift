import GStreamer
import LinuxSystem
import Matroska
import Testing
import WorkerProtocol

@testable import MediaWorker

@Suite struct SlotCollectorTests {
    private static let frame: UInt64 = 40_000_000
    private static let clock = HouseClock(HouseFormat(width: 320, height: 180, frameRate: 25))

    /// A collector with pictures named after their slots, told that a slot's media comes just after its time.
    private struct Stage {
        var collector = SlotCollector<UInt64>(clock: clock, isOnGrid: true)
        var given: [CollectedSlot<UInt64>] = []
        var ended = 0
        var now: UInt64 = 0

        mutating func picture(_ slot: UInt64) {
            now = max(now, slot * frame + 1000)
            collector.insert(slot, time: slot * frame, now: now)
            takeAll()
        }

        mutating func sound(_ slot: UInt64, value: Float = 0.5) {
            now = max(now, slot * frame + 1000)
            [Float](repeating: value, count: 1920 * 2).withUnsafeBufferPointer {
                collector.insert($0, time: slot * frame, now: now)
            }
            takeAll()
        }

        mutating func pass(_ nanoseconds: UInt64) {
            let end = now + nanoseconds
            while now < end {
                now = min(end, now + 10_000_000)
                takeAll()
            }
        }

        private mutating func takeAll() {
            while true {
                switch collector.take(now: now) {
                case .slot(let slot): given.append(slot)
                case .ended: ended += 1
                case .wait: return
                }
            }
        }
    }

    @Test func givesEachSlotOnceAsSoonAsBothTracksAreThere() {
        var stage = Stage()
        for slot in UInt64(1000)..<1010 {
            stage.picture(slot)
            #expect(stage.given.count == max(0, Int(slot) - 1002), "the sound is not there yet")
            stage.sound(slot)
        }
        #expect(stage.given.map(\.slot) == Array(1002..<1010))
        #expect(stage.given.map(\.picture) == Array(1002..<1010))
        #expect(stage.given.allSatisfy { !$0.isRepeated && $0.missingSamples == 0 && $0.sound.count == 3840 })
    }

    @Test func beginsWhereNeitherTrackWasPassedOver() {
        var stage = Stage()
        for slot in UInt64(1000)..<1006 { stage.sound(slot) }
        // The pictures' feed is behind.
        for slot in UInt64(1003)..<1012 {
            stage.picture(slot)
            stage.sound(slot + 3)
        }
        #expect(stage.given.map(\.slot) == Array(1007..<1012))
        #expect(stage.given.allSatisfy { !$0.isRepeated && $0.missingSamples == 0 })
    }

    /// Each track has a thread of its own, which looks at the clock before its turn comes: the one may bring an earlier time.
    @Test func beginsWhicheverThreadIsLateWithItsTime() {
        var stage = Stage()
        stage.sound(1000)
        stage.collector.insert(1000, time: 1000 * Self.frame, now: stage.now - 1)
        for slot in UInt64(1001)..<1010 {
            stage.picture(slot)
            stage.sound(slot)
        }
        #expect(stage.given.last?.slot == 1009 && stage.given.allSatisfy { !$0.isRepeated })
    }

    @Test func standsInForAPictureThatIsMissingAndSaysSo() {
        var stage = Stage()
        for slot in UInt64(1000)..<1010 {
            if slot != 1005 && slot != 1006 { stage.picture(slot) }
            stage.sound(slot)
        }
        #expect(stage.given.map(\.slot) == Array(1002..<1010))
        #expect(stage.given.filter(\.isRepeated).map(\.slot) == [1005, 1006])
        #expect(stage.given.map(\.picture) == [1002, 1003, 1004, 1004, 1004, 1007, 1008, 1009])
    }

    @Test func countsMissingSoundToTheSample() {
        var stage = Stage()
        for slot in UInt64(1000)..<1010 {
            stage.picture(slot)
            if slot != 1005 { stage.sound(slot) }
        }
        stage.pass(2 * SlotCollector<UInt64>.patience)
        let missing = stage.given.filter { $0.slot < 1010 && $0.missingSamples > 0 }
        #expect(missing.map(\.slot) == [1005])
        #expect(missing.map(\.missingSamples) == [1920])
        #expect(missing[0].sound.allSatisfy { $0 == 0 })
    }

    @Test func goesOnWithoutATrackThatHasDied() {
        var stage = Stage()
        for slot in UInt64(1000)..<1100 {
            stage.picture(slot)
            if slot < 1010 { stage.sound(slot) }
        }
        // Not later than a slot may wait, and once it is known to be dead at once.
        #expect(stage.given.last?.slot == 1099)
        #expect(stage.given.filter { $0.missingSamples == 1920 }.count == 90)
        #expect(stage.given.allSatisfy { !$0.isRepeated })
    }

    @Test func recordsSoundThatHasNoPicture() {
        var stage = Stage()
        for slot in UInt64(1000)..<1080 { stage.sound(slot) }
        #expect(stage.given.count > 20)
        #expect(stage.given.allSatisfy { $0.picture == nil && $0.isRepeated && $0.missingSamples == 0 })
    }

    @Test func bridgesAShortSilenceOfItsSourceAndEndsARunAfterALongOne() {
        var stage = Stage()
        for slot in UInt64(1000)..<1010 {
            stage.picture(slot)
            stage.sound(slot)
        }
        stage.pass(2_000_000_000)
        for slot in UInt64(1061)..<1070 {
            stage.picture(slot)
            stage.sound(slot)
        }
        #expect(stage.given.map(\.slot) == Array(1002..<1070), "no slot is left out")
        #expect(stage.ended == 0)
        stage.pass(20_000_000_000)
        #expect(stage.ended == 1)
        let last = stage.given.last!.slot
        #expect(last < 1070 + 125)
        for slot in UInt64(2000)..<2010 {
            stage.picture(slot)
            stage.sound(slot)
        }
        #expect(stage.given.filter { $0.slot > last }.map(\.slot) == Array(2002..<2010))
    }

    /// A busy machine lets a source stand, or the recorder itself. What comes afterwards, all of the sound before the
    /// pictures, is all there.
    @Test(arguments: [(true, UInt64(1_400_000_000)), (false, 1_400_000_000), (false, 4_000_000_000)])
    func losesNothingToAPause(isSources: Bool, length: UInt64) {
        var stage = Stage()
        for slot in UInt64(1000)..<1010 {
            stage.picture(slot)
            stage.sound(slot)
        }
        if isSources { stage.pass(length) } else { stage.now += length }
        let last = stage.now / Self.frame
        for slot in UInt64(1010)...last { stage.sound(slot) }
        stage.pass(100_000_000)
        for slot in UInt64(1010)...last { stage.picture(slot) }
        #expect(stage.given.map(\.slot) == Array(1002...last))
        #expect(stage.given.allSatisfy { !$0.isRepeated && $0.missingSamples == 0 })
        // A track that has died meanwhile is found out.
        for slot in (last + 1)...(last + 100) { stage.sound(slot) }
        #expect(stage.given.last?.slot == last + 100)
        #expect(stage.given.count(where: \.isRepeated) == 100)
    }

    @Test func isNotLedAstrayByAClockThatIsNotOurs() {
        var stage = Stage()
        stage.picture(1000)
        stage.sound(1000)
        stage.collector.insert(99, time: 1000 * Self.frame + 60_000_000_000, now: stage.now)
        for slot in UInt64(1001)..<1010 {
            stage.picture(slot)
            stage.sound(slot)
        }
        #expect(stage.given.map(\.slot) == Array(1002..<1010))
    }
}

@Suite struct SlotAssemblerTests {
    private let format = MatroskaFormat(width: 320, height: 180, codecPrivate: [1], frameMilliseconds: 40)
    private let buffer: Buffer

    init() {
        GStreamer.initialize()
        buffer = Buffer([1, 2, 3])
    }

    private func slot(_ number: UInt64) -> CollectedSlot<Buffer> {
        CollectedSlot(slot: number, picture: nil, isRepeated: number == 2, sound: [], missingSamples: 0)
    }

    private func numbers(_ items: [SlotAssembler.Item]) -> [UInt64?] {
        items.map { if case .slot(let slot) = $0 { slot.slot } else { nil } }
    }

    @Test func joinsWhatBelongsTogetherInOrder() {
        var assembler = SlotAssembler(format: format)
        for number in UInt64(1)...3 { assembler.expect(slot(number)) }
        #expect(assembler.insert(sound: buffer, slot: 1).isEmpty)
        #expect(assembler.insert(sound: buffer, slot: 2).isEmpty)
        #expect(numbers(assembler.insert(picture: buffer, slot: 1)) == [1])
        let second = assembler.insert(picture: buffer, slot: 2)
        guard case .slot(let recorded)? = second.first else { return #expect(Bool(false)) }
        #expect(recorded.isRepeated && recorded.isKey && recorded.format == format)
        #expect(numbers(assembler.expectEnd()).isEmpty, "the third is still inside")
        #expect(numbers(assembler.insert(picture: buffer, slot: 3)).isEmpty)
        #expect(numbers(assembler.insert(sound: buffer, slot: 3)) == [3, nil])
    }

    @Test func passesOverWhatTheEncoderSwallowed() {
        var assembler = SlotAssembler(format: format)
        for number in UInt64(1)...3 { assembler.expect(slot(number)) }
        for number in UInt64(1)...3 { _ = assembler.insert(sound: buffer, slot: number) }
        #expect(numbers(assembler.insert(picture: buffer, slot: 2)) == [2])
        #expect(assembler.lost == 1)
        #expect(numbers(assembler.insert(picture: buffer, slot: 3)) == [3])
    }

    @Test func aQueueLosesInOnePieceAndNeverMakesAnybodyWait() {
        let queue = EncodedQueue(limitBytes: 160)
        func put(_ number: UInt64) {
            queue.put(
                .slot(
                    RecordedSlot(
                        slot: number, picture: Buffer([UInt8](repeating: 0, count: 8)),
                        sound: Buffer([UInt8](repeating: 0, count: 8)), format: format, isKey: true, isRepeated: false,
                        missingSamples: 0)))
        }
        func take() -> UInt64? {
            if case .item(.slot(let slot)) = queue.take(milliseconds: 0) { slot.slot } else { nil }
        }
        for number in UInt64(0)..<15 { put(number) }
        #expect(queue.facts.waitingBytes == 160)
        #expect(queue.facts.lost == 5)
        #expect(take() == 0)
        put(15)
        #expect(queue.facts.lost == 6, "until it has emptied somewhat")
        #expect(take() == 1)
        put(16)
        #expect((0..<9).map { _ in take() } == [2, 3, 4, 5, 6, 7, 8, 9, 16])
        #expect(queue.facts.waitingBytes == 0 && queue.facts.oldestAt == nil)
        queue.end()
        guard case .ended = queue.take(milliseconds: 0) else { return #expect(Bool(false)) }
    }
}

@Suite struct RecorderJudgementTests {
    private let second: UInt64 = 1_000_000_000
    private let role = RecorderRole(
        house: HouseFormat(width: 320, height: 180, frameRate: 25), source: "program",
        feeds: InputFeeds(picture: "", sound: ""),
        session: "S1", sessionDirectory: "/r/S1", folder: "master", segmentSeconds: 60, videoBitrateKbps: 50_000,
        minimumFreeBytes: 20_000_000_000, queueBytes: 1000)

    private func judge(
        _ change: (inout RecorderJudgement) -> Void
    ) -> (state: RecorderReport.State, codes: [String]) {
        var judgement = RecorderJudgement(
            role: role, board: .init(), intake: .init(), encoder: .init(), queue: .init(), now: 100 * second)
        judgement.board.lastFrameAt = judgement.now - second / 10
        change(&judgement)
        let report = judgement.report
        return (report.state, report.reasons.map(\.code))
    }

    @Test func saysRecordingOnlyOfAFrameThatWasJustSeen() {
        #expect(judge { _ in } == (.recording, []))
        #expect(judge { $0.board.lastFrameAt = nil } == (.idle, ["nothing-to-record"]))
        #expect(judge { $0.board.lastFrameAt = $0.now - 2 * second } == (.idle, ["nothing-to-record"]))
        #expect(judge { $0.board.fault = "no" } == (.failed, ["disk-failed"]))
        #expect(judge { $0.board.isFull = true } == (.full, ["disk-full"]))
        let foreign = judge {
            $0.board.lastFrameAt = nil
            $0.intake.isForeign = true
        }
        #expect(foreign == (.idle, ["not-house-format"]))
    }

    @Test func knowsADiskThatStallsByWhatDoesNotReturn() {
        #expect(judge { $0.board.writingSince = $0.now - 2 * second } == (.stalledDisk, ["disk-stalled"]))
        #expect(judge { $0.queue.oldestAt = $0.now - 2 * second } == (.stalledDisk, ["disk-stalled"]))
        #expect(judge { $0.board.syncingSince = $0.now - 4 * second } == (.stalledDisk, ["disk-stalled"]))
        // A slow sync is none yet.
        #expect(judge { $0.board.syncingSince = $0.now - 2 * second } == (.recording, []))
    }

    @Test func mentionsLossesForAMinute() {
        #expect(judge { $0.intake.lastRepeatAt = $0.now - 59 * second } == (.recording, ["frames-missing"]))
        #expect(judge { $0.queue.lastLossAt = $0.now - 61 * second } == (.recording, []))
        #expect(
            judge { $0.board.segments["a"] = .init(bytes: 1, frames: 1, state: .damaged, isCopied: false) } == (
                .recording, ["segment-damaged"]
            ))
        #expect(judge { $0.board.copyProblem = "no" } == (.recording, ["copy-failed"]))
        #expect(judge { $0.board.unread["a"] = "EIO" } == (.recording, ["segment-unread"]))
    }
}

@Suite struct DayClockTests {
    @Test func advancesByOneAFrameAndIsNeverFarFromTheTimeOfDay() {
        for offset: Int64 in [0, 1, 19_999_999, 20_000_000, 1_353_895_200_123_456_789] {
            let clock = DayClock(offset: offset, utcOffsetSeconds: 28_800)
            var before = clock.timecode(ofSlot: 999, frameRate: 25)
            for slot in UInt64(1000)..<1100 {
                let code = clock.timecode(ofSlot: slot, frameRate: 25)
                func ofDay(_ code: Timecode) -> Int {
                    ((code.hours * 60 + code.minutes) * 60 + code.seconds) * 25 + code.frames
                }
                #expect(ofDay(code) == ofDay(before) + 1)
                before = code
                let wall = (clock.wallTime(at: slot * 40_000_000) + 28_800_000_000_000) % 86_400_000_000_000
                #expect(abs(Int64(ofDay(code)) * 40_000_000 - wall) <= 20_000_000)
            }
        }
    }

    @Test func turnsOverAtMidnight() {
        let clock = DayClock(offset: 86_399_000_000_000, utcOffsetSeconds: 0)
        #expect(clock.timecode(ofSlot: 24, frameRate: 25).description == "23:59:59:24")
        #expect(clock.timecode(ofSlot: 25, frameRate: 25).description == "00:00:00:00")
        #expect(clock.timecode(ofSlot: 49, frameRate: 50).description == "23:59:59:49")
    }

    @Test func writesTimesOfDay() {
        #expect(rfc3339(1_353_895_200_123_000_000, utcOffsetSeconds: 28_800) == "2012-11-26T10:00:00.123+08:00")
        #expect(rfc3339(0, utcOffsetSeconds: -19_800) == "1969-12-31T18:30:00.000-05:30")
    }
}

@Suite struct XXHash64Tests {
    @Test(arguments: [
        ("", "ef46db3751d8e999"), ("a", "d24ec4f1a98c6e5b"), ("abc", "44bc2cf5ad770999"),
        ("The quick brown fox jumps over the lazy dog", "0b242d361fda71bc"),
    ])
    func isTheOneThatIsPublished(text: String, expected: String) {
        for piece in [1, 3, 31, 32, 33, 1000] {
            var hash = XXHash64()
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: piece) {
                bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes { hash.update($0) }
            }
            #expect(hash.text == expected)
        }
    }
}
