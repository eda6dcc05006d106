import Foundation

/// Where pipeline files are found: a technician's own directory first, then the shipped one.
public struct PipelineLibrary: Sendable, Equatable {
    /// In order of precedence.
    public var directories: [String]

    public init(directories: [String]) {
        self.directories = directories
    }

    /// The absolute path of the file with this name (without `.pipeline`).
    public func file(_ name: String) -> String? {
        guard Self.isName(name) else { return nil }
        return directories.map { "\($0)/\(name).pipeline" }.first { FileManager.default.isReadableFile(atPath: $0) }
    }

    /// The names there are, sorted.
    public func names(prefix: String = "") -> [String] {
        let files = directories.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
        let names = files.filter { $0.hasSuffix(".pipeline") }.map { String($0.dropLast(".pipeline".count)) }
        return Set(names.filter { $0.hasPrefix(prefix) }).sorted()
    }

    /// A file's name, and nothing that leads elsewhere.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.first != "."
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_.".utf8.contains(byte)
            }
    }

    /// The shipped directory: `../share/venuecast/Pipelines` beside an installed program, or `Pipelines` of the
    /// checkout the program was built in.
    public static func shippedDirectory(executable: String? = Bundle.main.executablePath) -> String? {
        guard let executable else { return nil }
        var directory = URL(fileURLWithPath: executable).resolvingSymlinksInPath().deletingLastPathComponent()
        let installed = directory.appendingPathComponent("../share/venuecast/Pipelines").standardized.path
        if holdsPipelines(installed) { return installed }
        while directory.path != "/" {
            let candidate = directory.appendingPathComponent("Pipelines").path
            if holdsPipelines(candidate) { return candidate }
            directory.deleteLastPathComponent()
        }
        return nil
    }

    private static func holdsPipelines(_ directory: String) -> Bool {
        FileManager.default.isReadableFile(atPath: "\(directory)/input-test.pipeline")
    }
}
