import Foundation
import LinuxSystem
import Rig
import Testing
import VenuecastModel

/// Whole systems, one at a time: each has a daemon, its workers and real receivers.
@Suite(.serialized) enum SystemTests {}

/// A rig with two sources that tell themselves apart, and what tests ask of it.
struct Stage {
    let workspace: Workspace
    let rig: Rig

    /// `camera` is red with 1000 Hz, `standby` blue with 500 Hz.
    static let sources = """
        [[inputs]]
        id = "camera"
        pipeline = "input-test"
        pattern = "red"
        frequency = 1000

        [[inputs]]
        id = "standby"
        pipeline = "input-test"
        pattern = "blue"
        frequency = 500
        """

    static let house = "width = 640\nheight = 360\nframeRate = 25"

    static func program(_ inputs: String = #"["camera", "standby"]"#) -> String {
        """
        [program]
        inputs = \(inputs)
        returnAfterSeconds = 2
        videoBitrateKbps = 1500
        audioBitrateKbps = 96

        [[program.slates]]
        id = "holding"
        text = "14:00 开始"
        """
    }

    init(
        venues: [Rig.Venue], inputs: String = Stage.sources, program: String = Stage.program(),
        house: String = Stage.house, workspace: Workspace? = nil
    ) throws {
        self.workspace = try workspace ?? Workspace()
        rig = try Rig(workspace: self.workspace, inputs: inputs, program: program, venues: venues, house: house)
    }

    /// Runs `body` and leaves nothing behind, whatever happens in it.
    func run(_ body: () async throws -> Void) async throws {
        defer {
            for receiver in rig.receivers { receiver.stop() }
            rig.killDaemon()
            workspace.cleanUp()
        }
        do {
            try await body()
        } catch {
            throw RigError("\(error)\n\(rig.log)")
        }
    }

    /// Until the daemon answers and every receiver has pictures.
    func begin() async throws {
        try rig.startDaemon()
        try await rig.status("the daemon answers") { _ in true }
        try rig.startReceivers()
        try await rig.waitForPictures(10)
    }

    func onAir(_ source: String, within deadline: Duration = .seconds(20)) async throws {
        try await rig.status("\(source) on air", within: deadline) { $0.program.onAir == source }
    }

    func venue(
        _ id: String, _ what: String, within deadline: Duration = .seconds(20),
        where predicate: @Sendable (VenueStatus) -> Bool
    ) async throws {
        try await rig.status("\(id): \(what)", within: deadline) { status in
            status.venues.contains { $0.id == id && predicate($0) }
        }
    }

    func signal(_ worker: String, _ number: Int32) async throws {
        kill(try await rig.pid(of: worker), number)
    }

    /// What `venuectl` prints, says and answers.
    func venuectl(_ arguments: String...) async throws -> (code: Int32, output: String, complaint: String) {
        try await Stage.venuectl(["--socket", rig.controlSocket] + arguments, workspace)
    }

    static func venuectl(_ arguments: [String], _ workspace: Workspace) async throws
        -> (code: Int32, output: String, complaint: String)
    {
        try await workspace.run("venuectl", arguments)
    }
}

extension Receiver {
    /// Until this many more pictures have come.
    func waitForMore(_ count: UInt64, within deadline: Duration = .seconds(20)) async throws {
        let before = snapshot().pictures
        try await waitFor("\(count) more pictures at \(name)", within: deadline) {
            snapshot().pictures >= before + count ? true : nil
        }
    }

    /// That what it got is one stream without a gap, at the house rate, beginning with an IDR.
    func expectOneStream(_ rate: Double = 25, location: SourceLocation = #_sourceLocation) {
        let seen = snapshot()
        #expect(seen.continuityErrors == 0, "\(name)", sourceLocation: location)
        #expect(seen.announcedDiscontinuities == 0, "\(name)", sourceLocation: location)
        #expect(seen.timeOnlyGoesForward, "\(name)", sourceLocation: location)
        #expect(seen.tablesCameFirst == true, "\(name)", sourceLocation: location)
        #expect(seen.firstPictureIsIDR == true, "\(name)", sourceLocation: location)
        #expect((seen.longestClockIntervalMs ?? .infinity) <= 40, "\(name)", sourceLocation: location)
        let measured = seen.framesPerSecond ?? 0
        #expect(abs(measured - rate) < 0.001, "\(name): \(measured)", sourceLocation: location)
    }
}
