import Foundation
import VenuecastConfiguration

/// A directory with a configuration, the files it names and shipped pipelines; gone when the test is.
final class Workspace {
    let directory: String
    /// Directories `shipped` and `keys` are there already.
    init() throws {
        var template = Array("/tmp/venuecast-configuration-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for (name, text) in Self.pipelines { try write("shipped/\(name).pipeline", text) }
        try write("fault.png", bytes: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0])
        try write("talk.mp4", "a film")
        try write("keys/good", Self.secret + "\n", mode: 0o600)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    static let secret = "correct-horse-battery"

    static let pipelines = [
        "input-test": """
        # default: pattern = smpte
        # default: volume = 0.1
        # default: bufferMs = 60
        videotestsrc name=test pattern=${pattern} ! video/x-raw,width=${width},height=${height},framerate=${frameRate}/1
        audiotestsrc name=tone volume=${volume}
        """,
        "input-file": "filesrc name=source location=${path} ! decodebin",
        "input-rtsp": "# default: latencyMs = 200\nrtspsrc name=demux location=${url} latency=${latencyMs}",
        "input-srt": "# default: latencyMs = 200\nsrtsrc name=source uri=${url} latency=${latencyMs}",
        "program": "compositor", "link-srt": "srtsink", "confidence": "fakesink",
        "recorder":
            "# default: preset = ultrafast\n# default: encoderThreads = 1\nx264enc name=e speed-preset=${preset}",
    ]

    @discardableResult
    func write(_ name: String, _ text: String, mode: Int = 0o644) throws -> String {
        try write(name, bytes: Array(text.utf8), mode: mode)
    }

    @discardableResult
    func write(_ name: String, bytes: [UInt8], mode: Int = 0o644) throws -> String {
        let path = "\(directory)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    func check(
        _ text: String, checker: PipelineChecker? = nil
    ) async throws -> (configuration: Configuration?, problems: [Problem]) {
        let checked = try await loader(checker).check(path: write("venuecast.toml", text))
        return (checked.configuration, checked.problems)
    }

    func loader(_ checker: PipelineChecker? = nil) -> ConfigurationLoader {
        ConfigurationLoader(shippedPipelines: "\(directory)/shipped", pipelineChecker: checker)
    }
}

/// A configuration without a problem, in parts that a test can replace.
struct Sample {
    var activity = "name = \"三民活动\""
    var house = "width = 1280\nheight = 720\nframeRate = 25"
    var inputs = "[[inputs]]\nid = \"camera\"\npipeline = \"input-test\""
    var program = "inputs = [\"camera\"]"
    var venues = "[[venues]]\nid = \"shinan\"\n[venues.link]\nurl = \"srt://0.0.0.0:7101?mode=listener\""
    var rest = ""

    var text: String {
        "[activity]\n\(activity)\n[house]\n\(house)\n\(inputs)\n[program]\n\(program)\n\(venues)\n\(rest)\n"
    }

    static func input(_ lines: String) -> String {
        Sample(inputs: "[[inputs]]\nid = \"camera\"\n\(lines)").text
    }

    static func link(_ lines: String) -> String {
        Sample(venues: "[[venues]]\nid = \"shinan\"\n[venues.link]\n\(lines)").text
    }

    static func recording(_ lines: String) -> String {
        Sample(rest: "[recording]\ndirectory = \"recordings\"\n\(lines)").text
    }

    static func url(_ url: String) -> String { link("url = \"\(url)\"") }
}
