import Dispatch
import Loudness
import Matroska

/// Measures the sound of a recording as it passes, on a thread of its own: each report, and everything. What passes once
/// is measured once: between two beginnings or ends of reports lies a piece, and a report is some of them.
final class LoudnessMeter {
    private static let batchFrames = 250

    private let library: LoudnessLibrary
    private let format: MatroskaFormat
    /// Where pieces begin, in order.
    private let borders: [Int]
    private let queue = DispatchQueue(label: "venuecast.delivery.loudness")
    private let room = DispatchSemaphore(value: 2)
    private var states: [Int: LoudnessLibrary.State] = [:]
    private var batch: (piece: Int, bytes: [UInt8], frames: Int) = (-1, [], 0)

    init(_ library: LoudnessLibrary, format: MatroskaFormat, reports: [Range<Int>]) {
        self.library = library
        self.format = format
        borders = Set(reports.flatMap { [$0.lowerBound, $0.upperBound] }).sorted()
    }

    deinit {
        queue.sync {}
        for state in states.values { library.destroy(state) }
    }

    private func piece(of frame: Int) -> Int { borders.lastIndex { $0 <= frame }.map { $0 + 1 } ?? 0 }

    func add(_ sound: ArraySlice<UInt8>, frame: Int) {
        let own = piece(of: frame)
        if own != batch.piece || batch.frames >= Self.batchFrames { flush() }
        batch.piece = own
        batch.bytes += sound
        batch.frames += 1
    }

    private func flush() {
        guard batch.frames > 0 else { return }
        let (bytes, piece) = (batch.bytes, batch.piece)
        batch = (-1, [], 0)
        if states[piece] == nil {
            states[piece] = library.make(channels: format.channels, sampleRate: format.sampleRate)
        }
        guard let state = states[piece] else { return }
        let work = Work(state: state, library: library, format: format, bytes: bytes)
        room.wait()
        queue.async { [room] in
            work.run()
            room.signal()
        }
    }

    /// Of a stretch that begins and ends where reports do; nil is everything.
    func measure(_ range: Range<Int>?) -> (integrated: Double?, range: Double?, truePeak: Double?) {
        flush()
        queue.sync {}
        let chosen = states.filter { piece, _ in
            guard let range else { return true }
            let start = piece == 0 ? Int.min : borders[piece - 1]
            return range.contains(start)
        }
        return library.measure(chosen.sorted { $0.key < $1.key }.map(\.value), channels: format.channels)
    }

    /// The state is only ever used on the meter's queue, one piece of work after another.
    private struct Work: @unchecked Sendable {
        let state: LoudnessLibrary.State
        let library: LoudnessLibrary
        let format: MatroskaFormat
        let bytes: [UInt8]

        func run() {
            let width = format.bitDepth / 8
            let count = bytes.count / width
            let scale = 1 / Float(UInt32(1) << 31)
            let samples = [Float](unsafeUninitializedCapacity: count) { result, size in
                bytes.withUnsafeBytes { bytes in
                    for index in 0..<count {
                        // To the top of 32 bits, so that the sign is right whatever the depth.
                        var value: UInt32 = 0
                        for byte in 0..<width {
                            value |= UInt32(bytes[index * width + byte]) << UInt32(32 - 8 * (width - byte))
                        }
                        result[index] = Float(Int32(bitPattern: value)) * scale
                    }
                }
                size = count
            }
            library.add(samples, channels: format.channels, to: state)
        }
    }
}
