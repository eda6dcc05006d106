import Glibc
import LinuxSystem

/// Puts a bound socket where clients look for it, only once it has its mode and group: Hummingbird binds with the
/// umask's mode and removes whatever is at the path, so it binds in a directory that nobody else can enter.
struct SocketPlacement: Sendable {
    let configuration: SocketConfiguration
    /// A directory of mode 0700 beside the socket; its name is no longer than the socket's usually is.
    private let directory: String

    /// Where to bind.
    var privatePath: String { directory + "/s" }

    init(_ configuration: SocketConfiguration) throws {
        self.configuration = configuration
        let parent = configuration.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let base = parent.isEmpty ? "." : parent.joined(separator: "/")
        var template = Array("\(base)/.XXXXXX".utf8CString)
        guard
            let made = template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!).map { String(cString: $0) } })
        else {
            throw SystemError(
                code: errno, operation: "make a directory for a socket in", path: base,
                advice: "The run directory must exist and belong to the daemon.")
        }
        directory = made
        for path in [privatePath, configuration.path] where path.utf8.count > longestSocketPath {
            remove()
            throw SystemError(
                code: ENAMETOOLONG, operation: "use as the path of a socket", path: path,
                advice: "It has \(path.utf8.count) bytes and a socket's path at most \(longestSocketPath): "
                    + "choose a shorter run directory.")
        }
    }

    /// Sets group and mode and moves the socket into place. May ask a name service: keep it off the cooperative pool.
    func expose() throws {
        if let group = configuration.group {
            let id = try Self.groupID(group)
            if chown(privatePath, uid_t.max, id) != 0 {
                throw SystemError(
                    code: errno, operation: "give group \(group) the socket", path: configuration.path,
                    advice: "The daemon's user must be a member of that group.")
            }
        }
        // After chown, which would take bits away.
        if chmod(privatePath, configuration.mode) != 0 {
            throw SystemError(code: errno, operation: "set the mode of", path: configuration.path)
        }
        if rename(privatePath, configuration.path) != 0 {
            throw SystemError(code: errno, operation: "move a socket into place as", path: configuration.path)
        }
        rmdir(directory)
    }

    /// Takes the private directory away, if it is still there.
    func remove() {
        unlink(privatePath)
        rmdir(directory)
    }

    /// What is at the path now, to tell our own socket from a successor's.
    func identity() -> [UInt64]? {
        var status = stat()
        return lstat(configuration.path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
    }

    static func groupID(_ name: String) throws -> gid_t {
        if let number = gid_t(name) { return number }
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        let code = getgrnam_r(name, &entry, &buffer, buffer.count, &found)
        guard found != nil else {
            throw SystemError(
                code: code == 0 ? ENOENT : code, operation: "find the group \(name)",
                advice: "Create it (groupadd --system \(name)) or name another in the configuration.")
        }
        return entry.gr_gid
    }
}
