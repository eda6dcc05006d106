import Foundation
import Glibc
import LinuxSystem
import Rig
import VenuecastModel

/// Does harm to a whole system, seeded, and holds it to its promises after each round. See `Fault` for what is done.
public final class ChaosRun {
    public struct Settings: Sendable {
        public var seed: UInt64
        public var duration: Duration
        public var venues: Int
        /// What happens, line by line.
        public var tell: @Sendable (String) -> Void

        public init(seed: UInt64, duration: Duration, venues: Int = 6, tell: @escaping @Sendable (String) -> Void) {
            self.seed = seed
            self.duration = duration
            self.venues = venues
            self.tell = tell
        }
    }

    public struct Outcome: Sendable {
        public var rounds = 0
        public var faults = 0
        /// Sentences; none is what is hoped for.
        public var broken: [String] = []
    }

    /// After a round everything is as it should be within this.
    private static let recovery = Duration.seconds(75)

    private let settings: Settings
    private let rig: Rig
    private let workspace: Workspace
    private var generator: SeededGenerator
    private var disk: StateDisk?
    private var outcome = Outcome()
    private let began = ContinuousClock.now
    /// The processes that were killed, by worker.
    private var killed: [String: Set<pid_t>] = [:]

    public init(_ settings: Settings) throws {
        self.settings = settings
        generator = SeededGenerator(seed: settings.seed)
        workspace = try Workspace()
        rig = try Rig(
            workspace: workspace,
            inputs: Self.input("camera", "smpte") + Self.input("standby", "ball"),
            program: """
                [program]
                inputs = ["camera", "standby"]
                returnAfterSeconds = 1
                videoBitrateKbps = 1000
                audioBitrateKbps = 96
                """,
            venues: try Rig.Venue.reserve(settings.venues), house: "width = 320\nheight = 180\nframeRate = 25")
    }

    private static func input(_ id: String, _ pattern: String) -> String {
        "[[inputs]]\nid = \"\(id)\"\npipeline = \"input-test\"\npattern = \"\(pattern)\"\n\n"
    }

    public func run() async throws -> Outcome {
        if StateDisk.isPossible {
            disk = try await StateDisk(workspace: workspace, mount: rig.stateDirectory)
        } else {
            tell("not root: the disk is left alone")
        }
        do {
            try await live()
        } catch {
            outcome.broken.append("\(error)")
        }
        for receiver in rig.receivers { receiver.stop() }
        rig.killDaemon()
        await disk?.remove()
        if !outcome.broken.isEmpty {
            workspace.keep()
            tell("logs and configuration are kept in \(workspace.path)")
        }
        workspace.cleanUp()
        return outcome
    }

    private func live() async throws {
        try rig.startDaemon()
        try await rig.status("the daemon answers") { _ in true }
        try rig.startReceivers()
        try await rig.waitForPictures(25)
        try await recover("at the start", [])
        var holdings = Holdings()
        try await holdings.meet(rig)
        let end = began + settings.duration
        while ContinuousClock.now < end, outcome.broken.isEmpty {
            try await round()
            try await holdings.meet(rig)
        }
        guard outcome.broken.isEmpty else { return }
        outcome.broken += try await holdings.grown(rig)
        try await finish()
    }

    private func round() async throws {
        let targets = Fault.Targets(
            inputs: ["input/camera", "input/standby"], links: rig.venues.map { "link/\($0.id)" },
            hasOwnDisk: disk != nil)
        let faults = (0..<Int.random(in: 1...3, using: &generator)).map { _ in Fault.draw(targets, &generator) }
        outcome.rounds += 1
        let before = rig.receivers.map { $0.snapshot().continuityErrors }
        for fault in faults {
            tell("\(fault)")
            outcome.faults += 1
            let pids = try await FaultMaker(rig: rig, disk: disk).make(fault)
            if let id = fault.victim { killed[id, default: []].formUnion(pids) }
        }
        try await recover("after \(faults.map(\.description).joined(separator: ", "))", faults)
        for (index, receiver) in rig.receivers.enumerated() {
            let errors = receiver.snapshot().continuityErrors - before[index]
            let link = "link/\(rig.venues[index].id)"
            guard errors > 0, !faults.contains(where: { $0.explainsGap(at: index, linkID: link) }) else { continue }
            outcome.broken.append(
                "\(rig.venues[index].id): \(errors) continuity errors that no fault on its own link explains, "
                    + "after \(faults.map(\.description).joined(separator: ", "))")
        }
    }

    /// Waits for all that ought to be: the daemon answers, an input is on air, every venue is connected and gets pictures.
    private func recover(_ when: String, _ faults: [Fault]) async throws {
        try await rig.status("all is well \(when)", within: Self.recovery) { status in
            status.program.onAir == "camera" && status.venues.allSatisfy { $0.state == .connected }
        }
        for (index, receiver) in rig.receivers.enumerated() {
            let count = receiver.snapshot().pictures
            try await waitFor("pictures at \(rig.venues[index].id) \(when)", within: Self.recovery, seen: { rig.log }) {
                receiver.snapshot().pictures >= count + 15 ? true : nil
            }
        }
    }

    /// Stops it, and looks whether anything is left.
    private func finish() async throws {
        let log = String(decoding: try Files.read(workspace.file("venuecastd.log"), limit: 256 << 20), as: UTF8.self)
        for (id, pids) in killed.sorted(by: { $0.key < $1.key }) {
            let told = Story.endings(of: id, in: log)
            guard told < pids.count else { continue }
            outcome.broken.append("\(pids.count) processes of \(id) were killed, and the log tells of \(told) ends")
        }
        let status = try await rig.stopDaemon()
        if status != .exited(code: 0) { outcome.broken.append("venuecastd \(status) when it was stopped") }
        if !rig.workerPids().isEmpty { outcome.broken.append("processes are left: \(rig.workerPids())") }
        for directory in [
            rig.runDirectory, "\(rig.runDirectory)/workers", "\(rig.runDirectory)/feeds", rig.stateDirectory,
        ] {
            let left = try Files.list(directory).filter {
                $0.hasSuffix(".sock") || $0.hasSuffix(".tmp") || $0.contains(".sock.")
            }
            if !left.isEmpty { outcome.broken.append("\(directory) still holds \(left.joined(separator: ", "))") }
        }
    }

    private func tell(_ line: String) {
        let seconds = (ContinuousClock.now - began).inSeconds
        settings.tell(String(format: "%7.1f s  ", seconds) + line)
    }
}
