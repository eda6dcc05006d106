import Foundation
import Testing
import WorkerProtocol

@testable import MediaWorker

extension InputTests {
    /// Files: once, again and again, with less than one would wish.
    @Suite struct Files {
        @Test func playsOnceToTheLastFrame() async throws {
            try await InputStage.run { stage in
                let path = try await stage.flashAndBeep("once.mp4", seconds: 2)
                let input = try await stage.input("input-file", ["path": .text(path)])
                try await input.waitForReason("source-ended")
                try await eventually("both feeds are closed") { !input.picture.isConnected && !input.sound.isConnected }
                #expect(input.picture.count == 50)
                input.picture.expectPicturesWithoutGap()
                input.sound.expectSoundWithoutGap()
                #expect(input.picture.connections == 1 && input.sound.connections == 1)
                #expect(input.flashToBeepMs.count == 1)
                #expect(input.flashToBeepMs.allSatisfy { abs($0) < 5 }, "\(input.flashToBeepMs)")
                #expect(input.picture.caps.first?.contains("width=(int)320, height=(int)180") == true)
            }
        }

        // matroskademux 1.22 does not take off AAC's priming (CodecDelay): its sound is 21 ms late. Hence PCM there.
        @Test(arguments: [
            ("mp4", "aac", HouseFormat.Chroma.yuv420), ("mkv", "pcm_s16le", .yuv420), ("ts", "aac", .yuv420),
            ("mov", "pcm_s24le", .yuv420), ("mov", "pcm_s24le", .yuv422),
        ])
        func loopsWithoutAGap(_ format: String, _ sound: String, _ chroma: HouseFormat.Chroma) async throws {
            try await InputStage.run { stage in
                let path = try await stage.flashAndBeep("loop.\(format)", seconds: 1, sound: sound)
                var house = InputStage.house
                house.chroma = chroma
                let input = try await stage.input(
                    "input-file", ["path": .text(path)], stage.role(house: house, loop: true))
                try await eventually("four rounds") { input.picture.count > 100 }
                input.picture.expectPicturesWithoutGap()
                #expect(input.picture.connections == 1 && input.sound.connections == 1)
                #expect(input.flashToBeepMs.count >= 3)
                #expect(input.flashToBeepMs.allSatisfy { abs($0) < 5 }, "\(input.flashToBeepMs)")
                // A round's sound may be a coder's block longer or shorter than its picture.
                let sound = input.sound.pieces
                for (piece, next) in zip(sound, sound.dropFirst()) {
                    #expect(abs(Int64(next.pts) - Int64(piece.pts + piece.duration)) < 45_000_000)
                }
                #expect(input.report.reasons.isEmpty)
            }
        }

        @Test func withoutSoundThePictureGoesOn() async throws {
            try await InputStage.run { stage in
                let path = try await stage.make("mute.mp4", "-f lavfi -i testsrc2=size=320x180:rate=25:duration=3")
                let input = try await stage.input("input-file", ["path": .text(path)])
                try await input.picture.waitForMore(25)
                #expect(input.report.reasons == [.carriesNoSound])
                #expect(input.sound.count == 0)
                try await input.waitForReason("source-ended")
                #expect(input.picture.count == 75)
                input.picture.expectPicturesWithoutGap()
            }
        }

        @Test func withoutPictureTheSoundGoesOn() async throws {
            try await InputStage.run { stage in
                let path = try await stage.make("blind.wav", "-f lavfi -i sine=1000:duration=2")
                let input = try await stage.input("input-file", ["path": .text(path)])
                try await input.sound.waitForMore(20)
                #expect(input.report.reasons == [.carriesNoPicture])
                #expect((input.report.sound.peakDbfs ?? -120) > -20)
                try await input.waitForReason("source-ended")
                #expect(input.picture.count == 0)
                input.sound.expectSoundWithoutGap()
                let length = input.sound.pieces.reduce(0) { $0 + $1.duration }
                #expect(abs(Int64(length) - 2_000_000_000) < 1_000_000)
            }
        }

        /// Sound that ends early, begins late, or has a hole; and pictures likewise.
        @Test(arguments: [
            ("ends.mp4", "-t 1", "", 75, 1.0), ("begins.mkv", "-itsoffset 2 -t 1", "", 75, 1.0),
            ("hole.ts", "", #"-af "aselect='not(between(t,1,2))'""#, 75, 2.0),
        ])
        func aPictureGoesOnWithoutItsSound(
            _ name: String, _ input: String, _ filter: String, _ pictures: Int, _ seconds: Double
        ) async throws {
            try await InputStage.run { stage in
                let path = try await stage.make(
                    name,
                    "-f lavfi -i testsrc2=size=320x180:rate=25:duration=3 \(input) -f lavfi -i sine=1000:duration=3 "
                        + "\(filter) -c:a aac")
                let input = try await stage.input("input-file", ["path": .text(path)])
                try await input.waitForReason("source-ended")
                #expect(input.picture.count == pictures)
                input.picture.expectPicturesWithoutGap()
                let length = input.sound.pieces.reduce(0) { $0 + $1.duration }
                #expect(abs(Double(length) / 1e9 - seconds) < 0.06)
            }
        }

        @Test func theSoundGoesOnWithoutItsPicture() async throws {
            try await InputStage.run { stage in
                let path = try await stage.make(
                    "blind.ts",
                    "-f lavfi -i testsrc2=size=320x180:rate=25:duration=1 -f lavfi -i sine=1000:duration=3 -c:a aac")
                let input = try await stage.input("input-file", ["path": .text(path)])
                try await eventually("both come") { input.report.reasons.isEmpty }
                try await eventually("the picture has ended") { input.has("no-picture") }
                #expect(!input.has("no-sound"))
                try await input.waitForReason("source-ended")
                #expect(input.picture.count == 25)
                input.sound.expectSoundWithoutGap()
                let length = input.sound.pieces.reduce(0) { $0 + $1.duration }
                #expect(abs(Double(length) / 1e9 - 3) < 0.06)
            }
        }

        @Test func aFileThatComesLaterIsPlayed() async throws {
            try await InputStage.run { stage in
                let path = stage.workspace.file("later.mp4")
                let input = try await stage.input("input-file", ["path": .text(path)])
                try await input.waitForReason("no-such-file")
                let made = try await stage.flashAndBeep("made.mp4", seconds: 2)
                try FileManager.default.moveItem(atPath: made, toPath: path)
                try await input.waitForReason("source-ended")
                #expect(input.picture.count == 50)
            }
        }

        @Test func whatCannotBePlayedIsToldApart() async throws {
            try await InputStage.run { stage in
                let workspace = stage.workspace
                try workspace.write("text.mp4", "This is not a film.")
                try workspace.write("empty.mp4", "")
                let film = [UInt8](try Data(contentsOf: URL(fileURLWithPath: try await stage.flashAndBeep("film.mp4"))))
                try Data(film.prefix(20_000)).write(to: URL(fileURLWithPath: workspace.file("cut.mp4")))
                try FileManager.default.createDirectory(
                    atPath: workspace.file("folder.mp4"), withIntermediateDirectories: false)
                let still = try await stage.make("still.png", "-f lavfi -i testsrc2=size=320x180 -frames:v 1")
                for (name, code) in [
                    ("none.mp4", "no-such-file"), ("folder.mp4", "no-such-file"), ("text.mp4", "not-media"),
                    ("empty.mp4", "not-media"), ("cut.mp4", "undecodable"), (still, "too-short"),
                ] {
                    let path = name.hasPrefix("/") ? name : workspace.file(name)
                    let input = try await stage.input("input-file", ["path": .text(path)], stage.role(loop: true))
                    try await input.waitForReason(code)
                    let reason = try #require(input.report.reasons.first)
                    #expect(reason.text.contains(path) && reason.textZh.contains(path), "\(reason)")
                    #expect(input.job.report().isReady)
                    await input.job.stop()
                }
            }
        }
    }
}
