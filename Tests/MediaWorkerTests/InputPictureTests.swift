import Foundation
import Testing
import WorkerProtocol

@testable import MediaWorker

extension InputTests {
    /// Whatever the source's picture is, the house format comes out.
    @Suite struct Pictures {
        /// Plays a file of ffmpeg's to its end.
        private func play(_ name: String, _ arguments: String, house: HouseFormat = InputStage.house) async throws
            -> FeedRecorder
        {
            var recorder: FeedRecorder?
            try await InputStage.run { stage in
                let path = try await stage.make(name, arguments)
                let input = try await stage.input("input-file", ["path": .text(path)], stage.role(house: house))
                try await input.waitForReason("source-ended")
                recorder = input.picture
            }
            return try #require(recorder)
        }

        /// A white source: what is black has been put around it.
        @Test(arguments: [
            // 4:3 in 16:9: 240 of 320 columns.
            ("320x240", "1/1", 40, 0),
            ("720x576", "16/15", 40, 0),
            // Anamorphic 16:9, as PAL has it.
            ("720x576", "64/45", 0, 0),
            // 2.4:1 in 16:9: 133 of 180 rows.
            ("384x160", "1/1", 0, 23),
            // Upright, 9:16: 101 of 320 columns.
            ("180x320", "1/1", 109, 0),
            ("1920x1080", "1/1", 0, 0),
        ])
        func aWrongAspectGetsBlackBorders(_ size: String, _ pixelAspect: String, _ sides: Int, _ ends: Int) async throws
        {
            let film = try await play(
                "aspect.mp4",
                "-f lavfi -i color=white:size=\(size):rate=25:duration=0.4,setsar=\(pixelAspect) "
                    + "-c:v libx264 -preset ultrafast -pix_fmt yuv420p")
            let picture = Picture(try #require(film.pieces.last))
            let borders = picture.borders
            for side in [borders.left, borders.right] { #expect(abs(side - sides) <= 2, "\(borders)") }
            for end in [borders.top, borders.bottom] { #expect(abs(end - ends) <= 2, "\(borders)") }
            #expect(picture.luma(160, 90) > 220)
            // Limited range: black is 16.
            if sides > 0 { #expect(picture.luma(2, 90) == 16) }
            if ends > 0 { #expect(picture.luma(160, 2) == 16) }
        }

        /// A bar that crosses the picture in 50 fields a second: a woven frame has teeth.
        @Test(arguments: [
            ("mpeg2.ts", "-c:v mpeg2video -flags +ildct+ilme -b:v 4M"),
            ("h264.mp4", "-c:v libx264 -flags +ildct+ilme -preset ultrafast -pix_fmt yuv420p"),
            ("h264-422-10.mov", "-c:v libx264 -flags +ildct+ilme -preset ultrafast -pix_fmt yuv422p10le"),
        ])
        func interlaceIsRemoved(_ name: String, _ coder: String) async throws {
            let moving =
                "-f lavfi -i \"color=black:size=320x180:rate=50:duration=2[a];color=white:size=40x180:rate=50:duration=2"
                + "[b];[a][b]overlay=x='mod(160*t,280)',format=yuv420p,tinterlace=interleave_top,setfield=tff\""
            let film = try await play(name, "\(moving) -r 25 \(coder)")
            film.expectPicturesWithoutGap()
            #expect(film.count >= 49)
            let pictures = film.pieces.dropFirst(3).dropLast(3).map { Picture($0) }
            #expect(pictures.map(\.teeth).max() ?? 0 < 60, "\(pictures.map(\.teeth))")
            // It moves on: 6.4 columns a picture.
            let centres = pictures.compactMap(\.barCentre)
            #expect(centres.count == pictures.count)
            for (one, next) in zip(centres, centres.dropFirst()) where next > one { #expect(next - one < 10) }
            #expect(Set(centres).count > 30)
        }

        /// Any rate becomes the house's, and neither slower nor faster.
        @Test(arguments: ["24000/1001", "30", "50", "25", "60000/1001", "10"], [25])
        func anyRateBecomesTheHouses(_ rate: String, _ house: Int) async throws {
            let format = HouseFormat(width: 320, height: 180, frameRate: house)
            let film = try await play(
                "rate.mp4",
                "-f lavfi -i \"color=black:size=320x180:rate=\(rate):duration=2[a];"
                    + "color=white:size=20x180:rate=\(rate):duration=2[b];[a][b]overlay=x=100*t\" "
                    + "-c:v libx264 -preset ultrafast -pix_fmt yuv420p", house: format)
            film.expectPicturesWithoutGap(rate: UInt64(house))
            #expect(abs(film.count - 2 * house) <= 3)
            // Where the bar is says when the picture was taken: within one picture of the source's and one of ours.
            let parts = rate.split(separator: "/").compactMap { Double($0) }
            let tolerance = 100 * (parts.count == 2 ? parts[1] / parts[0] : 1 / parts[0]) + 100 / Double(house)
            for (index, piece) in film.pieces.enumerated() {
                let centre = try #require(Picture(piece).barCentre)
                let expected = 9.5 + 100 * Double(index) / Double(house)
                #expect(abs(centre - expected) <= tolerance, "\(index): \(centre), not \(expected)")
            }
        }

        @Test func aHouseOf50PicturesGets50() async throws {
            let film = try await play(
                "fifty.mp4", "-f lavfi -i testsrc2=size=320x180:rate=25:duration=1 -c:v libx264 -preset ultrafast",
                house: HouseFormat(width: 320, height: 180, frameRate: 50))
            film.expectPicturesWithoutGap(rate: 50)
            #expect(abs(film.count - 50) <= 1)
        }

        /// What is in the house format already is not touched: 180 rows are no whole number of a coder's blocks.
        @Test(arguments: [
            (HouseFormat.Chroma.yuv420, "exact.mp4", "yuv420p", "libx264 -qp 0 -preset ultrafast", "yuv420p"),
            // The colour changes from row to row.
            (
                .yuv422, "exact.mkv", "yuv422p,geq=lum='lum(X,Y)':cb='90+76*mod(Y,2)':cr='166-76*mod(Y,2)'", "ffv1",
                "uyvy422"
            ),
        ])
        func theHouseFormatPassesUntouched(
            _ chroma: HouseFormat.Chroma, _ name: String, _ filter: String, _ coder: String, _ raw: String
        ) async throws {
            try await InputStage.run { stage in
                let path = try await stage.make(
                    name,
                    "-f lavfi -i \"testsrc2=size=320x180:rate=25:duration=0.4,format=\(filter)\" -c:v \(coder) "
                        + "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv")
                let raw = try await stage.make("exact.yuv", "-i '\(path)' -f rawvideo -pix_fmt \(raw)")
                let expected = [UInt8](try Data(contentsOf: URL(fileURLWithPath: raw)))
                var house = InputStage.house
                house.chroma = chroma
                let input = try await stage.input("input-file", ["path": .text(path)], stage.role(house: house))
                try await input.waitForReason("source-ended")
                #expect(input.picture.count == 10)
                #expect(input.picture.pieces.flatMap { Picture($0).bytes } == expected)
            }
        }

        /// BT.601 becomes BT.709. (GStreamer 1.22 passes full range on as limited where the matrix is the same.)
        @Test func coloursAreTheHouses() async throws {
            let red = try await play(
                "red.mp4",
                "-f lavfi -i color=0x00ff00:size=320x180:rate=25:duration=0.4,scale=out_color_matrix=bt601,format=yuv420p "
                    + "-c:v libx264 -preset ultrafast -colorspace smpte170m -color_primaries smpte170m "
                    + "-color_trc smpte170m")
            // Green is 145 in BT.601 and 173 in BT.709.
            #expect(abs(Picture(try #require(red.pieces.last)).luma(160, 90) - 173) <= 4)
        }
    }
}
