import Testing

@testable import LinuxSystem

@Suite struct ClockKeepingTests {
    private static let message = """
        { Leap=0, Version=4, Mode=4, Stratum=2, Precision=-24, RootDelay=1.159ms, RootDispersion=717us, Reference=C0A80101, \
        Ignored=no, PacketCount=8, Jitter=1.5ms }
        """

    @Test func whatTheKernelDoesNotHoldForSynchronisedIsNot() {
        for keeper in [nil, .chrony, .timesyncd] as [ClockKeeping.Keeper?] {
            let keeping = ClockKeeping.decide(
                isSynchronised: false, kernelErrorMs: 16_000, keeper: keeper, message: Self.message)
            #expect(keeping == ClockKeeping(keeper: keeper ?? .none, isSynchronised: false))
        }
    }

    @Test func eachKeepersErrorIsThatOfItsReferenceAsWell() {
        func decide(_ keeper: ClockKeeping.Keeper?, _ message: String? = nil) -> ClockKeeping {
            ClockKeeping.decide(isSynchronised: true, kernelErrorMs: 2, keeper: keeper, message: message)
        }
        #expect(decide(.chrony).uncertaintyMs == 2)
        #expect(decide(nil) == ClockKeeping(keeper: .unknown, isSynchronised: true, uncertaintyMs: 2))
        // Half of 1.159 and 0.717 and 1.5 and what the kernel has let go since.
        let timesyncd = decide(.timesyncd, Self.message)
        #expect(abs((timesyncd.uncertaintyMs ?? 0) - 4.7965) < 1e-9)
        // Without an answer of a server nobody knows.
        for message in [nil, "", "{ RootDelay=what, RootDispersion=1ms }"] {
            #expect(decide(.timesyncd, message) == ClockKeeping(keeper: .timesyncd, isSynchronised: true))
        }
    }

    @Test func spansAreReadAsSystemdWritesThem() {
        #expect(ClockKeeping.milliseconds("717us") == 0.717)
        #expect(ClockKeeping.milliseconds("1s 20ms") == 1020)
        #expect(ClockKeeping.milliseconds("0") == 0)
        #expect(ClockKeeping.milliseconds("1min 1s") == 61_000)
        #expect(ClockKeeping.milliseconds("1 fortnight") == nil)
        #expect(ClockKeeping.milliseconds("") == nil)
    }

    @Test func thisMachineIsLookedAt() {
        let keeping = ClockKeeping.look()
        #expect(keeping.isSynchronised || keeping.uncertaintyMs == nil)
    }
}
