import Glibc
import LinuxSystem
import Logging

/// The environment variables of all workers, and the directories these point to.
struct WorkerEnvironment {
    let stateDirectory: String
    let workerExecutable: String
    let logger: Logger

    /// What is passed on from our own; the rest is nobody's business.
    private static let inherited = [
        "PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "JOURNAL_STREAM", "XDG_RUNTIME_DIR", "ASAN_OPTIONS",
        "TSAN_OPTIONS",
    ]
    private static let registryDeadline = Duration.seconds(60)

    private var registry: String { "\(stateDirectory)/gstreamer-registry.bin" }

    /// Builds the plugin registry when it is missing or out of date: fourteen workers that each look for themselves
    /// would start half a second later.
    func prepare() async -> [String: String] {
        var environment = base()
        for key in ["HOME", "XDG_CACHE_HOME", "TMPDIR"] {
            do {
                try Files.ensureDirectory(environment[key]!, mode: 0o700)
            } catch {
                logger.warning("fonts and code caches of workers have no place", metadata: ["error": "\(error)"])
            }
        }
        var isCurrent = registryIsCurrent()
        if !isCurrent { isCurrent = await buildRegistry(environment) }
        if isCurrent { environment["GST_REGISTRY_UPDATE"] = "no" }
        return environment
    }

    private func base() -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in currentEnvironment() where Self.inherited.contains(key) || key.hasPrefix("GST_") {
            result[key] = value
        }
        result["HOME"] = "\(stateDirectory)/home"
        result["XDG_CACHE_HOME"] = "\(stateDirectory)/cache"
        result["TMPDIR"] = "\(stateDirectory)/tmp"
        result["GST_REGISTRY"] = registry
        result["GST_REGISTRY_UPDATE"] = nil
        return result
    }

    /// Older than the worker or than any directory of plugins: something was installed since.
    private func registryIsCurrent() -> Bool {
        guard let built = modified(registry) else { return false }
        return ([workerExecutable] + pluginDirectories()).allSatisfy { modified($0).map { $0 < built } ?? true }
    }

    private func pluginDirectories() -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob("/usr/lib/*/gstreamer-1.0", 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    }

    /// Seconds since 1970.
    private func modified(_ path: String) -> Double? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    }

    private func buildRegistry(_ environment: [String: String]) async -> Bool {
        do {
            try Files.remove(registry)
            let builder = try ProcessHandle.spawn(
                SpawnRequest(executable: workerExecutable, arguments: ["--build-registry"], environment: environment))
            let status = await builder.waitForExit(timeout: Self.registryDeadline)
            if status == nil { builder.signal(SIGKILL) }
            if status == .exited(code: 0), Files.exists(registry) { return true }
            logger.warning(
                "GStreamer's registry was not built; workers look for plugins themselves and start later",
                metadata: ["status": "\(status.map { "\($0)" } ?? "no end within 60 s")"])
        } catch {
            logger.warning("GStreamer's registry was not built", metadata: ["error": "\(error)"])
        }
        return false
    }
}
