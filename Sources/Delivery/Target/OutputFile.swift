import CLinux
import Crypto
import Dispatch
import Glibc
import LinuxSystem
import Synchronization

/// A file that is written from front to end and hashed on the way, on a thread of its own. Little of it waits in the
/// kernel's memory: a recorder on the same machine must find its disk free.
final class OutputFile {
    private static let pieceBytes = 1 << 20
    /// Written and not yet on the disk, at most twice this.
    private static let windowBytes = 32 << 20

    let path: String
    private let descriptor: Int32
    private var piece: [UInt8] = []
    private(set) var bytes = 0
    private var windowStart = 0
    private let hasher = Hasher()

    /// A new file; one that is there is written over.
    init(_ path: String) throws {
        self.path = path
        descriptor = try FileDescriptorOwner.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644).take()
        piece.reserveCapacity(Self.pieceBytes)
    }

    deinit {
        close(descriptor)
    }

    func append(_ more: some Sequence<UInt8>) throws {
        piece.append(contentsOf: more)
        if piece.count >= Self.pieceBytes { try flush() }
    }

    private func flush() throws {
        guard !piece.isEmpty else { return }
        let full = piece
        piece = []
        piece.reserveCapacity(full.count)
        hasher.add(full)
        try full.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = write(descriptor, buffer.baseAddress! + done, buffer.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    throw SystemError(
                        code: errno, operation: "write", path: path,
                        advice: "Make room, or mend the disk, and run the same command again: it goes on where it was.")
                }
                done += count
            }
        }
        bytes += full.count
        if bytes - windowStart >= Self.windowBytes {
            // The window before has had its time; what is on the disk need not stay in memory.
            let before = max(0, windowStart - Self.windowBytes)
            _ = clinux_write_out(descriptor, Int64(before), Int64(windowStart - before), 1)
            posix_fadvise(descriptor, off_t(before), off_t(windowStart - before), Int32(POSIX_FADV_DONTNEED))
            _ = clinux_write_out(descriptor, Int64(windowStart), Int64(bytes - windowStart), 0)
            windowStart = bytes
        }
    }

    /// On the disk when it returns.
    func finish() throws -> (bytes: Int, xxh64: String, md5: String) {
        try flush()
        guard fsync(descriptor) == 0 else { throw SystemError(code: errno, operation: "flush", path: path) }
        posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED))
        let hashes = hasher.finish()
        return (bytes, hashes.xxh64, hashes.md5)
    }

    /// Two pieces may wait for it.
    private final class Hasher: Sendable {
        private struct State {
            var quick = XXHash64()
            var md5 = Insecure.MD5()
        }

        private let queue = DispatchQueue(label: "venuecast.delivery.hash")
        private let room = DispatchSemaphore(value: 2)
        private let state = Mutex(State())

        func add(_ piece: [UInt8]) {
            room.wait()
            queue.async { [self] in
                state.withLock { state in
                    piece.withUnsafeBytes {
                        state.quick.update($0)
                        state.md5.update(bufferPointer: $0)
                    }
                }
                room.signal()
            }
        }

        func finish() -> (xxh64: String, md5: String) {
            queue.sync { state.withLock { ($0.quick.text, $0.md5.finalize().hexadecimal) } }
        }
    }
}
