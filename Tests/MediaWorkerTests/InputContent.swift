import GStreamer
import Testing

@testable import MediaWorker

/// A picture of the house format, to be looked at.
struct Picture {
    let bytes: [UInt8]
    let width: Int
    let height: Int

    init(_ piece: FeedRecorder.Piece, width: Int = 320, height: Int = 180) {
        bytes = piece.buffer.withBytes { Array($0) }
        self.width = width
        self.height = height
    }

    func luma(_ x: Int, _ y: Int) -> Int { Int(bytes[y * width + x]) }

    /// The mean of a column, or of a row, of pixels.
    func column(_ x: Int) -> Int { (0..<height).reduce(0) { $0 + luma(x, $1) } / height }
    func row(_ y: Int) -> Int { (0..<width).reduce(0) { $0 + luma($1, y) } / width }
    var brightness: Int {
        stride(from: 0, to: width * height, by: 7).reduce(0) { $0 + Int(bytes[$1]) } / (width * height / 7)
    }

    /// Black columns and rows at the edges, in pixels.
    var borders: (left: Int, right: Int, top: Int, bottom: Int) {
        func count(_ positions: some Sequence<Int>, _ mean: (Int) -> Int) -> Int {
            var count = 0
            for position in positions {
                guard mean(position) < 24 else { break }
                count += 1
            }
            return count
        }
        return (
            count(0..<width, column), count((0..<width).reversed(), column), count(0..<height, row),
            count((0..<height).reversed(), row)
        )
    }

    /// The largest difference between a row and the next one: the teeth of a woven picture.
    var teeth: Int {
        var largest = 0
        for y in 4..<(height - 5) {
            for x in 0..<width { largest = max(largest, abs(luma(x, y) - luma(x, y + 1))) }
        }
        return largest
    }

    /// Where the middle of the bright columns is; nil when there are none.
    var barCentre: Double? {
        let bright = (0..<width).filter { luma($0, height / 2) > 128 }
        return bright.isEmpty ? nil : Double(bright.reduce(0, +)) / Double(bright.count)
    }
}

extension FeedRecorder {
    /// Nanoseconds from each piece to the next, on one connection.
    var steps: [UInt64] {
        let pieces = pieces
        return zip(pieces, pieces.dropFirst()).filter { $0.connection == $1.connection }.map { $1.pts &- $0.pts }
    }

    /// Left and right of every sample, with the time of each piece.
    var samples: [(pts: UInt64, left: [Float], right: [Float])] {
        pieces.map { piece in
            let all = piece.buffer.withBytes { Array($0.assumingMemoryBound(to: Float.self)) }
            return (
                piece.pts, stride(from: 0, to: all.count, by: 2).map { all[$0] },
                stride(from: 1, to: all.count, by: 2).map { all[$0] }
            )
        }
    }

    /// From the time each piece was for to its arrival, in milliseconds.
    var lateness: [Double] { pieces.map { (Double($0.receivedAt) - Double($0.pts)) / 1e6 } }

    /// From the end of each piece to the beginning of the next one of the same connection, in milliseconds.
    var gaps: [Double] {
        let pieces = pieces
        return zip(pieces, pieces.dropFirst()).filter { $0.connection == $1.connection }
            .map { (Double($1.pts) - Double($0.pts + $0.duration)) / 1e6 }
    }

    /// That every piece begins where the one before has ended.
    /// - Parameter tolerance: milliseconds; a live source's clock is found by and by.
    func expectSoundWithoutGap(within tolerance: Double = 1, _ sourceLocation: SourceLocation = #_sourceLocation) {
        let holes = gaps.filter { abs($0) >= tolerance }
        #expect(holes.isEmpty, "gaps of \(holes) ms", sourceLocation: sourceLocation)
    }

    /// That pictures come on the house's grid (to a millisecond), one for each place of it.
    func expectPicturesWithoutGap(rate: UInt64 = 25, _ sourceLocation: SourceLocation = #_sourceLocation) {
        let frame = 1_000_000_000 / rate
        #expect(
            steps.allSatisfy { abs(Int64($0) - Int64(frame)) < 1_000_000 }, "\(steps.filter { $0 != frame })",
            sourceLocation: sourceLocation)
        #expect(pieces.allSatisfy { ($0.pts + 1_000_000) % frame <= 2_000_000 }, sourceLocation: sourceLocation)
    }
}

extension TestInput {
    var flashToBeepMs: [Double] { flashToBeep(picture: picture, sound: sound) }
}

/// From each flash to its beep, in milliseconds; positive when the beep is late.
func flashToBeep(picture: FeedRecorder, sound: FeedRecorder) -> [Double] {
    var flashes: [UInt64] = []
    var wasBright = true
    for piece in picture.pieces {
        let isBright = Picture(piece).brightness > 128
        if isBright, !wasBright { flashes.append(piece.pts) }
        wasBright = isBright
    }
    var beeps: [UInt64] = []
    var quiet = 0
    for (pts, left, _) in sound.samples {
        for (index, sample) in left.enumerated() {
            if abs(sample) > 0.15 {
                if quiet > 4800 { beeps.append(pts + UInt64(index) * 1_000_000_000 / 48_000) }
                quiet = 0
            } else {
                quiet += 1
            }
        }
    }
    return flashes.compactMap { flash in
        beeps.map { (Double($0) - Double(flash)) / 1e6 }.min { abs($0) < abs($1) }.flatMap { abs($0) < 400 ? $0 : nil }
    }
}
