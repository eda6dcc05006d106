import GStreamer
import Synchronization
import WorkerProtocol

/// Draws what is left of a report's time into the live programme, in digits of seven segments: no font is needed, and a
/// frame costs a copy.
final class CountdownOverlay: Sendable {
    private let house: HouseFormat
    private let place: CountdownPlace
    /// When the limit is reached: CLOCK_MONOTONIC, nanoseconds; nil: no report runs.
    private let endsAt = Mutex<UInt64?>(nil)

    init(house: HouseFormat, place: CountdownPlace) {
        self.house = house
        self.place = place
    }

    func count(to end: UInt64?) {
        endsAt.withLock { $0 = end }
    }

    /// The slot as the venues see it.
    func applied(to slot: ProgramSlot) -> ProgramSlot {
        guard let end = endsAt.withLock({ $0 }),
            let face = CountdownFace(nanosecondsLeft: Int64(bitPattern: end &- slot.time), place: place)
        else { return slot }
        let drawing = CountdownDrawing(face, house: house, corner: place.corner)
        var shown = slot
        shown.picture = slot.picture.rewritten { drawing.draw(into: $0) }
        return shown
    }
}

/// What is to be read; pure.
struct CountdownFace: Sendable, Equatable {
    /// `1:59`, `-0:12`.
    var text: String
    /// The time is up.
    var isOver: Bool

    /// - Returns: nil where it is too early to show anything.
    init?(nanosecondsLeft: Int64, place: CountdownPlace) {
        let seconds = Double(nanosecondsLeft) / 1e9
        guard seconds <= place.lastSeconds else { return nil }
        isOver = seconds <= 0
        // What is begun counts as there: 0:00 is shown when nothing is left.
        let whole = isOver ? Int(-seconds) : Int(seconds.rounded(.up))
        let minutes = min(whole / 60, 999)
        text = (isOver && whole > 0 ? "-" : "") + "\(minutes):" + (whole % 60 < 10 ? "0" : "") + "\(whole % 60)"
    }
}

/// The face as rectangles of a picture; pure but for the bytes it is given.
struct CountdownDrawing: Sendable {
    typealias Rectangle = PictureLayout.Rectangle

    let layout: PictureLayout
    let box: Rectangle
    let background: PictureLayout.Colour
    private(set) var strokes: [Rectangle] = []

    init(_ face: CountdownFace, house: HouseFormat, corner: CountdownPlace.Corner) {
        func even(_ value: Int) -> Int { value & ~1 }
        layout = PictureLayout(house)
        background = face.isOver ? .red : .dark
        let height = even(house.height / 12)
        let thickness = max(2, even(height / 8))
        let width = even(height * 5 / 9)
        func advance(_ character: Character) -> Int {
            switch character {
            case ":": 2 * thickness
            default: width + thickness
            }
        }
        let padding = 2 * thickness
        let length = face.text.reduce(0) { $0 + advance($1) } - thickness
        let size = (width: length + 2 * padding, height: height + 2 * padding)
        let margin = (x: even(house.width / 20), y: even(house.height / 20))
        let isLeft = corner == .topLeft || corner == .bottomLeft
        let isTop = corner == .topLeft || corner == .topRight
        box = Rectangle(
            x: isLeft ? margin.x : even(house.width - margin.x - size.width),
            y: isTop ? margin.y : even(house.height - margin.y - size.height), width: even(size.width + 1),
            height: size.height)
        var x = box.x + padding
        for character in face.text {
            strokes += Self.strokes(character, x: x, y: box.y + padding, width: width, height: height, thickness)
            x += advance(character)
        }
    }

    private static func strokes(
        _ character: Character, x: Int, y: Int, width: Int, height: Int, _ thickness: Int
    ) -> [Rectangle] {
        let half = height / 2
        let middle = y + half - thickness / 2
        // Top, middle, bottom; left and right of the upper and the lower half.
        let segments: [Character: Rectangle] = [
            "a": Rectangle(x: x, y: y, width: width, height: thickness),
            "g": Rectangle(x: x, y: middle, width: width, height: thickness),
            "d": Rectangle(x: x, y: y + height - thickness, width: width, height: thickness),
            "f": Rectangle(x: x, y: y, width: thickness, height: half),
            "b": Rectangle(x: x + width - thickness, y: y, width: thickness, height: half),
            "e": Rectangle(x: x, y: y + half, width: thickness, height: height - half),
            "c": Rectangle(x: x + width - thickness, y: y + half, width: thickness, height: height - half),
        ]
        let lit: [Character: String] = [
            "0": "abcdef", "1": "bc", "2": "abged", "3": "abgcd", "4": "fgbc", "5": "afgcd", "6": "afgedc", "7": "abc",
            "8": "abcdefg", "9": "abcdfg", "-": "g",
        ]
        if character == ":" {
            return [height / 4, height * 3 / 4].map {
                Rectangle(x: x, y: y + $0 - thickness / 2, width: thickness, height: thickness)
            }
        }
        return (lit[character] ?? "").compactMap { segments[$0] }
    }

    func draw(into bytes: UnsafeMutableRawBufferPointer) {
        layout.fill(box, background, bytes)
        for stroke in strokes { layout.fill(stroke, .white, bytes) }
    }
}
