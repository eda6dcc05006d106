import Foundation
import Glibc
import LinuxSystem
import Logging
import WorkerProtocol

/// What an earlier daemon left of one worker: its identity, its processes, or both.
struct Leftover: Sendable {
    var id: String
    /// Nil where the file is lost or cannot be read.
    var identity: WorkerIdentity?
    /// Usually one; more where a daemon died in the middle of replacing one.
    var pids: [pid_t]

    /// Clears away what belongs to nobody any more. To be called before anything is started.
    static func find(_ paths: RunPaths, _ logger: Logger) throws -> [Leftover] {
        let census = WorkerCensus(paths)
        Files.removeUnfinished(in: paths.workers)
        var found: [String: Leftover] = [:]
        for (id, pids) in census.processes { found[id] = Leftover(id: id, identity: nil, pids: pids) }
        for name in try Files.list(paths.workers) {
            if let id = RunPaths.id(ofFile: name, suffix: ".json") {
                found[id, default: Leftover(id: id, identity: nil, pids: [])].identity = identity(id, paths, logger)
            } else if isUnfinishedSocket(name, census) {
                try? Files.remove("\(paths.workers)/\(name)")
            }
        }
        removeUnfinishedFeeds(of: paths, besides: found.values.filter { !$0.pids.isEmpty })
        removeUnfinishedThumbnails(of: paths, census)
        removeDeadSockets(of: paths)
        return found.values.sorted { $0.id < $1.id }
    }

    private static func identity(_ id: String, _ paths: RunPaths, _ logger: Logger) -> WorkerIdentity? {
        let path = paths.identity(id)
        do {
            let identity = try JSONDecoder().decode(WorkerIdentity.self, from: Data(Files.read(path)))
            if identity.id == id { return identity }
            throw SystemError(code: EINVAL, operation: "use as \(id)'s", path: path, advice: "It is \(identity.id)'s.")
        } catch {
            // Kept for whoever wonders, out of our way.
            logger.error(
                "an identity file cannot be read; set aside", metadata: ["path": "\(path)", "error": "\(error)"])
            rename(path, "\(path).unreadable")
            return nil
        }
    }

    /// A socket that a process had not yet put into place when it was killed.
    private static func isUnfinishedSocket(_ name: String, _ census: WorkerCensus) -> Bool {
        guard let socket = name.firstRange(of: ".sock."), socket.lowerBound > name.startIndex else { return false }
        let id = RunPaths.id(ofFile: String(name[..<socket.lowerBound]) + ".sock", suffix: ".sock")
        return id.map { census.of($0).isEmpty } ?? false
    }

    /// Likewise of a feed, `NAME.sock.` and the beginning of its worker's instance. A feed's name does not say whose it is.
    private static func removeUnfinishedFeeds(of paths: RunPaths, besides living: [Leftover]) {
        let instances = living.compactMap { $0.identity?.instance }
        for name in (try? Files.list(paths.feeds)) ?? [] {
            guard let socket = name.firstRange(of: ".sock.") else { continue }
            let beginning = name[socket.upperBound...]
            if instances.contains(where: { $0.hasPrefix(beginning) }) { continue }
            try? Files.remove("\(paths.feeds)/\(name)")
        }
    }

    /// And a thumbnail, `ID.jpg.tmp`.
    private static func removeUnfinishedThumbnails(of paths: RunPaths, _ census: WorkerCensus) {
        for name in (try? Files.list(paths.thumbnails)) ?? [] {
            guard let id = RunPaths.id(ofFile: name, suffix: ".jpg.tmp"), census.of(id).isEmpty else { continue }
            try? Files.remove("\(paths.thumbnails)/\(name)")
        }
    }

    /// Those whose server was killed: nobody can connect to them.
    static func removeDeadSockets(of paths: RunPaths) {
        for directory in [paths.workers, paths.feeds] {
            for name in (try? Files.list(directory)) ?? [] where name.hasSuffix(".sock") {
                let path = "\(directory)/\(name)"
                do {
                    close(try connectUnix(path: path))
                } catch let error as SystemError where error.code == ECONNREFUSED {
                    try? Files.remove(path)
                } catch {}
            }
        }
    }
}
