import CLinux
import Glibc

/// Small files and directories. All of it may wait for a disk: keep it off the cooperative pool.
public enum Files {
    /// Writes a temporary file beside `path`, flushes it and renames it into place: a reader sees the old content or
    /// the new one, and never a part.
    /// - Parameter durably: also after a power cut it is the new one, once this returns.
    public static func writeAtomically(
        _ path: String, _ bytes: [UInt8], mode: mode_t = 0o600, durably: Bool = false
    ) throws {
        let temporary = "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).tmp"
        do {
            let owner = try FileDescriptorOwner.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
            try writeAll(owner.descriptor, bytes, path: path)
            // Past the umask.
            if fchmod(owner.descriptor, mode) != 0 { throw failure("set the mode of", path) }
            if fsync(owner.descriptor) != 0 { throw failure("flush", path) }
            if rename(temporary, path) != 0 { throw failure("move a file into place as", path) }
        } catch {
            unlink(temporary)
            throw error
        }
        if durably { try flushDirectory(directory(of: path)) }
    }

    /// Removes what `writeAtomically` left in a directory of processes that are gone. To be called before this one writes
    /// there.
    public static func removeUnfinished(in directory: String) {
        for name in (try? list(directory)) ?? [] {
            guard let writer = writer(ofTemporary: name) else { continue }
            // Our own number was another's before us.
            if writer == getpid() || !ProcessFacts.isAlive(writer) { unlink("\(directory)/\(name)") }
        }
    }

    /// Of `NAME.PID-NUMBER.tmp`; nil for any other name.
    private static func writer(ofTemporary name: String) -> pid_t? {
        let parts = name.split(separator: ".")
        guard parts.count >= 3, parts[parts.count - 1] == "tmp" else { return nil }
        let numbers = parts[parts.count - 2].split(separator: "-")
        guard numbers.count == 2, UInt32(numbers[1]) != nil else { return nil }
        return pid_t(numbers[0])
    }

    /// On the disk when it returns; whole lines, so that two at once do not mix.
    public static func append(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o640) throws {
        let owner = try FileDescriptorOwner.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: mode)
        try writeAll(owner.descriptor, bytes, path: path)
        if fsync(owner.descriptor) != 0 { throw failure("flush", path) }
    }

    /// - Parameter limit: bytes; a longer file is an error (`EFBIG`).
    public static func read(_ path: String, limit: Int = 1 << 20) throws -> [UInt8] {
        let owner = try FileDescriptorOwner.open(path, O_RDONLY)
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(limit + 1, 65_536))
        while true {
            let count = Glibc.read(owner.descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("read", path)
            }
            if count == 0 { return content }
            content.append(contentsOf: buffer[..<count])
            if content.count > limit {
                throw SystemError(
                    code: EFBIG, operation: "read", path: path, advice: "More than \(limit) bytes are not expected.")
            }
        }
    }

    /// Makes the directory, and those above it, where they are missing. The mode is set on the last one if it is new.
    public static func ensureDirectory(_ path: String, mode: mode_t = 0o700) throws {
        var status = stat()
        if stat(path, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR { return }
            throw SystemError(
                code: ENOTDIR, operation: "use as a directory", path: path, advice: "Move what is there out of the way."
            )
        }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try ensureDirectory(String(path[..<slash]), mode: mode)
        }
        if mkdir(path, mode) != 0, errno != EEXIST { throw failure("make the directory", path) }
        if chmod(path, mode) != 0 { throw failure("set the mode of", path) }
    }

    /// Removes a file; one that is not there is no error.
    public static func remove(_ path: String) throws {
        if unlink(path) != 0, errno != ENOENT { throw failure("remove", path) }
    }

    /// The names in a directory, without `.` and `..`, sorted; empty when the directory does not exist.
    public static func list(_ path: String) throws -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw failure("list the directory", path)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    public static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Bytes that whoever is not root may still write to the directory's disk; nil where nobody can tell.
    public static func freeBytes(_ directory: String) -> Int64? {
        var disk = statvfs()
        guard statvfs(directory, &disk) == 0 else { return nil }
        return Int64(disk.f_bavail) * Int64(disk.f_frsize)
    }

    /// Without this a new file's name may be gone after a power cut.
    public static func flushDirectory(_ path: String) throws {
        let owner = try FileDescriptorOwner.open(path, O_RDONLY | O_DIRECTORY)
        if fsync(owner.descriptor) != 0 { throw failure("flush", path) }
    }

    /// The one path that a directory has, absolute and without symbolic links, `.` and `..`.
    public static func resolve(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else { throw failure("find", path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The directory a path's last name is in.
    public static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func writeAll(_ descriptor: Int32, _ bytes: [UInt8], path: String) throws {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + start, $0.count - start) }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("write", path)
            }
            start += count
        }
    }

    private static func failure(_ operation: String, _ path: String) -> SystemError {
        SystemError(code: errno, operation: operation, path: path)
    }
}
