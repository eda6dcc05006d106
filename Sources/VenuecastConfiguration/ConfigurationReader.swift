import Foundation

/// From a document's tables to a configuration, every check on the way. Used once, on one thread.
final class ConfigurationReader {
    let path: String
    let directory: String
    let findings: Findings
    private let shippedPipelines: String?
    private(set) var library: PipelineLibrary
    private var pipelineFiles: [Reading.PipelineFile] = []
    /// Addresses bound on this machine, by whom.
    var listeners: [(place: String, host: String, port: Int)] = []

    init(path: String, findings: Findings, shippedPipelines: String?) {
        self.path = path
        directory = (path as NSString).deletingLastPathComponent
        self.findings = findings
        self.shippedPipelines = shippedPipelines
        library = PipelineLibrary(directories: [shippedPipelines].compactMap { $0 })
    }

    func read(_ tables: [String: TOMLNode]) -> Reading {
        let root = Section(tables, path: "", findings: findings)
        root.require("activity", "begin with [activity] and name = \"…\"")
        root.require("inputs", "add at least one [[inputs]] with id and pipeline")
        root.require("program", "add [program] with inputs = [\"…\"], the first good one of which is on air")

        readPipelinesDirectory(root)
        let name = readActivity(root)
        let house = readHouse(root)
        let inputs = readInputs(root, house)
        let program = readProgram(root, house, inputs: inputs)
        let venues = readVenues(root)
        let control = readControl(root)
        let recording = readRecording(root, inputs)
        let events = readEvents(root)
        let alarms = readAlarms(root)
        let archive = readArchive(root)
        let delivery = readDelivery(root)
        let monitoring = readMonitoring(root)
        let link = pipelineFile("link-srt", place: "venues")
        root.finish()

        checkListeners()
        var configuration = Configuration(
            path: path, activityName: name, house: house, inputs: inputs, program: program, venues: venues,
            control: control, recording: recording, linkPipelineFile: link ?? "")
        configuration.events = events
        configuration.alarms = alarms
        configuration.archive = archive
        configuration.delivery = delivery
        configuration.monitoring = monitoring
        checkUplink(configuration)
        return Reading(
            configuration: configuration, problems: findings.problems, pipelineFiles: pipelineFiles)
    }

    /// Relative paths are relative to the file they stand in.
    func absolute(_ path: String) -> String { PlainFile.absolute(path, from: directory) }

    /// - Returns: the file's path, after reporting under `place` when there is none.
    func pipelineFile(_ name: String, place: String) -> String? {
        guard let file = library.file(name) else {
            let names = library.names(prefix: name.hasPrefix("input-") ? "input-" : "")
            let meant = NearestKey.find(name, among: names)
            findings.error(
                place, "there is no pipeline \(name.quoted) in \(library.directories.joined(separator: " or "))",
                meant.map { "write \($0)" }
                    ?? (names.isEmpty
                        ? "install the pipeline files beside the program, or name a directory under [pipelines]"
                        : "use one of \(names.joined(separator: ", ")), or write that file"))
            return nil
        }
        if !pipelineFiles.contains(where: { $0.path == file }) {
            pipelineFiles.append(Reading.PipelineFile(path: file, place: place, line: findings.line(of: place)))
        }
        return file
    }

    private func readPipelinesDirectory(_ root: Section) {
        guard let section = root.section("pipelines") else { return }
        section.require("directory", "write directory = \"…\", or remove [pipelines]")
        if let text = section.text("directory") {
            let path = absolute(text)
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
                library.directories.insert(path, at: 0)
            } else {
                section.error("directory", "there is no directory \(path)", "make it, or correct the path")
            }
        }
        section.finish()
    }

    private func readActivity(_ root: Section) -> String {
        guard let section = root.section("activity") else { return "" }
        defer { section.finish() }
        section.require("name", "write name = \"…\", which is shown in status and on the fault slate")
        return name(section) ?? ""
    }

    /// A name for people.
    func name(_ section: Section) -> String? {
        guard let name = section.text("name") else { return nil }
        guard !name.allSatisfy(\.isWhitespace), name.count <= 200, !name.hasControlCharacters else {
            return section.wrongValue("name", .text(name), "a name of 1 to 200 characters in one line")
        }
        return name
    }

    private func readHouse(_ root: Section) -> Configuration.House {
        var house = Configuration.House(width: 1920, height: 1080, frameRate: 25)
        guard let section = root.section("house") else { return house }
        house.width = even(section, "width", 160...3840) ?? house.width
        house.height = even(section, "height", 90...2160) ?? house.height
        if let rate = section.integer("frameRate", 1...1000) {
            if rate == 25 || rate == 50 {
                house.frameRate = rate
            } else {
                section.error("frameRate", "\(rate) is not a rate of this house", "write 25 or 50")
            }
        }
        if let text = section.text("chroma") {
            if let chroma = Configuration.House.Chroma(rawValue: text) {
                house.chroma = chroma
            } else {
                section.error(
                    "chroma", "\(text.quoted) is not what a house keeps of the colour",
                    "write \"4:2:0\", or \"4:2:2\" to record what a studio's camera gives")
            }
        }
        section.finish()
        return house
    }

    private func even(_ section: Section, _ key: String, _ range: ClosedRange<Int>) -> Int? {
        guard let value = section.integer(key, range) else { return nil }
        guard value.isMultiple(of: 2) else {
            section.error(key, "\(value) is odd, and H.264 takes even sizes", "write \(value - 1) or \(value + 1)")
            return nil
        }
        return value
    }

    /// An id that matches `[a-z0-9-]{1,32}` and is not taken yet.
    func id(_ section: Section, taken: [String: String], reserved: Set<String>) -> String? {
        section.require("id", "write id = \"…\" of small letters, digits and -")
        guard let id = section.text("id") else { return nil }
        let fits =
            (1...32).contains(id.utf8.count)
            && id.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-")
            }
        guard fits else {
            return section.wrongValue("id", .text(id), "1 to 32 small letters, digits and -")
        }
        if reserved.contains(id) {
            section.error("id", "\(id.quoted) means something else already", "choose another id")
            return nil
        }
        if let other = taken[id] {
            section.error("id", "\(id.quoted) is the id of \(other) already", "give each its own")
            return nil
        }
        return id
    }

    /// A passphrase file, checked; absolute.
    func passphraseFile(_ section: Section) -> String? {
        for key in ["passphrase", "password"] where section.has(key) {
            section.expect([key])
            section.error(
                key, "a secret has no place in a configuration",
                "put it into a file of its own (chmod 600), name that as passphraseFile and remove it here")
        }
        guard let text = section.text("passphraseFile") else { return nil }
        let path = absolute(text)
        if let fault = PlainFile.passphraseFault(path) {
            section.error("passphraseFile", fault.cause, fault.nextStep)
        }
        return path
    }
}

extension String {
    var hasControlCharacters: Bool { unicodeScalars.contains { $0.properties.generalCategory == .control } }
}
