import LinuxSystem
import WorkerProtocol

/// The run directory by its one name: workers are told from other processes by it, so that `./run`, or a symbolic link,
/// must not hide those that a daemon before had started under `run`.
enum RunDirectory {
    /// Makes it where it is missing.
    static func make(_ path: String) throws -> String {
        try check(path)
        do {
            try Files.ensureDirectory(path, mode: 0o755)
        } catch {
            throw StartFailure.cannotCreate("\(error)")
        }
        return try find(path)
    }

    /// One that is there.
    static func find(_ path: String) throws -> String {
        let resolved: String
        do {
            resolved = try Files.resolve(path)
        } catch {
            throw StartFailure.cannotCreate("\(error)")
        }
        try check(resolved, named: path)
        return resolved
    }

    private static func check(_ path: String, named name: String? = nil) throws {
        if path.utf8.count <= RunPaths.longestDirectory { return }
        let place = name == nil || name == path ? path : "\(name ?? "") leads to \(path), which"
        throw StartFailure.usage(
            "the run directory \(place) has \(path.utf8.count) bytes and a socket in it must fit into 107: choose one of "
                + "at most \(RunPaths.longestDirectory) with --run-dir")
    }
}
