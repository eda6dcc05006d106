import Glibc
import LinuxSystem
import NIOPosix

/// The names of users. This machine's own are in a file, and that is read however busy the machine is; a name service
/// (LDAP and the like) is asked only for others, and not waited for long.
enum UserNames {
    /// A name service that does not answer costs nobody more than this.
    private static let patience = Duration.milliseconds(500)
    /// For name services alone: one that hangs keeps nothing else from its thread.
    private static let services = {
        let pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        return pool
    }()

    /// - Returns: nil for each that has none, or whose name service is silent.
    static func find(_ uids: [uid_t]) async -> [uid_t: String] {
        let own =
            (try? await NIOThreadPool.singleton.runIfActive {
                local(try Files.read("/etc/passwd", limit: 16 << 20))
            }) ?? [:]
        var names = own.filter { uids.contains($0.key) }
        let others = uids.filter { names[$0] == nil }
        if others.isEmpty { return names }
        let asked = await answer(within: patience) {
            try? await services.runIfActive { others.map { ($0, ask($0)) } }
        }
        for case (let uid, let name?) in (asked ?? nil) ?? [] { names[uid] = name }
        return names
    }

    /// Of passwd(5): the first line of a number counts.
    static func local(_ file: [UInt8]) -> [uid_t: String] {
        var names: [uid_t: String] = [:]
        for line in file.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count > 3, !fields[0].isEmpty, let uid = uid_t(String(decoding: fields[2], as: UTF8.self))
            else { continue }
            if names[uid] == nil { names[uid] = String(decoding: fields[0], as: UTF8.self) }
        }
        return names
    }

    private static func ask(_ uid: uid_t) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return nil
        }
        return String(cString: name)
    }
}
