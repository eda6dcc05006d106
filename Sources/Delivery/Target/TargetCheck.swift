import CLinux
import Glibc
import LinuxSystem

/// Whether a delivery will fit, before anything is written.
enum TargetCheck {
    /// Of MS-DOS file systems (statfs(2)).
    private static let fat = 0x4D44
    /// FAT has 32 bits for a file's size.
    static let fatLimit = 4_294_967_295
    /// For directories, tables and the like.
    private static let reserve = 32 << 20

    struct Facts: Sendable, Equatable {
        var freeBytes: Int
        /// Of a file; nil: none that matters.
        var largestFile: Int?
        /// Of a name, UTF-8.
        var longestName: Int

        static func of(_ directory: String) throws -> Facts {
            var status = stat()
            guard stat(directory, &status) == 0 else {
                throw DeliveryError(
                    "\(directory) does not exist.", "\(directory) 不存在。",
                    next: "Mount the disk, or make the directory, and try again.", "请挂载磁盘或创建该目录后重试。")
            }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw DeliveryError(
                    "\(directory) is not a directory.", "\(directory) 不是目录。", next: "Name a directory.", "请指定一个目录。")
            }
            var facts = clinux_filesystem()
            let result = clinux_filesystem(directory, &facts)
            guard result == 0 else {
                throw SystemError(code: -result, operation: "ask for the room on", path: directory)
            }
            if facts.is_read_only != 0 || access(directory, W_OK) != 0 {
                throw DeliveryError(
                    "\(directory) cannot be written to.", "\(directory) 不可写。",
                    next:
                        "It is mounted read-only, or belongs to somebody else: name another one, or have that changed.",
                    "它以只读方式挂载，或属于其他用户：请另选目录，或更改权限。")
            }
            return Facts(
                freeBytes: Int(facts.free_bytes), largestFile: facts.kind == fat ? fatLimit : nil,
                longestName: facts.longest_name)
        }
    }

    /// - Parameters:
    ///   - files: what is still to be written, with its size.
    ///   - extra: bytes besides, of which no file is known beforehand.
    static func check(_ facts: Facts, target: String, files: [(path: String, bytes: Int)], extra: Int) throws {
        if let limit = facts.largestFile, let large = files.first(where: { $0.bytes > limit }) {
            throw DeliveryError(
                "\(large.path) will have \(large.bytes) bytes, and the file system of \(target) (FAT) takes 4 GiB at most.",
                "\(large.path) 将有 \(large.bytes) 字节，而 \(target) 的文件系统（FAT）单个文件最大 4 GiB。",
                next: "Use a disk with exFAT, NTFS or ext4; nothing was written.",
                "请使用 exFAT、NTFS 或 ext4 格式的磁盘；未写入任何内容。")
        }
        if let long = files.first(where: { path in
            path.path.split(separator: "/").contains { $0.utf8.count > facts.longestName }
        }) {
            throw DeliveryError(
                "The name \(long.path) is too long for \(target).", "文件名 \(long.path) 对 \(target) 来说太长。",
                next: "Use --ascii-names; nothing was written.", "请使用 --ascii-names；未写入任何内容。")
        }
        let needed = files.reduce(extra + reserve) { $0 + $1.bytes }
        guard needed <= facts.freeBytes else {
            throw DeliveryError(
                "\(target) has \(facts.freeBytes / 1_000_000) MB left, and \(needed / 1_000_000) MB are needed.",
                "\(target) 剩余 \(facts.freeBytes / 1_000_000) MB，需要 \(needed / 1_000_000) MB。",
                next: "Make room, or name another disk; nothing was written.", "请腾出空间或另选磁盘；未写入任何内容。")
        }
    }
}
