import CLinux
import Glibc

/// An exclusive lock on a file, held until the object or the process goes. The file stays: removing it would let two
/// processes hold "the" lock.
public final class LockFile: Sendable {
    public let path: String
    private let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Never waits.
    /// - Throws: `SystemError` with `EAGAIN` when another process holds it; names that process where it is known.
    public static func acquire(_ path: String) throws -> LockFile {
        let owner = try FileDescriptorOwner.open(path, O_RDWR | O_CREAT)
        let result = clinux_ofd_lock(owner.descriptor)
        if result == -EAGAIN || result == -EACCES {
            let holder = (try? Files.read(path, limit: 32)).flatMap { Int32(String(decoding: $0, as: UTF8.self)) }
            let name = holder.flatMap { ProcessFacts.isAlive($0) ? "process \($0)" : nil } ?? "another process"
            throw SystemError(
                code: EAGAIN, operation: "lock", path: path,
                advice: "Held by \(name): stop that one first, or wait until it has ended.")
        }
        _ = try SystemError.check(result, "lock", path: path)
        // An open file description's lock has no owner to ask for: the file says who.
        let text = Array(String(getpid()).utf8)
        ftruncate(owner.descriptor, 0)
        _ = pwrite(owner.descriptor, text, text.count, 0)
        return LockFile(path: path, descriptor: owner.take())
    }
}
