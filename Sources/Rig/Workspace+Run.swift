import LinuxSystem

public typealias ProgramOutcome = (code: Int32, output: String, complaint: String)

extension Workspace {
    /// Runs a program to its end, which is waited for a minute.
    public func run(_ program: String, _ arguments: [String]) async throws -> ProgramOutcome {
        let name = "run-\(UInt32.random(in: 0...UInt32.max))"
        let line = ([try Executables.find(program)] + arguments)
            .map { "'\($0.replacing("'", with: "'\\''"))'" }.joined(separator: " ")
        let process = try shell(
            "exec \(line) >'\(file("\(name).out"))' 2>'\(file("\(name).err"))'", log: "\(name).log")
        guard case .exited(let code) = await process.waitForExit(timeout: .seconds(60)) else {
            throw RigError("\(line) did not end by itself")
        }
        return (code, try Self.text(of: file("\(name).out")), try Self.text(of: file("\(name).err")))
    }

    /// Runs a program that must not fail; returns what it wrote.
    @discardableResult
    public func succeed(_ program: String, _ arguments: [String]) async throws -> String {
        let (code, output, complaint) = try await run(program, arguments)
        if code == 0 { return output }
        throw RigError("\(program) failed with \(code): \(output)\(complaint)")
    }

    public static func text(of file: String) throws -> String {
        String(decoding: try Files.read(file, limit: 8 << 20), as: UTF8.self)
    }
}
