import Chaos
import Synchronization
import Testing

extension SystemTests {
    /// A short piece of `make chaos`, always the same one.
    @Suite(.timeLimit(.minutes(4))) struct ChaosTests {
        @Test func holdsThroughAPieceOfChaos() async throws {
            let story = Mutex<[String]>([])
            let run = try ChaosRun(
                ChaosRun.Settings(seed: 20_121_126, duration: .seconds(30), venues: 3) { line in
                    story.withLock { $0.append(line) }
                })
            let outcome = try await run.run()
            #expect(outcome.faults > 0)
            #expect(outcome.broken.isEmpty, "\(story.withLock { $0.joined(separator: "\n") })")
        }
    }
}
