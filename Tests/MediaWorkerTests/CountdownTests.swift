import GStreamer
import Testing
import WorkerProtocol

@testable import MediaWorker

@Suite struct CountdownTests {
    private static let place = CountdownPlace(corner: .topRight, lastSeconds: 120)

    @Test(arguments: [
        (121.0, nil), (120.0, "2:00"), (119.2, "2:00"), (118.9, "1:59"), (59.0, "0:59"), (0.04, "0:01"), (0.0, "0:00"),
        (-0.9, "0:00"), (-1.0, "-0:01"), (-754.0, "-12:34"),
    ])
    func saysWhatIsLeft(seconds: Double, text: String?) {
        let face = CountdownFace(nanosecondsLeft: Int64(seconds * 1e9), place: Self.place)
        #expect(face?.text == text)
        #expect(face.map { $0.isOver } == text.map { _ in seconds <= 0 })
    }

    @Test(arguments: CountdownPlace.Corner.allCases)
    func staysInItsCorner(corner: CountdownPlace.Corner) throws {
        for (width, height) in [(640, 360), (1280, 720), (1920, 1080)] {
            let house = HouseFormat(width: width, height: height, frameRate: 25)
            let place = CountdownPlace(corner: corner, lastSeconds: 36_000)
            for seconds in [599.0, 5, -3, -35_999] {
                let face = try #require(CountdownFace(nanosecondsLeft: Int64(seconds * 1e9), place: place))
                let drawing = CountdownDrawing(face, house: house, corner: corner)
                let box = drawing.box
                #expect(box.x >= width / 20 - 1 && box.y >= height / 20 - 1)
                #expect(box.x + box.width <= width - width / 20 + 1 && box.y + box.height <= height - height / 20 + 1)
                #expect((box.x < width / 2) == (corner == .topLeft || corner == .bottomLeft))
                #expect(
                    drawing.strokes.allSatisfy { stroke in
                        stroke.x >= box.x && stroke.x + stroke.width <= box.x + box.width && stroke.y >= box.y
                            && stroke.y + stroke.height <= box.y + box.height
                    })
            }
        }
    }

    /// Every digit another one, as segments are.
    @Test func tellsDigitsApart() throws {
        let house = HouseFormat(width: 1920, height: 1080, frameRate: 25)
        let place = CountdownPlace(corner: .topLeft, lastSeconds: 36_000)
        let strokes = try (0..<10).map { digit in
            let face = try #require(CountdownFace(nanosecondsLeft: Int64(digit + 1) * 1_000_000_000 - 1, place: place))
            #expect(face.text == "0:0\((digit + 1) % 10)" || face.text == "0:10")
            return CountdownDrawing(face, house: house, corner: .topLeft).strokes.map { "\($0)" }.joined()
        }
        #expect(Set(strokes).count == 10)
    }

    @Test func leavesTheRecordedPictureAlone() throws {
        let house = HouseFormat(width: 640, height: 360, frameRate: 25)
        let overlay = CountdownOverlay(house: house, place: Self.place)
        GStreamer.initialize()
        let picture = Buffer([UInt8](repeating: 100, count: 640 * 360 * 3 / 2))
        let before = picture.withBytes { Array($0) }
        let slot = ProgramSlot(time: 100_000_000_000, slot: 2500, picture: picture, sound: [])
        #expect(overlay.applied(to: slot).picture === picture, "no report runs")
        overlay.count(to: 160_000_000_000)
        let shown = overlay.applied(to: slot)
        #expect(picture.withBytes { Array($0) } == before)
        let after = shown.picture.withBytes { Array($0) }
        #expect(after.count == before.count && after != before)
        // White digits at the right of the picture, and nothing at the left.
        let rows = (0..<360).map { after[($0 * 640)..<($0 * 640 + 640)] }
        #expect(rows.contains { $0.suffix(320).contains(235) })
        #expect(rows.allSatisfy { !$0.prefix(320).contains(235) })
        overlay.count(to: nil)
        #expect(overlay.applied(to: slot).picture === picture)
    }
}
