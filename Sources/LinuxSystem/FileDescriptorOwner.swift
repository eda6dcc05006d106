import CLinux
import Glibc

/// Closes its descriptor when it goes, unless it was given away with `take`.
public struct FileDescriptorOwner: ~Copyable, Sendable {
    public let descriptor: Int32

    public init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Opens with `O_CLOEXEC`.
    public static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws -> FileDescriptorOwner {
        FileDescriptorOwner(
            owning: try SystemError.check(clinux_open(path, flags, mode), "open", path: path))
    }

    deinit {
        _ = Glibc.close(descriptor)
    }

    /// Hands the descriptor to a new owner.
    public consuming func take() -> Int32 {
        let descriptor = descriptor
        discard self
        return descriptor
    }
}
