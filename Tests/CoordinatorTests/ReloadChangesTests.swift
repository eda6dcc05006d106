import Supervision
import Testing
import VenuecastConfiguration
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

@Suite struct ReloadChangesTests {
    private let digests = WorkerDigests(key: [1], program: "one", shippedPipelines: nil)

    private func workers(_ edit: (inout Configuration) -> Void = { _ in }) -> [DesiredWorker] {
        var configuration = Samples.configuration()
        edit(&configuration)
        return plan(configuration, Intents(), RunPaths(directory: "/run/venuecast")).map(digests.desired)
    }

    @Test func findsNothingWhereNothingDiffers() {
        #expect(ReloadChanges.between(workers(), workers()).isEmpty)
        #expect(ReloadChanges.between(workers(), workers { $0.venues[0].name = "市南" }).isEmpty)
    }

    @Test func namesWhatDiffersAndTouchesNothingElse() {
        let changes = ReloadChanges.between(workers(), workers { $0.venues[1].link.latencyMs = 800 })
        #expect(changes == [.init(worker: "link/jimo", change: .restarted, because: ["latencyMs: 200 → 800"])])
    }

    @Test func addsAndRemovesVenues() {
        let fewer = workers { $0.venues.removeFirst() }
        #expect(ReloadChanges.between(workers(), fewer) == [.init(worker: "link/shinan", change: .removed)])
        #expect(ReloadChanges.between(fewer, workers()) == [.init(worker: "link/shinan", change: .added)])
    }

    @Test func adjustsOnAirWhatCanBe() {
        let louder = workers {
            $0.inputs[0].gainDb = 3
            $0.inputs[0].channels = "3+4"
        }
        let changes = ReloadChanges.between(workers(), louder)
        #expect(changes.map(\.change) == [.adjusted] && changes.first?.worker == "input/camera")
        let other = workers {
            $0.inputs[0].gainDb = 3
            $0.inputs[0].placeholders["pattern"] = .text("ball")
        }
        let both = ReloadChanges.between(workers(), other)
        #expect(both.map(\.change) == [.restarted])
        #expect(both.first?.because == ["gainDb: -3 → 3", "placeholders.pattern: smpte → ball"])
    }

    @Test func keepsCredentialsToItself() {
        let camera = workers { $0.inputs[0].placeholders["url"] = .text("rtsp://user:s3cret@10.1.1.20/main") }
        let moved = workers { $0.inputs[0].placeholders["url"] = .text("rtsp://user:s3cret@10.1.1.21/main") }
        let because = ReloadChanges.between(camera, moved).first?.because
        #expect(because == ["placeholders.url: rtsp://…@10.1.1.20/main → rtsp://…@10.1.1.21/main"])
    }

    @Test func saysWhichFileHasOtherContent() {
        var old = workers()
        old[3].contents = ["/keys/shinan": "a"]
        var new = old
        new[3].contents = ["/keys/shinan": "b"]
        new[3].digest = "other"
        let changes = ReloadChanges.between(old, new)
        #expect(changes.first?.because == ["the content of /keys/shinan has changed"])
    }
}
