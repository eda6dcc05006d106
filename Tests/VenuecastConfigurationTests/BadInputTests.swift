import Foundation
import Testing
import VenuecastConfiguration

/// Each row: what is wrong, where that has to be said, and words that name the cause and the next step.
struct BadInput: Sendable, CustomTestStringConvertible {
    var text: String
    var place: String
    var cause: String
    var nextStep: String
    var severity: Problem.Severity

    init(_ text: String, _ place: String, _ cause: String, _ nextStep: String, _ severity: Problem.Severity = .error) {
        self.text = text
        self.place = place
        self.cause = cause
        self.nextStep = nextStep
        self.severity = severity
    }

    var testDescription: String { "\(place): \(cause)" }

    static let keysAndTypes = [
        BadInput(Sample(house: "widht = 1280").text, "house.widht", "unknown", "write width"),
        BadInput(Sample(house: "frame_rate = 25").text, "house.frame_rate", "unknown", "write frameRate"),
        BadInput(Sample(house: "colour = 1").text, "house.colour", "unknown", "chroma, frameRate, height, width"),
        BadInput(Sample(house: "chroma = \"4:4:4\"").text, "house.chroma", "4:4:4", "write \"4:2:0\", or \"4:2:2\""),
        BadInput(Sample(house: "chroma = 422").text, "house.chroma", "is a whole number", "text in quotes"),
        BadInput(Sample(house: "width = \"1280\"").text, "house.width", "is text", "a whole number from 160 to 3840"),
        BadInput(Sample(house: "width = 1281").text, "house.width", "odd", "write 1280 or 1282"),
        BadInput(Sample(house: "height = 64").text, "house.height", "64 is not", "from 90 to 2160"),
        BadInput(Sample(house: "frameRate = 30").text, "house.frameRate", "30", "write 25 or 50"),
        BadInput(Sample(activity: "").text, "activity.name", "is missing", "write name"),
        BadInput(Sample(activity: "name = 2012").text, "activity.name", "whole number", "text in quotes"),
        BadInput(Sample(rest: "[veneus]\nid = 1").text, "veneus", "unknown", "write venues"),
        BadInput(
            Sample(inputs: "inputs = 3").text.replacing("[house]", with: "[other]"), "other", "unknown", "use one"),
        BadInput(Sample(venues: "").text, "venues", "no venue", "add [[venues]]", .warning),
        BadInput(
            Sample(rest: "[control]\noperatorMode = 660").text, "control.operatorMode", "whole number", "\"0660\""),
        BadInput(Sample(rest: "[control]\nmonitorMode = \"0888\"").text, "control.monitorMode", "0888", "octal"),
        BadInput(
            Sample(rest: "[control]\noperatorMode = \"0666\"").text, "control.operatorMode", "every user", "0660",
            .warning),
        BadInput(
            Sample(rest: "[control]\noperatorGroup = \"no-such-group-here\"").text, "control.operatorGroup", "no group",
            "groupadd"),
        BadInput(
            Sample(rest: "[pipelines]\ndirectory = \"nowhere\"").text, "pipelines.directory", "no directory", "make it"),
    ]

    static let recording = [
        BadInput(Sample(rest: "[recording]").text, "recording.directory", "is missing", "write directory"),
        BadInput(Sample(rest: "[recording]\ndirectory = \"\"").text, "recording.directory", "no path", "path"),
        BadInput(
            Sample(rest: "[recording]\ndirectory = \"/no/such/disk\"").text, "recording.directory", "no directory",
            "mount its disk", .warning),
        BadInput(
            Sample.recording("copyDirectory = \"recordings\""), "recording.copyDirectory", "recorded to", "another disk"
        ),
        BadInput(Sample.recording("segmentSeconds = 1"), "recording.segmentSeconds", "1 is not", "from 5 to 3600"),
        BadInput(Sample.recording("bufferBytes = 1000"), "recording.bufferBytes", "1000 is not", "bytes"),
        BadInput(Sample.recording("minimumFreeBytes = -1"), "recording.minimumFreeBytes", "-1 is not", "from 0"),
        BadInput(Sample.recording("videoBitrateKbps = 50"), "recording.videoBitrateKbps", "50 is not", "from 1000"),
        BadInput(Sample.recording("inputs = [\"camrea\"]"), "recording.inputs[0]", "no input", "write camera"),
        BadInput(
            Sample.recording("inputs = [\"camera\", \"camera\"]"), "recording.inputs[1]", "twice", "remove one"),
        BadInput(Sample.recording("preset = \"fastest\""), "recording.preset", "no preset", "ultrafast"),
        BadInput(Sample.recording("encoderThreads = 0"), "recording.encoderThreads", "0 is not", "from 1 to 64"),
        BadInput(Sample.recording("retentionDays = 0"), "recording.retentionDays", "0 is not", "from 1 to 3650"),
        BadInput(Sample.recording("segmentSecond = 60"), "recording.segmentSecond", "unknown", "segmentSeconds"),
        BadInput(Sample.recording("pipeline = \"recorderr\""), "recording.pipeline", "no pipeline", "recorder"),
    ]

    static let inputs = [
        BadInput(Sample.input("pipeline = \"input-tset\""), "inputs[0].pipeline", "no pipeline", "write input-test"),
        BadInput(
            Sample.input("pipeline = \"input-decklink\""), "inputs[0].pipeline", "no pipeline", "input-file, input-rtsp"
        ),
        BadInput(Sample.input("pipeline = \"../../etc/passwd\""), "inputs[0].pipeline", "no pipeline", "use one of"),
        BadInput(Sample.input(""), "inputs[0].pipeline", "is missing", "input-test"),
        BadInput(Sample.input("pipeline = \"input-rtsp\""), "inputs[0].url", "is missing", "write url"),
        BadInput(
            Sample.input("pipeline = \"input-test\"\nvolumne = 1"), "inputs[0].volumne", "unknown", "write volume"),
        BadInput(Sample.input("pipeline = \"input-test\"\nvolume = \"1\""), "inputs[0].volume", "is text", "a number"),
        BadInput(Sample.input("pipeline = \"input-test\"\ngainDb = 25"), "inputs[0].gainDb", "25", "-60 to 24 dB"),
        BadInput(
            Sample.input("pipeline = \"input-test\"\naudioDelayMs = -501"), "inputs[0].audioDelayMs", "-501",
            "-500 to 2000"),
        BadInput(Sample.input("pipeline = \"input-test\"\nchannels = \"left\""), "inputs[0].channels", "left", "1+2"),
        BadInput(
            Sample.input("pipeline = \"input-test\"\nloop = \"yes\""), "inputs[0].loop", "is text", "true or false"),
        BadInput(
            Sample.input("pipeline = \"input-file\"\npath = \"gone.mp4\""), "inputs[0].path", "there is no file",
            "put it there"),
        BadInput(
            Sample.input("pipeline = \"input-rtsp\"\nurl = \"http://x/y\""), "inputs[0].url", "rtsp://", "rtsp://HOST"),
        BadInput(
            Sample.input("pipeline = \"input-rtsp\"\nurl = \"rtsp://x/y ! filesink\""), "inputs[0].url", "a blank",
            "remove it"),
        BadInput(
            Sample.input("pipeline = \"input-rtsp\"\nurl = \"rtsp://u:p4ss@x/y\""), "inputs[0].url", "password",
            "chmod 600", .warning),
        BadInput(
            Sample.input("pipeline = \"input-srt\"\nurl = \"srt://?mode=caller\""), "inputs[0].url", "no port",
            "srt://HOST"),
        BadInput(
            Sample.input("pipeline = \"input-test\"\npassphraseFile = \"keys/good\""), "inputs[0].passphraseFile",
            "only an SRT", "remove it"),
        BadInput(
            Sample(inputs: "[[inputs]]\nid = \"auto\"\npipeline = \"input-test\"").text, "inputs[0].id", "else",
            "another"),
        BadInput(
            Sample(inputs: Sample().inputs + "\n" + Sample().inputs).text, "inputs[1].id", "inputs[0]", "its own"),
        BadInput(
            Sample(inputs: "[[inputs]]\nid = \"Kamera 1\"\npipeline = \"input-test\"").text, "inputs[0].id", "Kamera 1",
            "small letters"),
    ]

    static let program = [
        BadInput(Sample(program: "inputs = [\"camra\"]").text, "program.inputs[0]", "no input", "write camera"),
        BadInput(Sample(program: "inputs = [3]").text, "program.inputs[0]", "whole number", "text in quotes"),
        BadInput(Sample(program: "inputs = [\"camera\", \"camera\"]").text, "program.inputs[1]", "twice", "remove"),
        BadInput(Sample(program: "inputs = []").text, "program.inputs", "no input", "write inputs"),
        BadInput(Sample(program: "inputs = []").text, "inputs[0].id", "never on air", "add it", .warning),
        BadInput(Sample(program: "").text, "program.inputs", "is missing", "write inputs"),
        program("keyframeSeconds = 11", "program.keyframeSeconds", "11", "1 to 10"),
        program("videoBitrateKbps = 60", "program.videoBitrateKbps", "60", "200 to 50000"),
        program("audioBitrateKbps = 1", "program.audioBitrateKbps", "1", "32 to 320"),
        program("returnAfterSeconds = -1", "program.returnAfterSeconds", "-1", "0 to 600"),
        program("countdown = { corner = \"middle\" }", "program.countdown.corner", "no corner", "top-left, top-right"),
        program("countdown = { lastSeconds = 5 }", "program.countdown.corner", "missing", "top-right"),
        program("othersGet = \"silence\"", "program.othersGet", "neither a slate", "\"slate\", \"nothing\""),
        program(
            "othersGet = \"slate:b\"\n[[program.slates]]\nid = \"a\"\ntext = \"x\"", "program.othersGet", "no slate",
            "\"slate:a\""),
        program("uplinkMbps = 5", "program.uplinkMbps", "of the 5 Mbit/s", "lower program.videoBitrateKbps to 4400"),
        program("uplinkMbps = 7.4", "program.uplinkMbps", "leaves little", "lower", .warning),
        program("[[program.slates]]\nid = \"a\"", "program.slates[0].image", "neither", "text ="),
        program("[[program.slates]]\nid = \"a\"\ntext = \" \"", "program.slates[0].text", "not a text", "read"),
        program(
            "[[program.slates]]\nid = \"a\"\ntext = \"x\"\nimage = \"fault.png\"", "program.slates[0].text", "and a",
            "one"),
        program("[[program.slates]]\nid = \"a\"\nimage = \"no.png\"", "program.slates[0].image", "no file", "put it"),
        program("[[program.slates]]\nid = \"a\"\nimage = \"talk.mp4\"", "program.slates[0].image", "not a PNG", "save"),
        program(
            "[[program.slates]]\nid = \"a\"\ntext = \"x\"\n".doubled, "program.slates[1].id", "slates[0]", "its own"),
    ]

    static let links = [
        BadInput(Sample.url("srt://0.0.0.0?mode=listener"), "venues[0].link.url", "no port", "srt://HOST:PORT"),
        BadInput(Sample.url("srt://0.0.0.0:99999"), "venues[0].link.url", "1 to 65535", "srt://HOST:PORT"),
        BadInput(
            Sample.url("srt://:7101?mode=caller"), "venues[0].link.url", "needs the other side's host", "HOST:7101"),
        BadInput(Sample.url("srt://:7101?mode=rendezvous"), "venues[0].link.url", "needs the other", "mode=rendezvous"),
        BadInput(
            Sample.url("srt://0.0.0.0:7101?mode=caller"), "venues[0].link.url", "nobody can be called", "listener"),
        BadInput(Sample.url("srt://x:7101?mode=server"), "venues[0].link.url", "\"server\"", "listener, caller"),
        BadInput(Sample.url("udp://x:7101"), "venues[0].link.url", "srt://", "write srt://"),
        BadInput(
            Sample.url("srt://x:7101?passphrase=hushhushhush"), "venues[0].link.url", "passphrase", "passphraseFile"),
        BadInput(Sample.url("srt://me:hushhushhush@x:7101"), "venues[0].link.url", "password", "passphraseFile"),
        BadInput(Sample.url("srt://x:7101 ! fakesink"), "venues[0].link.url", "exclamation", "remove"),
        BadInput(Sample.url("srt://x:7101?streamid=\\\"a\\\""), "venues[0].link.url", "quote", "remove"),
        BadInput(Sample.url("srt://x:7101\\u0007"), "venues[0].link.url", "no address has", "remove"),
        BadInput(Sample.url("srt://x:7101?latncy=3"), "venues[0].link.url", "latncy", "write latency", .warning),
        BadInput(Sample.url("srt://x:7101?latency=300"), "venues[0].link.url", "800 ms will be", "latencyMs", .warning),
        BadInput(Sample.url(""), "venues[0].link.url", "empty", "srt://"),
        BadInput(Sample.link(""), "venues[0].link.url", "is missing", "srt://0.0.0.0:PORT"),
        BadInput(Sample.link("url = \"srt://x:1\"\nlatencyMs = 9"), "venues[0].link.latencyMs", "9", "20 to 8000 ms"),
        BadInput(
            Sample.link("url = \"srt://x:1\"\npassphrase = \"hushhushhush\""), "venues[0].link.passphrase", "secret",
            "passphraseFile"),
        BadInput(Sample(venues: "[[venues]]\nid = \"main\"").text, "venues[0].id", "something else", "another id"),
        BadInput(Sample(venues: "[[venues]]\nid = \"a\"").text, "venues[0].link", "is missing", "[venues.link]"),
        twoVenues("srt://0.0.0.0:7101?mode=listener", "srt://10.0.0.1:7101?mode=listener", "such as 7102"),
        twoVenues("srt://:7101", "srt://:7101?mode=listener", "such as 7102"),
        twoVenues("srt://10.0.0.1:7101?mode=listener", "srt://10.9.9.9:7101?mode=rendezvous", "such as 7102"),
        BadInput(
            Sample(
                inputs: "[[inputs]]\nid = \"camera\"\npipeline = \"input-srt\"\nurl = \"srt://:7101?mode=listener\""
            ).text, "venues[0].link.url", "inputs[0].url", "such as 7102"),
    ]

    static func program(
        _ lines: String, _ place: String, _ cause: String, _ nextStep: String, _ severity: Problem.Severity = .error
    ) -> BadInput {
        BadInput(Sample(program: "inputs = [\"camera\"]\n\(lines)").text, place, cause, nextStep, severity)
    }

    static func twoVenues(_ first: String, _ second: String, _ nextStep: String) -> BadInput {
        let venue = "[[venues]]\nid = \"ID\"\n[venues.link]\nurl = \"URL\"\n"
        let text =
            venue.replacing("ID", with: "a").replacing("URL", with: first)
            + venue.replacing("ID", with: "b").replacing("URL", with: second)
        return BadInput(Sample(venues: text).text, "venues[1].link.url", "venues[0].link.url", nextStep)
    }
}

extension String {
    fileprivate var doubled: String { self + self }
}

@Suite struct BadInputTests {
    let workspace: Workspace
    init() throws { workspace = try Workspace() }

    @Test(arguments: BadInput.keysAndTypes + BadInput.inputs + BadInput.program + BadInput.links + BadInput.recording)
    func isAnsweredWithPlaceCauseAndNextStep(_ input: BadInput) async throws {
        let (configuration, problems) = try await workspace.check(input.text)
        let found = problems.filter {
            $0.place == input.place && $0.cause.contains(input.cause) && $0.nextStep.contains(input.nextStep)
                && $0.severity == input.severity
        }
        #expect(found.count == 1, "\(problems.map(\.description))")
        #expect(problems.contains { $0.severity == .error } == (configuration == nil))
        for secret in ["hushhushhush", "p4ss", Workspace.secret] {
            #expect(!problems.contains { $0.description.contains(secret) })
        }
    }

    @Test func everythingIsFoundInOneGoInTheOrderOfTheFile() async throws {
        let sample = Sample(
            activity: "name = 1", house: "widht = 1", inputs: "[[inputs]]\nid = \"A\"\npipeline = \"input-tset\"",
            program: "inputs = [\"b\"]\nkeyframeSeconds = 0",
            venues: "[[venues]]\nid = \"x\"\n[venues.link]\nurl = \"udp://\"\nlatencyMs = 1",
            rest: "[[venues]]\nid = \"x\"\n[venues.link]\nurl = \"srt://u@h:1\"\npassphraseFile = \"none\"")
        let (configuration, problems) = try await workspace.check(sample.text)
        #expect(configuration == nil)
        #expect(
            problems.map(\.place) == [
                "activity.name", "house.widht", "inputs[0].id", "inputs[0].pipeline", "program.inputs[0]",
                "program.keyframeSeconds", "venues[0].link.url", "venues[0].link.latencyMs", "venues[1].id",
                "venues[1].link.url", "venues[1].link.passphraseFile",
            ])
        let lines = problems.compactMap(\.line)
        #expect(lines == lines.sorted() && lines.count == problems.count)
        #expect(lines.first == 2)
    }

    @Test(arguments: ["\n", "\r\n"])
    func linesAreCountedAcrossTextsAndTables(_ newline: String) async throws {
        let text = [
            "[activity]", "name = \"x\" # name = 1", "[[inputs]]", "id = \"a\"", "pipeline = \"input-test\"",
            "[program]", "inputs = [\"a\"]", "[[program.slates]]", "id = \"one\"", "text = \"\"\"", "id = 3", "\"\"\"",
            "[[program.slates]]", "id = \"two\"", "text = 3", "[[venues]]", "id = \"v\"", "link.url = \"udp://\"",
        ]
        let (_, problems) = try await workspace.check(text.joined(separator: newline))
        #expect(problems.map(\.place) == ["program.slates[1].text", "venues[0].link.url"])
        #expect(problems.map(\.line) == [15, 18])
    }

    @Test func aSyntaxErrorHasFileAndLine() async throws {
        let (configuration, problems) = try await workspace.check("[activity]\nname = \"a\n[house]\n")
        #expect(configuration == nil)
        #expect(problems.map(\.place) == ["\(workspace.directory)/venuecast.toml:2"])
        #expect(problems.first?.description.contains("is not TOML here") == true)
    }

    /// The parser would abort the process here.
    @Test(arguments: ["[会场]", "[%a]", "[[[venues]]]", "[= 3", "[[ ]]", "["])
    func aTableWithoutAPlainNameIsASyntaxError(_ header: String) async throws {
        let (configuration, problems) = try await workspace.check("[activity]\nname = \"a\"\n\(header)\n")
        #expect(configuration == nil)
        #expect(problems.map(\.line) == [3])
    }

    @Test func aFileThatIsNotThereIsOneSentence() async throws {
        await #expect(throws: ConfigurationError.self) {
            try await workspace.loader().load(path: "\(workspace.directory)/none.toml")
        }
        let (_, problems, _) = await workspace.loader().check(path: "\(workspace.directory)/none.toml")
        #expect(problems.count == 1)
        #expect(problems.first?.cause.contains("there is no file") == true)
    }

    struct Passphrase: Sendable {
        var content: String
        var mode: Int
        var nextStep: String?
    }

    @Test(arguments: [
        Passphrase(content: "123456789\n", mode: 0o600, nextStep: "write one of that length"),
        Passphrase(content: String(repeating: "x", count: 80), mode: 0o600, nextStep: "write one of that length"),
        Passphrase(content: "tell-nobody-this\n", mode: 0o640, nextStep: "run chmod 600"),
        Passphrase(content: "tell-nobody-this\n", mode: 0o604, nextStep: "run chmod 600"),
        Passphrase(content: "tell-nobody\nthis", mode: 0o600, nextStep: "write one line of text"),
        Passphrase(content: "1234567890\n", mode: 0o600),
        Passphrase(content: String(repeating: "x", count: 79) + "\n", mode: 0o400),
    ])
    func aPassphraseIsOfTheRightLengthAndNobodyElses(_ passphrase: Passphrase) async throws {
        let path = try workspace.write("keys/tried", passphrase.content, mode: passphrase.mode)
        let (configuration, problems) = try await workspace.check(
            Sample.link("url = \"srt://x:1\"\npassphraseFile = \"keys/tried\""))
        #expect(problems.map(\.place) == (passphrase.nextStep == nil ? [] : ["venues[0].link.passphraseFile"]))
        if let nextStep = passphrase.nextStep {
            #expect(problems.first?.nextStep.contains(nextStep) == true)
            #expect(problems.first?.description.contains("nobody") == false)
        } else {
            #expect(configuration?.venues.first?.link.passphraseFile == path)
        }
    }
}
