import Chaos
import Glibc
import LinuxSystem

/// `make chaos`: harm to a whole system, for ten minutes, and the same again for the same seed.
func fail(_ sentence: String) -> Never {
    print(sentence)
    exit(64)
}

signal(SIGPIPE, SIG_IGN)
var seed = UInt64.random(in: 1...999_999)
var minutes = 10.0
var rest = CommandLine.arguments.dropFirst()
while let argument = rest.popFirst() {
    switch argument {
    case "--seed":
        guard let value = rest.popFirst().flatMap(UInt64.init) else { fail("--seed takes a whole number") }
        seed = value
    case "--minutes":
        guard let value = rest.popFirst().flatMap(Double.init), value > 0 else { fail("--minutes takes a number") }
        minutes = value
    default:
        fail("usage: venuecast-chaos [--seed N] [--minutes M]")
    }
}
print("seed \(seed), \(minutes) minutes")
let run = try ChaosRun(
    ChaosRun.Settings(seed: seed, duration: .seconds(minutes * 60)) {
        print($0)
        fflush(nil)
    })
let outcome = try await run.run()
print("\(outcome.rounds) rounds, \(outcome.faults) faults")
for sentence in outcome.broken { print("BROKEN: \(sentence)") }
print(outcome.broken.isEmpty ? "It held." : "Again with: make chaos SEED=\(seed)")
exit(outcome.broken.isEmpty ? 0 : 1)
