import Matroska
import Testing

@Suite struct MatroskaTests {
    private let format = MatroskaFormat(width: 320, height: 180, codecPrivate: [1, 2, 3], frameMilliseconds: 40)

    /// A file of so many frames, as it is before it is closed.
    private func file(_ frames: Int) -> (bytes: [UInt8], layout: MatroskaLayout) {
        var (bytes, layout) = MatroskaWriter.header(
            format, dateNanoseconds: 1_353_895_200_000_000_000, timecode: "10:00:00:00", application: "test")
        for frame in 0..<frames {
            let (picture, sound) = ([UInt8](repeating: 7, count: 100 + frame), [UInt8](repeating: 9, count: 60))
            let heads = MatroskaWriter.cluster(
                milliseconds: frame * 40, pictureSize: picture.count, isKey: frame % 2 == 0, soundSize: sound.count)
            bytes += heads.beforePicture + picture + heads.beforeSound + sound
        }
        return (bytes, layout)
    }

    private func scan(
        _ bytes: [UInt8], _ scanner: inout MatroskaScanner, onBlock: (MatroskaScanner.Block) -> Void = { _ in }
    ) throws {
        try scanner.advance(
            size: bytes.count, read: { Array(bytes[min($0, bytes.count)..<min($0 + $1, bytes.count)]) },
            onBlock: onBlock)
    }

    @Test func readsBackWhatWasWritten() throws {
        let (bytes, layout) = file(60)
        var scanner = MatroskaScanner()
        var blocks: [MatroskaScanner.Block] = []
        try scan(bytes, &scanner) { blocks.append($0) }
        #expect(scanner.layout == layout)
        #expect(scanner.end == bytes.count && scanner.pictures == 60 && scanner.keyPictures == 30)
        #expect(scanner.soundBytes == 60 * 60 && scanner.newestMilliseconds == 59 * 40)
        #expect(scanner.cues.map(\.milliseconds) == [0, 1040, 2080])
        #expect(!scanner.isComplete)
        #expect(blocks.map(\.track) == (0..<60).flatMap { _ in [1, 2] })
        #expect(blocks.allSatisfy { block in bytes[block.payload].allSatisfy { $0 == (block.track == 1 ? 7 : 9) } })
    }

    @Test func findsAllThatIsWholeWhereverAFileBreaksOff() throws {
        let (bytes, layout) = file(3)
        let ends = (0...3).map { file($0).bytes.count }
        for length in 0..<bytes.count {
            var scanner = MatroskaScanner()
            try scan(Array(bytes[..<length]), &scanner)
            let whole = ends.lastIndex { $0 <= length } ?? 0
            #expect(scanner.pictures == whole)
            if length >= ends[0] {
                #expect(scanner.end == ends[whole])
                #expect(scanner.layout == layout)
            }
        }
    }

    @Test func followsAFileThatGrows() throws {
        let (bytes, _) = file(40)
        var scanner = MatroskaScanner()
        for length in stride(from: 1, to: bytes.count + 37, by: 37) {
            try scan(Array(bytes[..<min(length, bytes.count)]), &scanner)
        }
        #expect(scanner.pictures == 40 && scanner.end == bytes.count)
    }

    @Test(arguments: [true, false])
    func isCompleteOnceItIsClosed(withIndex: Bool) throws {
        var (bytes, layout) = file(60)
        var before = MatroskaScanner()
        try scan(bytes, &before)
        let (index, patches) = MatroskaWriter.ending(
            layout, end: bytes.count, milliseconds: 2400, cues: before.cues, withIndex: withIndex)
        bytes += index
        for (offset, patch) in patches { bytes.replaceSubrange(offset..<(offset + patch.count), with: patch) }
        var after = MatroskaScanner()
        try scan(bytes, &after)
        #expect(after.pictures == 60 && after.isComplete == withIndex)
        // It could be closed again, which would change nothing.
        #expect(after.layout == layout && after.end == before.end)
    }

    @Test func refusesWhatIsDamaged() throws {
        var (bytes, _) = file(5)
        var whole = MatroskaScanner()
        var starts: [Int] = []
        try scan(bytes, &whole) { if $0.track == 1 { starts.append($0.payload.lowerBound) } }
        // In the middle of the third cluster's first block.
        bytes[starts[2] - 9] = 0
        var scanner = MatroskaScanner()
        #expect(throws: MatroskaScanner.Failure.self) { try scan(bytes, &scanner) }
        #expect(scanner.pictures == 2)
    }
}
