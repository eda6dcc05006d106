import ControlClient
import Foundation
import Glibc
import LinuxSystem
import Rig
import VenuecastModel

/// Recordings fetched over the network: alone, beside nginx with the same file, and beside twelve links on air.
enum DownloadTimes {
    private static let megabytes = 2000
    private static let rounds = 5
    private static let token = "a-token-for-figures-alone"

    static func run() async throws -> [Figure] {
        let figures = try await alone()
        return try await figures + besideLinks()
    }

    // MARK: As fast as can be

    private static func alone() async throws -> [Figure] {
        let port = try Port.reserve()
        let secure = try Port.reserve()
        defer { withExtendedLifetime((port, secure)) {} }
        var figures: [Figure] = []
        let plain = try await speeds(port.number, usesTLS: false, rounds) { workspace, archive in
            let other = try Port.reserve()
            guard let nginx = try await Nginx(workspace, port: other.number) else { return ([], []) }
            defer { nginx.stop() }
            var (own, theirs): ([Double], [Double]) = ([], [])
            for _ in 0..<rounds {
                own.append(try await archive())
                theirs.append(try await speed(workspace, "http://127.0.0.1:\(other.number)/big"))
            }
            return (own, theirs)
        }
        if let own = plain.own.median, let theirs = plain.theirs.median {
            figures.append(
                .reached(
                    "download / nginx, the same file over TCP", own / theirs, "", atLeast: 0.8,
                    note: "\(Int(own / 1e6)) MB/s against \(Int(theirs / 1e6)) MB/s, medians of \(rounds), in turns; "
                        + "\(megabytes) MB from memory, no TLS, no limit, curl"))
        } else {
            figures.append(
                .reached(
                    "download / nginx, the same file over TCP", nil, "", atLeast: 0.8,
                    note: "nginx is not installed (apt install nginx-light)"))
        }
        let tls = try await speeds(secure.number, usesTLS: true, rounds) { _, archive in
            var own: [Double] = []
            for _ in 0..<rounds { own.append(try await archive()) }
            return (own, [])
        }
        figures.append(.told("download with TLS", (tls.own.median ?? 0) / 1e6, "MB/s", note: "no limit, curl"))
        return figures
    }

    private static func speeds(
        _ port: Int, usesTLS: Bool, _ rounds: Int,
        _ body: (Workspace, () async throws -> Double) async throws -> (own: [Double], theirs: [Double])
    ) async throws -> (own: [Double], theirs: [Double]) {
        let rig = try await archiveRig(port, usesTLS: usesTLS, megabitsPerSecond: 0, venues: 0, house: (160, 90))
        return try await Bench.with(rig) { rig in
            try await start(rig)
            let (url, arguments) = address(rig, port, usesTLS)
            // Once, so that all of it is in memory.
            _ = try await speed(rig.workspace, url, arguments)
            return try await body(rig.workspace) { try await speed(rig.workspace, url, arguments) }
        }
    }

    // MARK: On air

    private static func besideLinks() async throws -> [Figure] {
        let port = try Port.reserve()
        let rig = try await archiveRig(
            port.number, usesTLS: true, megabitsPerSecond: 400, venues: 12, house: (1280, 720))
        return try await Bench.with(rig) { rig in
            try await start(rig)
            try rig.startReceivers()
            try await rig.waitForPictures(50)
            try await Task.sleep(for: .seconds(5))
            func errors() -> Int { rig.receivers.map { Int($0.snapshot().continuityErrors) }.reduce(0, +) }
            let before = errors()
            try await Task.sleep(for: .seconds(20))
            let without = errors() - before
            let (url, arguments) = address(rig, port.number, true)
            let start = errors()
            let began = MonotonicInstant.now
            // Three stations at once.
            let bytes = try await withThrowingTaskGroup(of: Double.self) { group in
                for _ in 0..<3 {
                    group.addTask { try await amount(rig.workspace, url, arguments + ["--max-time", "30"]) }
                }
                return try await group.reduce(0, +)
            }
            let seconds = Bench.seconds(since: began)
            let during = errors() - start
            return [
                .limited(
                    "continuity errors that downloads add, 12 links", Double(max(0, during - without)), "", atMost: 0,
                    note: "\(during) in \(Int(seconds)) s with three downloads, \(without) in 20 s without"),
                .told(
                    "three downloads together, limit 400 Mbit/s", bytes * 8 / seconds / 1e6, "Mbit/s", note: "with TLS"),
            ]
        }
    }

    // MARK: A daemon with something to fetch

    private static func archiveRig(
        _ port: Int, usesTLS: Bool, megabitsPerSecond: Int, venues: Int, house: (width: Int, height: Int)
    ) async throws -> Rig {
        let workspace = try Workspace()
        try Files.ensureDirectory(workspace.file("keys"))
        try workspace.write("keys/token", token)
        if usesTLS {
            _ = try await output(
                workspace, "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "100",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                    workspace.file("keys/key"), "-out", workspace.file("keys/certificate"),
                ])
            chmod(workspace.file("keys/key"), 0o600)
        }
        let keys = usesTLS ? "certificateFile = \"keys/certificate\"\nkeyFile = \"keys/key\"\n" : ""
        let tables = """

            [recording]
            directory = "recordings"
            minimumFreeBytes = 1000000
            [control]
            archiveMbps = \(megabitsPerSecond)
            [archive]
            listen = "127.0.0.1:\(port)"
            \(keys)[[archive.tokens]]
            name = "figures"
            file = "keys/token"
            """
        let rig = try Rig(
            workspace: workspace, inputs: Bench.testInput("camera", pattern: "smpte"),
            program: Bench.program(["camera"]) + tables, venues: try Bench.venues(venues),
            house: "width = \(house.width)\nheight = \(house.height)\nframeRate = 25")
        let folder = "\(rig.stateDirectory)/recordings/S1"
        try Files.ensureDirectory("\(folder)/master")
        try Files.ensureDirectory(workspace.file("www"))
        let piece = (0..<(1 << 20)).map { _ in UInt8.random(in: 0...255) }
        let owner = try FileDescriptorOwner.open("\(folder)/big", O_WRONLY | O_CREAT, mode: 0o644)
        for _ in 0..<megabytes {
            guard write(owner.descriptor, piece, piece.count) == piece.count else {
                throw SystemError(code: errno, operation: "write", path: folder)
            }
        }
        guard link("\(folder)/big", workspace.file("www/big")) == 0 else {
            throw SystemError(code: errno, operation: "link", path: workspace.file("www/big"))
        }
        sync()
        return rig
    }

    private static func start(_ rig: Rig) async throws {
        try rig.startDaemon()
        try await rig.status("on air, and the archive listens", within: .seconds(40)) {
            $0.program.onAir == "camera" && $0.archive?.health == .ok
        }
        let csv = "session,number,department,limitMinutes\nS1,1,一,10\n"
        _ = try await rig.client.post("/v1/rundown", raw: Data(csv.utf8))
        // What nobody has recorded is nobody's to fetch.
        try await rig.client.post("/v1/sessions/S1/start", body: OrderTerms(yes: true))
        try await rig.client.post("/v1/sessions/S1/end", body: OrderTerms(yes: true))
        try await rig.status("nothing is recorded any more", within: .seconds(40)) { $0.session == nil }
    }

    private static func address(_ rig: Rig, _ port: Int, _ usesTLS: Bool) -> (url: String, arguments: [String]) {
        (
            "\(usesTLS ? "https" : "http")://localhost:\(port)/v1/recordings/S1/files/big",
            ["-u", "x:\(token)"] + (usesTLS ? ["--cacert", rig.workspace.file("keys/certificate")] : [])
        )
    }

    // MARK: curl

    /// Bytes a second.
    private static func speed(
        _ workspace: Workspace, _ url: String, _ arguments: [String] = []
    ) async throws -> Double {
        try await curl(workspace, "%{speed_download}", ["--fail", url] + arguments, mayEnd: false)
    }

    /// Bytes, until its time is over.
    private static func amount(_ workspace: Workspace, _ url: String, _ arguments: [String]) async throws -> Double {
        try await curl(workspace, "%{size_download}", ["--fail", url] + arguments, mayEnd: true)
    }

    private static func curl(
        _ workspace: Workspace, _ format: String, _ arguments: [String], mayEnd: Bool
    ) async throws -> Double {
        let text = try await output(
            workspace, "curl", ["-s", "-S", "-4", "-o", "/dev/null", "-w", format] + arguments,
            codes: mayEnd ? [0, 28] : [0])
        guard let value = text.split(separator: "\n").last.flatMap({ Double($0) }), value > 0 else {
            throw RigError("curl: \(text)")
        }
        return value
    }

    private static func output(
        _ workspace: Workspace, _ program: String, _ arguments: [String], codes: Set<Int32> = [0]
    ) async throws -> String {
        let file = workspace.file("output-\(UUID().uuidString)")
        let process = try ProcessHandle.spawn(
            SpawnRequest(executable: "/usr/bin/env", arguments: [program] + arguments, output: .file(file)))
        let status = await process.waitForExit(timeout: .seconds(120))
        let text = String(decoding: (try? Files.read(file)) ?? [], as: UTF8.self)
        guard case .exited(let code)? = status, codes.contains(code) else {
            process.signal(SIGKILL)
            throw RigError("\(program): \(text)")
        }
        return text
    }
}

/// A server that others have made fast, with what Debian gives it.
private struct Nginx {
    private let process: ProcessHandle

    /// Nil: it is not installed.
    init?(_ workspace: Workspace, port: Int) async throws {
        guard let program = (["/usr/sbin/nginx", "/usr/bin/nginx"] as [String]).first(where: { access($0, X_OK) == 0 })
        else {
            return nil
        }
        let configuration = try workspace.write(
            "nginx.conf",
            """
            worker_processes auto; daemon off; pid \(workspace.file("nginx.pid")); error_log \(workspace.file("nginx.err"));
            user \(getuid() == 0 ? "root" : "nobody");
            events { worker_connections 768; }
            http { sendfile on; tcp_nopush on; access_log off;
              server { listen 127.0.0.1:\(port); root \(workspace.file("www")); } }
            """)
        process = try ProcessHandle.spawn(
            SpawnRequest(
                executable: program, arguments: ["-p", workspace.file(""), "-c", configuration],
                output: .file(workspace.file("nginx.log"))))
        try await waitFor("nginx") { Files.exists(workspace.file("nginx.pid")) ? true : nil }
    }

    func stop() { process.signal(SIGTERM) }
}
