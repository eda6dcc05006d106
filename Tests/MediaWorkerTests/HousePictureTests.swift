import GStreamer
import Synchronization
import Testing
import WorkerProtocol

@testable import MediaWorker

/// Pictures in memory: of 4:2:0 and of 4:2:2 alike.
@Suite struct HousePictureTests {
    init() { GStreamer.initialize() }

    private func house(_ chroma: HouseFormat.Chroma, width: Int = 640, height: Int = 360) -> HouseFormat {
        HouseFormat(width: width, height: height, frameRate: 25, chroma: chroma)
    }

    @Test(arguments: HouseFormat.Chroma.allCases, [320, 322, 326])
    func lieAsGStreamerHasThem(chroma: HouseFormat.Chroma, width: Int) async throws {
        let house = house(chroma, width: width, height: 182)
        let layout = PictureLayout(house)
        let all = PictureLayout.Rectangle(x: 0, y: 0, width: width, height: 182)
        for (pattern, colour) in [("black", PictureLayout.Colour.black), ("red", .red), ("white", .white)] {
            let theirs = try await firstPicture(
                "videotestsrc num-buffers=1 pattern=\(pattern) ! \(house.pictureCaps) ! appsink name=out sync=false")
            let ours = Buffer.allocate(size: layout.size) { layout.fill(all, colour, $0) }
            try #require(theirs.size == layout.size)
            let differences = zip(values(ours, house), values(theirs, house)).map { abs(Int($0) - Int($1)) }
            #expect(differences.max() ?? 255 <= 1, "\(pattern)")
        }
        #expect(values(Buffer.black(house), house).allSatisfy { [16, 128].contains($0) })
    }

    @Test func aSlateIsTheSamePicture() throws {
        let slate = ProgramRole.Slate(id: "holding", text: "14:00 开始")
        let (small, large) = (house(.yuv420), house(.yuv422))
        let one = try SlateRenderer.render(slate, house: small) { Issue.record("\($0)") }
        let other = try SlateRenderer.render(slate, house: large) { Issue.record("\($0)") }
        #expect(Set(values(one, small).prefix(640 * 360)).count > 10, "there are letters")
        expectSame(one, small, other, large)
    }

    @Test(arguments: CountdownPlace.Corner.allCases)
    func aCountdownIsTheSamePicture(corner: CountdownPlace.Corner) throws {
        let place = CountdownPlace(corner: corner, lastSeconds: 120)
        for secondsLeft in [42.0, -7] {
            let pictures = [HouseFormat.Chroma.yuv420, .yuv422].map { chroma -> (Buffer, HouseFormat) in
                let house = house(chroma)
                let overlay = CountdownOverlay(house: house, place: place)
                overlay.count(to: UInt64((1000 + secondsLeft) * 1e9))
                let slot = ProgramSlot(time: 1_000_000_000_000, slot: 25_000, picture: Buffer.black(house), sound: [])
                return (overlay.applied(to: slot).picture, house)
            }
            #expect(values(pictures[1].0, pictures[1].1).contains(235), "there are digits")
            expectSame(
                pictures[0].0, pictures[0].1, pictures[1].0, pictures[1].1,
                // A stroke may begin in an odd row: half a row of colour belongs to what is around it.
                tolerance: secondsLeft > 0 ? 0 : 56)
        }
    }

    @Test func aFeedOfAnotherKindIsNotTakenForTheHouses() {
        #expect(house(.yuv422).fits(house(.yuv422).pictureCaps))
        #expect(!house(.yuv422).fits(house(.yuv420).pictureCaps) && !house(.yuv420).fits(house(.yuv422).pictureCaps))
        #expect(!house(.yuv420).fits(house(.yuv420, width: 320).pictureCaps))
    }

    // MARK: Looking at pictures

    private func expectSame(
        _ one: Buffer, _ small: HouseFormat, _ other: Buffer, _ large: HouseFormat, tolerance: Int = 2,
        location: SourceLocation = #_sourceLocation
    ) {
        let (first, second) = (values(one, small), halved(values(other, large), large))
        #expect(first.count == second.count, sourceLocation: location)
        let luma = small.width * small.height
        #expect(first.prefix(luma) == second.prefix(luma), sourceLocation: location)
        let differences = zip(first, second).map { abs(Int($0) - Int($1)) }
        #expect(differences.max() ?? 255 <= tolerance, sourceLocation: location)
    }

    /// All samples, row by row without padding: Y, U, V.
    private func values(_ picture: Buffer, _ house: HouseFormat) -> [UInt8] {
        let (width, height) = (house.width, house.height)
        return picture.withBytes { bytes in
            switch house.chroma {
            case .yuv422:
                let stride = width * 2
                func plane(_ offset: Int, _ step: Int) -> [UInt8] {
                    (0..<height).flatMap { row in
                        (0..<(width * 2 / step)).map { bytes[row * stride + offset + $0 * step] }
                    }
                }
                return plane(1, 2) + plane(0, 4) + plane(2, 4)
            case .yuv420:
                func plane(_ start: Int, _ width: Int, _ height: Int) -> [UInt8] {
                    (0..<height).flatMap { row in (0..<width).map { bytes[start + row * ((width + 3) / 4 * 4) + $0] } }
                }
                let luma = (width + 3) / 4 * 4 * height
                let chroma = (width / 2 + 3) / 4 * 4 * (height / 2)
                return plane(0, width, height) + plane(luma, width / 2, height / 2)
                    + plane(luma + chroma, width / 2, height / 2)
            }
        }
    }

    /// With half the rows of colour.
    private func halved(_ values: [UInt8], _ house: HouseFormat) -> [UInt8] {
        let (luma, half) = (house.width * house.height, house.width / 2)
        return Array(values.prefix(luma))
            + (0..<2).flatMap { plane in
                (0..<(house.height / 2)).flatMap { row in
                    (0..<half).map { column -> UInt8 in
                        let at = luma + plane * half * house.height + row * 2 * half + column
                        return UInt8((Int(values[at]) + Int(values[at + half]) + 1) / 2)
                    }
                }
            }
    }

    private func firstPicture(_ description: String) async throws -> Buffer {
        let pipeline = try Pipeline.parse(description)
        let shared = Shared()
        try AppSink(#require(pipeline.element(named: "out"))).onSample { sample in
            shared.box.withLock { $0 = $0 ?? sample.buffers.first }
        }
        try pipeline.setState(.playing)
        defer { _ = try? pipeline.setState(.null) }
        try await eventually("a picture") { shared.box.withLock { $0 != nil } }
        return try #require(shared.box.withLock { $0 })
    }

    private final class Shared: Sendable {
        let box = Mutex<Buffer?>(nil)
    }
}
