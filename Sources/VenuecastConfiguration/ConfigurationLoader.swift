import Dispatch
import Foundation

/// Reads a configuration file and finds everything that is wrong with it in one go.
public struct ConfigurationLoader: Sendable {
    /// The pipeline files that come with the program; a configuration's own directory is searched first.
    public var shippedPipelines: String?
    /// Nil: whether pipeline files parse is not asked.
    public var pipelineChecker: PipelineChecker?

    public init(
        shippedPipelines: String? = PipelineLibrary.shippedDirectory(), pipelineChecker: PipelineChecker? = nil
    ) {
        self.shippedPipelines = shippedPipelines
        self.pipelineChecker = pipelineChecker
    }

    /// - Throws: `ConfigurationError` with all problems, if one of them is an error.
    public func load(path: String) async throws(ConfigurationError) -> Configuration {
        let (configuration, problems, _) = await check(path: path)
        guard let configuration else { throw ConfigurationError(problems: problems) }
        return configuration
    }

    /// - Parameter text: what is to be read in place of what the file says now.
    /// - Returns: the configuration if it has no errors, all problems in the order of the file, and what was read.
    public func check(
        path: String, text: String? = nil
    ) async -> (configuration: Configuration?, problems: [Problem], text: String?) {
        let reading = await withCheckedContinuation { continuation in
            // Reads files, which a slow disk may hold up: off the cooperative pool.
            DispatchQueue(label: "venuecast.configuration").async {
                continuation.resume(returning: read(path, text))
            }
        }
        var problems = reading.problems
        if let pipelineChecker {
            problems += await faults(of: reading, pipelineChecker, file: path)
        }
        problems.sort { ($0.line ?? .max) < ($1.line ?? .max) }
        let refused = problems.contains { $0.severity == .error }
        return (refused ? nil : reading.configuration, problems, reading.text)
    }

    /// What `recording deliver` wants to know of a file, and nothing else of it is looked at: its user need not be allowed to
    /// read the keys that it names. Blocks.
    public func readDelivery(path: String) -> (
        delivery: Configuration.Delivery, recordings: String?, problems: [Problem]
    ) {
        let (text, refusal) = text(path)
        guard let text else { return (Configuration.Delivery(), nil, refusal) }
        do {
            let findings = Findings(file: path, lines: LineIndex(text))
            let root = Section(try TOMLNode.parse(text), path: "", findings: findings)
            let reader = ConfigurationReader(path: path, findings: findings, shippedPipelines: nil)
            return (reader.readDelivery(root), root.section("recording")?.text("directory"), findings.problems)
        } catch {
            let (cause, line) = TOMLNode.syntaxError(error)
            return (Configuration.Delivery(), nil, [Self.refusal(path, cause, "correct this line", line: line)])
        }
    }

    private static func refusal(_ path: String, _ cause: String, _ nextStep: String, line: Int? = nil) -> Problem {
        let place = line.map { "\(path):\($0)" } ?? path
        return Problem(severity: .error, file: path, line: line, place: place, cause: cause, nextStep: nextStep)
    }

    private func text(_ path: String) -> (text: String?, refusal: [Problem]) {
        func refused(_ cause: String, _ nextStep: String) -> (String?, [Problem]) {
            (nil, [Self.refusal(path, cause, nextStep)])
        }
        let absolute = PlainFile.absolute(path, from: FileManager.default.currentDirectoryPath)
        if let fault = PlainFile.fault(absolute) { return refused(fault.cause, fault.nextStep) }
        guard let bytes = PlainFile.beginning(absolute, 1 << 20), bytes.count < 1 << 20 else {
            return refused("cannot be read, or is longer than a megabyte", "name a configuration file")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return refused("is not UTF-8 text", "save it as UTF-8")
        }
        return (text, [])
    }

    private func read(_ path: String, _ given: String?) -> Reading {
        let (text, refusal) = given.map { ($0, []) } ?? text(path)
        guard let text else { return Reading(configuration: nil, problems: refusal, pipelineFiles: []) }
        let absolute = PlainFile.absolute(path, from: FileManager.default.currentDirectoryPath)
        do {
            let tables = try TOMLNode.parse(text)
            let findings = Findings(file: path, lines: LineIndex(text))
            var reading = ConfigurationReader(path: absolute, findings: findings, shippedPipelines: shippedPipelines)
                .read(tables)
            reading.text = text
            return reading
        } catch {
            let (cause, line) = TOMLNode.syntaxError(error)
            let problem = Self.refusal(
                path, cause, "correct this line; the keys behind it have not been checked", line: line)
            return Reading(configuration: nil, problems: [problem], pipelineFiles: [])
        }
    }

    private func faults(of reading: Reading, _ checker: PipelineChecker, file: String) async -> [Problem] {
        let chroma = reading.configuration?.house.chroma ?? .yuv420
        return await withTaskGroup(of: (Int, Problem?).self) { group in
            for (index, pipeline) in reading.pipelineFiles.enumerated() {
                group.addTask {
                    guard var fault = await checker.fault(pipeline.path, chroma) else { return (index, nil) }
                    // The worker names the file as well.
                    if fault.hasPrefix("\(pipeline.path): ") { fault.removeFirst(pipeline.path.count + 2) }
                    let problem = Problem(
                        severity: .error, file: file, line: pipeline.line, place: pipeline.place,
                        cause: "the pipeline file \(pipeline.path) is refused: \(fault)",
                        nextStep: "correct that file, or remove it where a shipped one of the same name will do")
                    return (index, problem)
                }
            }
            var found: [(Int, Problem)] = []
            for await case (let index, let problem?) in group { found.append((index, problem)) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

/// What one reading of a file found.
struct Reading: Sendable {
    struct PipelineFile: Sendable, Equatable {
        var path: String
        /// The first place that names it.
        var place: String
        var line: Int?
    }

    var configuration: Configuration?
    var problems: [Problem]
    /// Each one once, to be asked whether it parses.
    var pipelineFiles: [PipelineFile]
    /// Of the file; nil where it cannot be understood at all.
    var text: String?
}
