import FoundationEssentials
import Glibc
import LinuxSystem

/// Where a delivery grows until it is whole: a directory beside its place, with a journal of what is done. Whatever ends
/// the work, the next run finds what is done and goes on with the rest.
///
///     .20121126_S1.delivering/lock       held while somebody works on it
///                            /journal    what is done: a line of JSON for each
///                            /folder/    becomes 20121126_S1 in the end
final class Staging {
    /// Something that a run has done, which the next one need not do again while it would do the same.
    struct Done: Codable, Equatable {
        /// What the file was made from and how; another key, and it is made again.
        var key: String
        var file: DeliveredFile
    }

    private struct Entry: Codable {
        var began: Int?
        var done: Done?
        var finding: Finding?
    }

    /// What was found out about the source while it was read.
    struct Finding: Codable, Equatable {
        var segment: String
        /// Of the frames that cannot be had; empty: all are there, and are not what was recorded.
        var missing: [Int]
        var cause: String
    }

    let target: String
    let name: String
    /// Seconds since 1970, of the first run.
    let began: Int
    private(set) var done: [String: Done] = [:]
    private(set) var findings: [Finding] = []
    private let lock: LockFile
    private let journal: Int32

    static func path(_ target: String, _ name: String) -> String { "\(target)/.\(name).delivering" }
    private var path: String { Self.path(target, name) }
    var folder: String { "\(path)/folder" }
    var finished: String { "\(target)/\(name)" }

    /// Takes hold of it; nobody else can then.
    /// - Parameter isFinishing: the delivery has its name already.
    init(target: String, name: String, now: Int, isFinishing: Bool = false) throws {
        self.target = target
        self.name = name
        let path = Self.path(target, name)
        if mkdir(path, 0o755) != 0, errno != EEXIST {
            throw SystemError(
                code: errno, operation: "write to", path: target,
                advice: "Name another directory, or have this one made writable; nothing was written.")
        }
        do {
            lock = try LockFile.acquire("\(path)/lock")
        } catch let error as SystemError where error.code == EAGAIN {
            throw DeliveryError(
                "Somebody is delivering \(name) to \(target) at the moment. \(error.advice ?? "")",
                "\(name) 正在被交付到 \(target)。", next: "Nothing was written.", "未写入任何内容。")
        }
        // Another run may have completed it between our look and our lock.
        if !isFinishing, Files.exists("\(target)/\(name)") {
            unlink("\(path)/journal")
            unlink("\(path)/lock")
            rmdir(path)
            throw Self.taken(target, name)
        }
        if !isFinishing { try Files.ensureDirectory("\(path)/folder", mode: 0o755) }
        let text = (try? Files.read("\(path)/journal", limit: 64 << 20)) ?? []
        var first: Int?
        for line in text.split(separator: UInt8(ascii: "\n")) {
            // The last line may have been cut off.
            guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line)) else { continue }
            first = first ?? entry.began
            if let one = entry.done { done[one.file.path] = one }
            if let finding = entry.finding { findings.append(finding) }
        }
        began = first ?? now
        journal = try FileDescriptorOwner.open("\(path)/journal", O_WRONLY | O_CREAT | O_APPEND, mode: 0o644).take()
        // After a line that was cut off.
        try write([UInt8(ascii: "\n")])
        if first == nil { try note(Entry(began: now)) }
    }

    deinit {
        close(journal)
    }

    static func taken(_ target: String, _ name: String) -> DeliveryError {
        DeliveryError(
            "\(target)/\(name) is there already.", "\(target)/\(name) 已经存在。",
            next: "Check it with `venuectl recording verify`, or move it away; nothing was written.",
            "请用 venuectl recording verify 校验，或将其移走；未写入任何内容。")
    }

    /// What an unfinished delivery holds, as sizes by path; without taking hold of it.
    static func sizes(_ target: String, _ name: String) -> [String: Int] {
        let text = (try? Files.read("\(path(target, name))/journal", limit: 64 << 20)) ?? []
        var sizes: [String: Int] = [:]
        for line in text.split(separator: UInt8(ascii: "\n")) {
            guard let one = (try? JSONDecoder().decode(Entry.self, from: Data(line)))?.done else { continue }
            sizes[one.file.path] = one.file.bytes
        }
        return sizes
    }

    /// What was made under this path for the same reason, if it is still there.
    func existing(_ path: String, key: String) -> DeliveredFile? {
        guard let one = done[path], one.key == key else { return nil }
        var status = stat()
        guard stat("\(folder)/\(path)", &status) == 0, Int(status.st_size) == one.file.bytes else { return nil }
        return one.file
    }

    /// Where a file is written before it is there.
    func part(_ path: String) throws -> String {
        if let slash = path.lastIndex(of: "/") { try Files.ensureDirectory("\(folder)/\(path[..<slash])", mode: 0o755) }
        return "\(folder)/\(path).part"
    }

    /// It is whole: gives it its name, and remembers it.
    func complete(_ file: DeliveredFile, key: String) throws {
        guard rename("\(folder)/\(file.path).part", "\(folder)/\(file.path)") == 0 else {
            throw SystemError(code: errno, operation: "move a file into place as", path: "\(folder)/\(file.path)")
        }
        try Self.syncDirectory(of: "\(folder)/\(file.path)")
        let one = Done(key: key, file: file)
        done[file.path] = one
        try note(Entry(done: one))
    }

    func remember(_ finding: Finding) throws {
        findings.append(finding)
        try note(Entry(finding: finding))
    }

    /// Removes whatever is not in the list: what an earlier run made and this one does not.
    func keepOnly(_ paths: Set<String>) throws {
        func clear(_ relative: String) throws {
            for name in try Files.list("\(folder)/\(relative)") {
                let path = relative.isEmpty ? name : "\(relative)/\(name)"
                var status = stat()
                guard lstat("\(folder)/\(path)", &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR {
                    try clear(path)
                    rmdir("\(folder)/\(path)")
                } else if !paths.contains(path) {
                    try Files.remove("\(folder)/\(path)")
                }
            }
        }
        try clear("")
    }

    /// The folder takes its place, whole.
    func publish() throws {
        try Self.syncDirectory(of: "\(folder)/x")
        guard rename(folder, finished) == 0 else {
            throw SystemError(code: errno, operation: "move the delivery into place as", path: finished)
        }
        try Self.syncDirectory(of: finished)
    }

    /// Nothing is left to be done.
    func clear() {
        unlink("\(path)/journal")
        unlink("\(path)/lock")
        rmdir(path)
    }

    private func note(_ entry: Entry) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try write(Array(encoder.encode(entry)) + [UInt8(ascii: "\n")])
        guard fsync(journal) == 0 else { throw SystemError(code: errno, operation: "flush", path: "\(path)/journal") }
    }

    private func write(_ bytes: [UInt8]) throws {
        guard Glibc.write(journal, bytes, bytes.count) == bytes.count else {
            throw SystemError(
                code: errno == 0 ? ENOSPC : errno, operation: "write", path: "\(path)/journal",
                advice: "Make room, and run the same command again: it goes on where it was.")
        }
    }

    /// A new name is on the disk only once its directory is. Some file systems (FAT) refuse; theirs is as good as it gets.
    private static func syncDirectory(of path: String) throws {
        do {
            try Files.flushDirectory(Files.directory(of: path))
        } catch let error as SystemError where error.code == EINVAL {}
    }
}
