import Glibc

/// Which file it is, whatever its name. A socket's stays its own as long as anybody holds either end of a connection to it.
public struct FileIdentity: Sendable, Equatable {
    private let device: dev_t
    private let inode: ino_t

    /// Of what is at the path itself, a symbolic link included.
    public init(path: String) throws {
        var status = stat()
        if lstat(path, &status) != 0 { throw SystemError(code: errno, operation: "look at", path: path) }
        device = status.st_dev
        inode = status.st_ino
    }
}
