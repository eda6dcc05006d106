import Testing

@testable import MediaWorker

@Suite struct SoundShaperTests {
    private func shape(_ source: [Float], channels: Int, _ choice: String, gainDb: Double = 0) throws -> (
        [Float], Float
    ) {
        let shaper = SoundShaper(choice: try #require(ChannelChoice(choice)), gainDb: gainDb)
        var target = [Float](repeating: 0, count: source.count / channels * 2)
        var peak: Float = 0
        target.withUnsafeMutableBytes { target in
            source.withUnsafeBytes { peak = shaper.shape($0, channels: channels, into: target) }
        }
        return (target, peak)
    }

    @Test func choosesChannels() throws {
        let four: [Float] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
        #expect(try shape(four, channels: 4, "1+2").0 == [0.1, 0.2, 0.5, 0.6])
        #expect(try shape(four, channels: 4, "3+4").0 == [0.3, 0.4, 0.7, 0.8])
        #expect(try shape(four, channels: 4, "2").0 == [0.2, 0.2, 0.6, 0.6])
        #expect(try shape([0.1, 0.2], channels: 1, "1+2").0 == [0.1, 0.1, 0.2, 0.2])
    }

    @Test func appliesGainAndMeasuresThePeak() throws {
        let (out, peak) = try shape([0.25, -0.5], channels: 2, "1+2", gainDb: 6.0206)
        #expect(abs(out[0] - 0.5) < 1e-4 && abs(out[1] + 1) < 1e-4 && abs(peak - 1) < 1e-4)
    }

    @Test(arguments: ["", "0", "1+", "+1", "1+2+3", "a", "-1+2"]) func refuses(_ text: String) {
        #expect(ChannelChoice(text) == nil)
    }

    @Test func holdsThePeakOfASecond() {
        var hold = PeakHold()
        #expect(hold.decibels(now: 5) == nil)
        hold.add(1, now: 1_000_000_000)
        hold.add(0.1, now: 1_500_000_000)
        #expect(hold.decibels(now: 1_600_000_000) == 0)
        hold.add(0.1, now: 2_100_000_000)
        hold.add(0.1, now: 3_200_000_000)
        #expect(abs((hold.decibels(now: 3_300_000_000) ?? 0) + 20) < 0.01)
        #expect(hold.decibels(now: 9_000_000_000) == nil)
    }
}
