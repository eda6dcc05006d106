import Glibc
import LinuxSystem

/// A file that is read, at any place.
final class SourceFile: Sendable {
    let path: String
    let size: Int
    private let descriptor: Int32
    private let state: State

    private struct State: Equatable {
        var bytes: off_t
        var modified: [Int]

        init(_ status: stat) {
            bytes = status.st_size
            modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        }
    }

    init(_ path: String) throws {
        self.path = path
        descriptor = try FileDescriptorOwner.open(path, O_RDONLY).take()
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw SystemError(code: EINVAL, operation: "read", path: path, advice: "It is not a file.")
        }
        size = Int(status.st_size)
        state = State(status)
    }

    deinit {
        close(descriptor)
    }

    /// Fewer than asked for at the end of the file.
    func read(at offset: Int, _ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            done = 0
            while done < count {
                let got = pread(descriptor, buffer.baseAddress! + done, count - done, off_t(offset + done))
                if got < 0, errno == EINTR { continue }
                if got < 0 { throw SystemError(code: errno, operation: "read", path: path) }
                if got == 0 { return }
                done += got
            }
        }
    }

    /// Whether somebody has written to it since it was opened.
    var hasChanged: Bool {
        var status = stat()
        return fstat(descriptor, &status) != 0 || State(status) != state
    }

    /// Whether somebody writes it: recorders hold a lock on what they write.
    var isBeingWritten: Bool {
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else {
            flock(descriptor, LOCK_UN)
            return false
        }
        return errno == EWOULDBLOCK
    }

    enum Habit { case fromFrontToEnd, hereAndThere }

    /// Here and there: reading ahead would fetch what nobody wants.
    func expect(_ habit: Habit) {
        posix_fadvise(
            descriptor, 0, 0, Int32(habit == .hereAndThere ? POSIX_FADV_RANDOM : POSIX_FADV_SEQUENTIAL))
    }

    /// It is not wanted again soon: the room in memory is somebody else's.
    func forget() {
        posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED))
    }
}
