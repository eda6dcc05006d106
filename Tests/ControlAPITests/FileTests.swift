import ControlClient
import EventLog
import Foundation
import Glibc
import LinuxSystem
import Synchronization
import Testing
import VenuecastModel
import VenuectlKit

@testable import ControlAPI
@testable import Delivery

/// Files of recordings over a real socket, asked for by curl and by our own client.
@Suite(.timeLimit(.minutes(2))) struct FileTests {
    /// A session with a delivery, in a directory of its own.
    struct Archive {
        let directory: String
        var session: String { "\(directory)/S1" }
        var clip: [UInt8] { Self.clip }
        /// Once for all: making and hashing it takes a debug build its time.
        private static let clip = (0..<600_001).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }

        init(_ stage: Stage) throws {
            directory = stage.directory + "/recordings"
            let contents = [
                "20121126_S1/clips/20121126_S1_01_市 财政局.mov": clip,
                "20121126_S1/log/asrun.csv": Array("一,二\r\n".utf8), "20121126_S1/empty": [],
                "master/S1_0001.mkv": Array(clip.prefix(70_000)),
            ]
            for (path, bytes) in contents {
                try Files.ensureDirectory("\(session)/\(path.split(separator: "/").dropLast().joined(separator: "/"))")
                try Files.writeAtomically("\(session)/\(path)", bytes)
            }
            let delivered = try contents.keys.filter { $0.hasPrefix("2012") }.sorted().map { path in
                try DeliveredFile.hashing("\(session)/\(path)", as: String(path.dropFirst("20121126_S1/".count)))
            }
            let lists = MediaHashList.generation(
                name: "20121126_S1", created: "2012-11-26T10:00:00Z", host: "x", tool: ("x", "1"), comment: "",
                files: delivered)
            try Files.ensureDirectory("\(session)/20121126_S1/ascmhl")
            for (name, bytes) in lists { try Files.writeAtomically("\(session)/20121126_S1/ascmhl/\(name)", bytes) }
            let (root, other) = (session, "\(directory)/S3")
            try Files.ensureDirectory(other)
            try Files.writeAtomically("\(other)/secret.txt", [1])
            stage.service.change { state in
                state.recordings = [("S1", root, false), ("S3", other, true)].map { session, directory, isInternal in
                    var recording = SessionRouteTests.recording(session, isInternal: isInternal)
                    recording.directory = directory
                    return recording
                }
            }
        }

        static let clipURL =
            "http://localhost/v1/recordings/S1/files/20121126_S1/clips/20121126_S1_01_%E5%B8%82%20%E8%B4%A2%E6%94%BF%E5%B1%80.mov"
    }

    private func run(
        _ limits: ControlLimits = ControlLimits(), _ body: @escaping @Sendable (Stage, Archive) async throws -> Void
    )
        async throws
    {
        try await Stage.run(limits: limits) { stage in try await body(stage, Archive(stage)) }
    }

    @Test func rangesAreThoseOfTheStandard() {
        let cases: [(String?, ByteRange)] = [
            (nil, .whole), ("bytes=0-99", .part(0..<100)), ("bytes=0-0", .part(0..<1)), ("bytes=99-", .part(99..<1000)),
            ("bytes=-100", .part(900..<1000)), ("bytes=-5000", .part(0..<1000)), ("bytes=990-5000", .part(990..<1000)),
            ("Bytes= 5-9 ", .part(5..<10)), ("bytes=5-9,", .part(5..<10)), ("bytes=1000-", .notSatisfiable),
            ("bytes=1000-2000", .notSatisfiable), ("bytes=-0", .notSatisfiable), ("bytes=0-1,5-9", .notSatisfiable),
            ("bytes=9-5", .whole), ("bytes=a-5", .whole), ("bytes=", .whole), ("bytes=-", .whole),
            ("lines=1-2", .whole),
            ("bytes=+1-5", .whole), ("bytes=0-1,x", .whole), ("bytes 0-5", .whole),
            ("bytes=99999999999999999999-", .notSatisfiable), ("bytes=0-99999999999999999999", .part(0..<1000)),
            ("bytes=-99999999999999999999", .part(0..<1000)),
        ]
        for (header, expected) in cases { #expect(ByteRange(header, size: 1000) == expected, "\(header ?? "")") }
        #expect(ByteRange("bytes=0-", size: 0) == .notSatisfiable && ByteRange("bytes=-5", size: 0) == .notSatisfiable)
    }

    @Test func curlGetsFilesAndPartsOfThem() async throws {
        try await run { stage, archive in
            let url = Archive.clipURL
            func ask(_ arguments: String...) async throws -> (headers: String, body: [UInt8]) {
                let (heads, body) = ("\(stage.directory)/heads", "\(stage.directory)/body")
                for file in [heads, body] { try Files.remove(file) }
                try await shell(
                    ["curl", "-s", "-S", "--unix-socket", stage.archive, "-D", heads, "-o", body] + arguments + [url])
                return (
                    String(decoding: try Files.read(heads), as: UTF8.self).lowercased(),
                    (try? Files.read(body, limit: 1 << 24)) ?? []
                )
            }
            let whole = try await ask()
            #expect(whole.body == archive.clip && whole.headers.hasPrefix("http/1.1 200"))
            #expect(whole.headers.contains("accept-ranges: bytes") && whole.headers.contains("content-length: 600001"))
            #expect(whole.headers.contains("content-type: video/quicktime"))
            let etag = try #require(whole.headers.split(separator: "\r\n").first { $0.hasPrefix("etag: ") }).dropFirst(
                6)
            #expect(etag.hasPrefix("\"") && etag.hasSuffix("\""))

            let head = try await ask("--head")
            #expect(head.body.isEmpty || head.body.starts(with: "HTTP".utf8))
            #expect(head.headers.contains("content-length: 600001") && head.headers.contains("etag: \(etag)"))

            for (range, expected) in [
                ("100-199", 100..<200), ("599990-", 599_990..<600_001), ("-7", 599_994..<600_001),
            ] {
                let part = try await ask("-r", range)
                #expect(part.headers.hasPrefix("http/1.1 206") && part.body == Array(archive.clip[expected]))
                #expect(
                    part.headers.contains(
                        "content-range: bytes \(expected.lowerBound)-\(expected.upperBound - 1)/600001"))
            }
            for range in ["600001-", "0-1,5-6"] {
                let none = try await ask("-r", range)
                #expect(
                    none.headers.hasPrefix("http/1.1 416") && none.headers.contains("content-range: bytes */600001"))
            }
            // Another content: all of it.
            for (condition, status) in [
                ("\(etag)", 206), ("\"other\"", 200), ("W/\(etag)", 200), ("Mon, 26 Nov 2012 10:00:00 GMT", 200),
            ] {
                let answer = try await ask("-r", "5-9", "-H", "If-Range: \(condition)")
                #expect(answer.headers.hasPrefix("http/1.1 \(status)"), "\(condition)")
                #expect(answer.body.count == (status == 206 ? 5 : 600_001))
            }
            for (header, status) in [
                ("If-None-Match: \(etag)", 304), ("If-None-Match: W/\(etag)", 304), ("If-None-Match: \"x\", *", 304),
                ("If-None-Match: \"x\"", 200), ("If-Match: \(etag)", 200), ("If-Match: \"x\"", 412),
                ("If-Modified-Since: Tue, 19 Jan 2038 03:14:07 GMT", 304),
                ("If-Unmodified-Since: Mon, 26 Nov 2012 10:00:00 GMT", 412), ("If-Modified-Since: nonsense", 200),
            ] {
                #expect(try await ask("-H", header).headers.hasPrefix("http/1.1 \(status)"), "\(header)")
            }
            // Broken off, and resumed by curl itself.
            let file = "\(stage.directory)/resumed"
            try Files.writeAtomically(file, Array(archive.clip.prefix(234_567)))
            try await shell(["curl", "-s", "-S", "--fail", "--unix-socket", stage.archive, "-C", "-", "-o", file, url])
            #expect(try Files.read(file, limit: 1 << 24) == archive.clip)
        }
    }

    @Test func nothingOutsideTheRecordingIsServed() async throws {
        try await run { stage, archive in
            try Files.writeAtomically("\(archive.directory)/outside.txt", Array("outside".utf8))
            let listed = Set(try FileTree(root: archive.session).list().map(\.path))
            #expect(listed.count == 6)
            symlink("/etc/passwd", "\(archive.session)/passwd")
            symlink("..", "\(archive.session)/up")
            symlink("../20121126_S1", "\(archive.session)/master/down")
            try Files.writeAtomically("\(archive.session)/.hidden", Array("hidden".utf8))
            mkfifo("\(archive.session)/fifo", 0o644)
            for path in [
                "../outside.txt", "%2e%2e/outside.txt", "..%2foutside.txt", "master/../../outside.txt", "passwd",
                "up/outside.txt",
                "master/down/empty", ".hidden", "fifo", "master", "", "/etc/passwd", "%2fetc%2fpasswd",
                "master/S1_0001.mkv%00", "%00",
                "./master/S1_0001.mkv", "master/S1_0001.mkv/", "master/%ff", "master%2fS1_0001.mkv",
            ] {
                for socket in [stage.archive, stage.control] {
                    let answer = try await stage.curl(
                        "--path-as-is", "--unix-socket", socket, "-H", "Accept: application/json",
                        "http://localhost/v1/recordings/S1/files/\(path)")
                    // With nothing behind it, and only then, it is the list; a slash at the end is none of a name.
                    if path.isEmpty {
                        #expect(answer.status == 200 && answer.text.hasPrefix("["))
                        let files = try JSONDecoder().decode([RecordingFile].self, from: Data(answer.text.utf8))
                        #expect(Set(files.map(\.path)) == listed)
                    } else if path == "master/S1_0001.mkv/" || path == "/etc/passwd" {
                        #expect(!answer.text.contains("root:"))
                    } else {
                        #expect(answer.status == 404 || answer.status == 400, "\(path): \(answer.status)")
                        #expect(!answer.text.contains("outside\n") && !answer.text.contains("root:"))
                    }
                }
            }
            // Session ids lead nowhere either.
            for id in ["..", "%2e%2e", "S1%2f..", "."] {
                let answer = try await stage.curl(
                    "--path-as-is", "--unix-socket", stage.archive,
                    "http://localhost/v1/recordings/\(id)/files/outside.txt")
                #expect(answer.status == 404, "\(id)")
            }
        }
    }

    @Test func eachSocketHasItsOwn() async throws {
        try await run { stage, archive in
            func status(_ socket: String, _ path: String, _ method: String = "GET") async throws -> Int {
                try await stage.curl("--unix-socket", socket, "-X", method, "http://localhost\(path)").status
            }
            for path in ["/v1/status", "/v1/venues", "/v1/workers", "/v1/events", "/metrics"] {
                #expect(try await status(stage.archive, path) == 403, "\(path)")
            }
            for path in ["/v1/program/mute", "/v1/reload", "/v1/sessions/S1/start"] {
                #expect(try await status(stage.archive, path, "POST") == 403, "\(path)")
            }
            for path in ["/healthz", "/openapi.json", "/recordings", "/v1/recordings", "/v1/recordings/S1"] {
                #expect(try await status(stage.archive, path) == 200, "\(path)")
            }
            for path in ["/recordings", "/v1/recordings/S1/files", "/v1/recordings/S1/files/20121126_S1/empty"] {
                #expect(try await status(stage.monitor, path) == 403, "\(path)")
                #expect(try await status(stage.control, path) == 200, "\(path)")
            }
            #expect(try await status(stage.monitor, "/v1/recordings/S1/receipt", "POST") == 403)
            // An internal session is as if it were not there.
            for path in ["/v1/recordings/S3", "/v1/recordings/S3/files", "/v1/recordings/S3/files/secret.txt"] {
                #expect(try await status(stage.archive, path) == 404, "\(path)")
                #expect(try await status(stage.control, path) == 200, "\(path)")
            }
            let page = try await stage.curl(
                "--unix-socket", stage.archive, "-H", "Accept: text/html", "http://localhost/v1/recordings/S1/files")
            #expect(
                page.text.contains("href=\"\(Archive.clipURL.dropFirst("http://localhost".count))\""), "\(page.text)")
            let index = try await stage.curl("--unix-socket", stage.archive, "http://localhost/recordings")
            #expect(index.text.contains("/v1/recordings/S1/files") && !index.text.contains("S3"))
        }
    }

    // MARK: recording fetch

    private func fetch(_ stage: Stage, to directory: String, _ more: String...) async -> (Int32, String, String) {
        let output = Mutex("")
        let complaints = Mutex("")
        let console = Console(
            environment: [:], write: { text in output.withLock { $0 += text } },
            complain: { text in complaints.withLock { $0 += text } }, size: { nil })
        let code = await Venuectl.run(
            ["recording", "fetch", "S1", directory, "--socket", stage.archive] + more, console: console)
        return (code, output.withLock { $0 }, complaints.withLock { $0 })
    }

    @Test func aDeliveryIsFetchedVerifiedAndReceipted() async throws {
        try await run { stage, archive in
            let target = "\(stage.directory)/target"
            #expect(await fetch(stage, to: target).2.contains("is not a directory"))
            try Files.ensureDirectory("\(target)/20121126_S1/clips")
            // An earlier run was broken off in the middle of the clip.
            let name = "20121126_S1_01_市 财政局.mov"
            let files = try await ControlClient(socket: stage.archive).get(
                "/v1/recordings/S1/files", as: [RecordingFile].self)
            let etag = try #require(files.first { $0.path.hasSuffix(name) }?.etag)
            let part = "\(target)/20121126_S1/clips/\(name).part"
            try Files.writeAtomically(part, Array(archive.clip.prefix(400_000)))
            try Files.writeAtomically("\(part).etag", Array(etag.utf8))
            let (code, output, complaints) = await fetch(stage, to: target)
            #expect(code == 0 && output.contains("all 3 files are as they were"), "\(output) \(complaints)")
            #expect(try Files.list(target) == ["20121126_S1"])
            #expect(try Files.list("\(target)/20121126_S1/clips") == [name])
            #expect(try Files.read("\(target)/20121126_S1/clips/\(name)", limit: 1 << 24) == archive.clip)
            let receipt = String(decoding: try Files.read("\(archive.session)/receipts.jsonl"), as: UTF8.self)
            #expect(receipt.contains("\"delivery\":\"20121126_S1\"") && receipt.contains("\"files\":3"), "\(receipt)")
            #expect(receipt.contains("\"uid\":\(getuid())"))
            // A second time there is nothing to fetch, and it is looked at all the same.
            #expect(await fetch(stage, to: target).0 == 0)
        }
    }

    @Test func whatIsWrongIsNamedAndGetsNoReceipt() async throws {
        try await run { stage, archive in
            let target = "\(stage.directory)/target"
            let name = "20121126_S1_01_市 财政局.mov"
            let part = "\(target)/20121126_S1/clips/\(name).part"
            try Files.ensureDirectory("\(target)/20121126_S1/clips")
            // Part of another content: all of it comes.
            try Files.writeAtomically(part, [UInt8](repeating: 7, count: 400_000))
            try Files.writeAtomically("\(part).etag", Array("\"other\"".utf8))
            #expect(await fetch(stage, to: target).0 == 0)
            #expect(try Files.read("\(target)/20121126_S1/clips/\(name)", limit: 1 << 24) == archive.clip)
            // A disk that has turned over a bit.
            try Files.remove("\(archive.session)/receipts.jsonl")
            var bytes = archive.clip
            bytes[5] ^= 1
            try Files.writeAtomically("\(target)/20121126_S1/clips/\(name)", bytes)
            let (code, output, _) = await fetch(stage, to: target)
            #expect(code == 1 && output.contains(name), "\(output)")
            #expect(!Files.exists("\(archive.session)/receipts.jsonl"))
        }
    }

    @Test func severalAtOnceShareThePace() async throws {
        let limits = ControlLimits(downloadBytesPerSecond: 1_200_000)
        try await run(limits) { stage, archive in
            let began = ContinuousClock.now
            let codes = await withTaskGroup(of: Int32.self) { group in
                for number in 0..<3 {
                    let target = "\(stage.directory)/target-\(number)"
                    try? Files.ensureDirectory(target)
                    group.addTask { await fetch(stage, to: target).0 }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes == [0, 0, 0])
            // Nearly two megabytes: not sooner than the pace allows, less what may go at once.
            #expect(ContinuousClock.now - began > .milliseconds(500))
        }
    }

    @Test func aFileThatIsCutOffIsNeverTakenForWhole() async throws {
        // Slow enough to be cut off in the middle.
        let limits = ControlLimits(downloadBytesPerSecond: 1_000_000)
        try await run(limits) { stage, archive in
            let path = "\(archive.session)/20121126_S1/clips/20121126_S1_01_市 财政局.mov"
            let client = ControlClient(socket: stage.archive, timeout: .seconds(10))
            let got = Mutex(0)
            await #expect(throws: ControlClientError.self) {
                try await client.download(
                    String(Archive.clipURL.dropFirst("http://localhost".count)), from: 0, etag: nil, onHead: { _ in },
                    onBytes: { bytes in
                        if got.withLock({ $0 }) == 0 { truncate(path, 200_000) }
                        got.withLock { $0 += bytes.count }
                    })
            }
            #expect(got.withLock { $0 } < archive.clip.count)
        }
    }

    private func shell(_ words: [String]) async throws {
        let process = try ProcessHandle.spawn(
            SpawnRequest(executable: "/usr/bin/env", arguments: words))
        let status = await process.waitForExit(timeout: .seconds(40))
        guard status == .exited(code: 0) else {
            process.signal(SIGKILL)
            throw Late(description: "\(words.joined(separator: " ")): \(status.map { "\($0)" } ?? "no end")")
        }
    }
}
