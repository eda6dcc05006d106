import CLinux
import Glibc

/// What lies below a directory, for those who must not see anything else: no `..`, no symbolic link and nothing else
/// leads out of it (openat2(2)). Everything here may wait for a disk.
public struct FileTree: Sendable {
    public let root: String

    public init(root: String) {
        self.root = root
    }

    /// A regular file, as it was when it was opened.
    public final class OpenFile: Sendable {
        public let bytes: Int
        /// Nanoseconds since 1970.
        public let modified: Int
        /// Of the file, not of its name: another file under the same name has another one.
        public let inode: UInt64
        private let descriptor: Int32

        fileprivate init(_ descriptor: Int32, _ status: stat) {
            self.descriptor = descriptor
            bytes = Int(status.st_size)
            modified = status.modifiedNanoseconds
            inode = UInt64(status.st_ino)
        }

        deinit {
            close(descriptor)
        }

        /// - Throws: also when there are fewer: the file was cut off after it was opened.
        public func read(at offset: Int, _ count: Int) throws -> [UInt8] {
            try [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
                try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
                done = count
            }
        }

        /// Fills all of it. Throws likewise.
        public func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
            var done = 0
            while done < buffer.count {
                let got = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
                if got < 0, errno == EINTR { continue }
                if got < 0 { throw SystemError(code: errno, operation: "read") }
                if got == 0 { throw SystemError(code: EIO, operation: "read on: the file was cut off") }
                done += got
            }
        }
    }

    public struct Entry: Sendable, Equatable {
        /// From the root, with `/`.
        public var path: String
        public var bytes: Int
        public var modified: Int
        public var inode: UInt64
    }

    /// - Parameter path: from the root.
    /// - Throws: `ENOENT` for anything but a regular file below the root.
    public func open(_ path: String) throws -> OpenFile {
        func missing(_ code: Int32) -> SystemError {
            SystemError(code: code, operation: "open", path: "\(root)/\(path)")
        }
        guard Self.isPlain(path) else { throw missing(ENOENT) }
        let directory = try FileDescriptorOwner.open(root, O_RDONLY | O_DIRECTORY)
        let result = clinux_open_beneath(directory.descriptor, path)
        guard result >= 0 else { throw missing([ELOOP, EXDEV, ENOTDIR, ENXIO].contains(-result) ? ENOENT : -result) }
        let owner = FileDescriptorOwner(owning: result)
        var status = stat()
        guard fstat(owner.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw missing(ENOENT) }
        return OpenFile(owner.take(), status)
    }

    /// Every regular file; hidden ones and what is behind links are left out.
    public func list() throws -> [Entry] {
        var result: [Entry] = []
        func add(_ relative: String) throws {
            for name in try Files.list(relative.isEmpty ? root : "\(root)/\(relative)") where !name.hasPrefix(".") {
                let path = relative.isEmpty ? name : "\(relative)/\(name)"
                var status = stat()
                guard lstat("\(root)/\(path)", &status) == 0 else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFDIR: try add(path)
                case S_IFREG:
                    result.append(
                        Entry(
                            path: path, bytes: Int(status.st_size), modified: status.modifiedNanoseconds,
                            inode: UInt64(status.st_ino)))
                default: break
                }
            }
        }
        try add("")
        return result
    }

    /// Without `..`, empty parts, NUL and hidden names.
    public static func isPlain(_ path: String) -> Bool {
        !path.isEmpty && !path.utf8.contains(0)
            && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !$0.isEmpty && !$0.hasPrefix(".")
            }
    }
}

extension stat {
    fileprivate var modifiedNanoseconds: Int { st_mtim.tv_sec * 1_000_000_000 + st_mtim.tv_nsec }
}
