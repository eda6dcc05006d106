import ControlClient
import Foundation
import LinuxSystem
import Synchronization
import VenuecastModel

/// A whole system on one machine: the daemon with a configuration of its own, and receivers for its venues.
public final class Rig: Sendable {
    public struct Venue: Sendable {
        public var id: String
        public var name: String
        public var port: Port
        public var passphrase: String?
        /// In place of a listener at `port`.
        public var linkURL: String?
        /// What its receiver has, where that is another than the link's.
        public var receiverPassphrase: String?

        public init(id: String, name: String, port: Port) {
            self.id = id
            self.name = name
            self.port = port
        }

        /// The real twelve districts, or the first few of them.
        public static let districts = [
            ("shinan", "市南区分会场"), ("shibei", "市北区分会场"), ("sifang", "四方区分会场"),
            ("licang", "李沧区分会场"), ("laoshan", "崂山区分会场"), ("huangdao", "黄岛区分会场"),
            ("chengyang", "城阳区分会场"), ("jimo", "即墨市分会场"), ("jiaozhou", "胶州市分会场"),
            ("jiaonan", "胶南市分会场"), ("pingdu", "平度市分会场"), ("laixi", "莱西市分会场"),
        ]

        public static func reserve(_ count: Int) throws -> [Venue] {
            try districts.prefix(count).map { Venue(id: $0.0, name: $0.1, port: try Port.reserve()) }
        }
    }

    public let workspace: Workspace
    public let venues: [Venue]
    public let receivers: [Receiver]
    public let configuration: String
    public let client: ControlClient
    private let daemon = Mutex<ProcessHandle?>(nil)

    public var runDirectory: String { workspace.file("run") }
    public var stateDirectory: String { workspace.file("state") }
    public var controlSocket: String { "\(runDirectory)/control.sock" }

    /// - Parameters:
    ///   - inputs: the configuration's `[[inputs]]`, ready to be put in.
    ///   - program: lines of `[program]` and `[[program.slates]]`.
    ///   - latencyMs: SRT latency of every link.
    public init(
        workspace: Workspace, inputs: String, program: String, venues: [Venue], latencyMs: Int = 200,
        house: String = "width = 640\nheight = 360\nframeRate = 25", activity: String = "试验 Test"
    ) throws {
        self.workspace = workspace
        self.venues = venues
        var text = "[activity]\nname = \"\(activity)\"\n\n[house]\n\(house)\n\n\(inputs)\n\n\(program)\n"
        for venue in venues {
            text += "\n[[venues]]\nid = \"\(venue.id)\"\nname = \"\(venue.name)\"\n[venues.link]\n"
            let url = venue.linkURL ?? "srt://127.0.0.1:\(venue.port.number)?mode=listener"
            text += "url = \"\(url)\"\nlatencyMs = \(latencyMs)\n"
            if let passphrase = venue.passphrase {
                let key = try workspace.write("key-\(venue.id)", passphrase)
                text += "passphraseFile = \"\(key)\"\n"
            }
        }
        configuration = try workspace.write("venuecast.toml", text)
        client = ControlClient(socket: "\(workspace.file("run"))/control.sock", timeout: .seconds(5))
        receivers = try venues.map { venue in
            var address = "srt://127.0.0.1:\(venue.port.number)?mode=caller&latency=\(latencyMs)&conntimeo=1000"
            if let passphrase = venue.receiverPassphrase ?? venue.passphrase { address += "&passphrase=\(passphrase)" }
            return try Receiver(name: "receiver-\(venue.id)", address: address, workspace: workspace)
        }
    }

    deinit {
        for receiver in receivers { receiver.stop() }
        killDaemon()
    }

    /// - Parameter name: of the run directory, by which the daemon is to know it; nil: its own.
    public func startDaemon(runDirectory name: String? = nil) throws {
        try Files.ensureDirectory(runDirectory)
        try Files.ensureDirectory(stateDirectory)
        let handle = try workspace.spawn(
            "venuecastd",
            ["--config", configuration, "--run-dir", name ?? runDirectory, "--state-dir", stateDirectory],
            log: "venuecastd.log")
        daemon.withLock { $0 = handle }
    }

    public func startReceivers() throws {
        for receiver in receivers { try receiver.start() }
    }

    public var daemonPid: pid_t? { daemon.withLock { $0?.pid } }

    /// SIGTERM, and its exit status.
    public func stopDaemon(within deadline: Duration = .seconds(15)) async throws -> ExitStatus {
        try await daemonsEnd(after: SIGTERM, within: deadline)
    }

    /// Ends the daemon alone (SIGKILL as in a crash, SIGUSR2 for an upgrade) and leaves its workers on air.
    public func endDaemonAlone(_ signal: Int32, within deadline: Duration = .seconds(15)) async throws {
        _ = try await daemonsEnd(after: signal, within: deadline)
    }

    /// Its exit status.
    /// - Parameter signal: nil for one that ends by itself.
    public func daemonsEnd(after signal: Int32? = nil, within deadline: Duration = .seconds(15)) async throws
        -> ExitStatus
    {
        guard let handle = daemon.withLock({ $0 }) else { throw RigError("no daemon runs") }
        if let signal { handle.signal(signal) }
        guard let status = await handle.waitForExit(timeout: deadline) else {
            throw RigError(
                "venuecastd did not end within \(deadline) (signal \(signal.map(String.init) ?? "none")): \(log)")
        }
        daemon.withLock { $0 = nil }
        return status
    }

    /// Changes the text of the configuration's file; the daemon is not told.
    public func editConfiguration(_ edit: (String) -> String) throws {
        let text = String(decoding: try Files.read(configuration), as: UTF8.self)
        try Files.writeAtomically(configuration, Array(edit(text).utf8), mode: 0o600)
    }

    /// The daemon and every worker it has started, without asking.
    public func killDaemon() {
        let handle = daemon.withLock { daemon in
            defer { daemon = nil }
            return daemon
        }
        handle?.signal(SIGKILL)
        for pid in workerPids() { kill(pid, SIGKILL) }
    }

    /// Of the workers of this rig, from /proc: their only argument lies in our run directory.
    public func workerPids() -> [pid_t] {
        ((try? Files.list("/proc")) ?? []).compactMap { pid_t($0) }.filter { pid in
            let line = (try? Files.read("/proc/\(pid)/cmdline", limit: 65_536)) ?? []
            return String(decoding: line, as: UTF8.self).contains("\(runDirectory)/workers/")
        }
    }

    public var log: String {
        let bytes = (try? Files.read(workspace.file("venuecastd.log"), limit: 64 << 20)) ?? []
        return String(decoding: bytes.suffix(4000), as: UTF8.self)
    }

    // MARK: - Facts

    @discardableResult
    public func status(
        _ what: String, within deadline: Duration = .seconds(20),
        where predicate: @Sendable (ActivityStatus) -> Bool
    ) async throws -> ActivityStatus {
        let last = Mutex<ActivityStatus?>(nil)
        return try await waitFor(
            what, within: deadline,
            seen: { [self] in
                let text = last.withLock { $0 }.flatMap { try? VenuecastJSON.encode($0) }
                return text.map { String(decoding: $0, as: UTF8.self) } ?? log
            }
        ) {
            let status = try await client.status()
            last.withLock { $0 = status }
            return predicate(status) ? status : nil
        }
    }

    public func pid(of worker: String, within deadline: Duration = .seconds(20)) async throws -> pid_t {
        try await waitFor("the process of \(worker)", within: deadline) {
            try await client.workers().first { $0.id == worker && $0.state == "running" }?.pid
        }
    }

    /// Until every receiver has pictures, in full flow.
    public func waitForPictures(_ count: UInt64 = 25, within deadline: Duration = .seconds(30)) async throws {
        for receiver in receivers {
            try await waitFor("\(count) pictures at \(receiver.name)", within: deadline, seen: { log }) {
                receiver.snapshot().pictures >= count ? true : nil
            }
        }
    }
}
