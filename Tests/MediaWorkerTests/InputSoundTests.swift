import Foundation
import Testing
import WorkerProtocol

@testable import MediaWorker

extension InputTests {
    /// Which of the source's channels become left and right, and how loud.
    @Suite struct Sounds {
        /// Each channel of the source stands at a level of its own: 0.1, 0.2, 0.3 …
        private func play(
            _ layout: String, channels count: Int, choose: String, gainDb: Double = 0, delayMs: Int = 0,
            file: String = "levels.mkv"
        ) async throws -> TestInput {
            var result: TestInput?
            try await InputStage.run { stage in
                let levels = (1...count).map { "0.\($0)" }.joined(separator: "|")
                let path = try await stage.make(
                    file,
                    "-f lavfi -i \"aevalsrc=exprs=\(levels):channel_layout=\(layout):d=0.6:s=48000\" -c:a pcm_f32le")
                let input = try await stage.input(
                    "input-file", ["path": .text(path)],
                    stage.role(channels: choose, gainDb: gainDb, audioDelayMs: delayMs))
                try await input.waitForReason("source-ended")
                result = input
            }
            return try #require(result)
        }

        private func levels(_ input: TestInput) throws -> (left: Float, right: Float) {
            let middle = input.sound.samples[input.sound.count / 2]
            return (try #require(middle.left.first), try #require(middle.right.first))
        }

        @Test(arguments: [
            ("mono", 1, "1+2", Float(0.1), Float(0.1)), ("mono", 1, "1", 0.1, 0.1),
            ("stereo", 2, "1+2", 0.1, 0.2), ("stereo", 2, "2+1", 0.2, 0.1), ("stereo", 2, "2", 0.2, 0.2),
            // With positions, which must not be mixed down before the choice.
            ("5.1", 6, "1+2", 0.1, 0.2), ("5.1", 6, "3+4", 0.3, 0.4), ("5.1", 6, "5+6", 0.5, 0.6),
            ("quad", 4, "3+4", 0.3, 0.4), ("7.1", 8, "7+8", 0.7, 0.8),
            // One the source does not have is its last one.
            ("stereo", 2, "3+4", 0.2, 0.2),
        ])
        func channelsAreChosen(
            _ layout: String, _ count: Int, _ choice: String, _ left: Float, _ right: Float
        ) async throws {
            let input = try await play(layout, channels: count, choose: choice)
            let seen = try levels(input)
            #expect(abs(seen.left - left) < 0.002 && abs(seen.right - right) < 0.002, "\(seen)")
        }

        @Test func gainIsApplied() async throws {
            let input = try await play("stereo", channels: 2, choose: "1+2", gainDb: 6.0206)
            let seen = try levels(input)
            #expect(abs(seen.left - 0.2) < 0.002 && abs(seen.right - 0.4) < 0.002, "\(seen)")
        }

        @Test(arguments: [8_000, 44_100, 96_000]) func anyRateBecomes48000(_ rate: Int) async throws {
            try await InputStage.run { stage in
                let path = try await stage.make("rate.wav", "-f lavfi -i sine=1000:sample_rate=\(rate):duration=1")
                let input = try await stage.input("input-file", ["path": .text(path)])
                try await input.waitForReason("source-ended")
                let left = input.sound.samples.flatMap(\.left)
                #expect(abs(left.count - 48_000) < 300)
                let crossings = zip(left, left.dropFirst()).count { $0 < 0 && $1 >= 0 }
                #expect(abs(crossings - 1000) <= 2)
                input.sound.expectSoundWithoutGap()
                #expect(input.sound.caps == [InputTrack.soundCaps])
            }
        }

        @Test(arguments: [-200, 0, 300]) func soundIsDelayed(_ milliseconds: Int) async throws {
            try await InputStage.run { stage in
                let path = try await stage.flashAndBeep("delay.mp4", seconds: 2)
                let input = try await stage.input(
                    "input-file", ["path": .text(path)], stage.role(audioDelayMs: milliseconds))
                try await input.waitForReason("source-ended")
                let seen = try #require(input.flashToBeepMs.last)
                #expect(abs(seen - Double(milliseconds)) < 5)
            }
        }
    }
}
