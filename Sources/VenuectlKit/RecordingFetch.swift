import ControlClient
import Delivery
import Foundation
import Glibc
import LinuxSystem
import NIOCore
import Synchronization
import VenuecastModel

/// Gets a delivery from the daemon's archive: each file under a name of its own until it is whole, from where it was broken
/// off. What is there already is not fetched again; whether it is right is shown by reading everything at the end.
struct RecordingFetch: Sendable {
    private static let attempts = 5

    let client: ControlClient
    let session: String
    let directory: String
    let onProgress: @Sendable (DeliveryProgress) -> Void

    private var base: String { "/v1/recordings/\(Asker.component(session))" }

    /// - Parameter delivery: which of several; nil: the only one there is.
    /// - Returns: where it is.
    func run(_ delivery: String?) async throws -> String {
        let files = try await client.get("\(base)/files", as: [RecordingFile].self)
        let name = try choose(delivery, files)
        let wanted = files.filter { $0.path.hasPrefix("\(name)/") }
        guard wanted.allSatisfy({ FileTree.isPlain($0.path) }) else {
            throw ControlClientError.notUnderstood(
                path: client.socket, detail: "a file's path leads out of its directory")
        }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw DeliveryError(
                "\(directory) is not a directory.", "\(directory) 不是目录。",
                next: "Mount the disk, or make the directory, and try again.", "请挂载磁盘或创建该目录后重试。")
        }
        let lock = try LockFile.acquire("\(directory)/.\(name).fetching")
        defer { unlink(lock.path) }
        let progress = FetchProgress(total: wanted.reduce(0) { $0 + $1.bytes }, tell: onProgress)
        for file in wanted { try await fetch(file, progress) }
        return "\(directory)/\(name)"
    }

    private func choose(_ delivery: String?, _ files: [RecordingFile]) throws -> String {
        let names = files.compactMap { file -> String? in
            let parts = file.path.split(separator: "/")
            return parts.count == 3 && parts[1] == "ascmhl" && parts[2] == "ascmhl_chain.xml" ? String(parts[0]) : nil
        }
        if let delivery, names.contains(delivery) { return delivery }
        if delivery == nil, names.count == 1 { return names[0] }
        if names.isEmpty {
            throw DeliveryError(
                "There is no delivery of \(session) to fetch.", "没有可获取的 \(session) 交付包。",
                next: "Have `venuectl recording deliver \(session)` run there first, without --to.",
                "请先在那边执行 venuectl recording deliver \(session)，不带 --to。")
        }
        throw DeliveryError(
            "There are several deliveries of \(session).", "\(session) 有多个交付包。",
            next: "Name one with --delivery: \(names.joined(separator: ", ")).",
            "请用 --delivery 指定：\(names.joined(separator: "、"))。")
    }

    private func fetch(_ file: RecordingFile, _ progress: FetchProgress) async throws {
        let path = "\(directory)/\(file.path)"
        if Self.size(path) == file.bytes { return progress.skip(file.bytes) }
        if let slash = path.lastIndex(of: "/") { try Files.ensureDirectory(String(path[..<slash]), mode: 0o755) }
        let part = try PartialFile(path)
        progress.skip(part.bytes)
        let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._"))
        let encoded = file.path.split(separator: "/")
            .map { $0.addingPercentEncoding(withAllowedCharacters: plain) ?? "" }.joined(separator: "/")
        var attempt = 0
        while !part.isWhole {
            do {
                try await client.download(
                    "\(base)/files/\(encoded)", from: part.bytes, etag: part.etag,
                    onHead: { try part.begin($0) },
                    onBytes: { bytes in
                        try part.append(bytes)
                        progress.advance(bytes.count, file.path)
                    })
            } catch ControlClientError.brokenOff(let path) {
                attempt += 1
                guard attempt < Self.attempts else { throw ControlClientError.brokenOff(path: path) }
                try await Task.sleep(for: .milliseconds(100 << attempt))
            }
        }
        try part.finish()
    }

    private static func size(_ path: String) -> Int? {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }
}

private final class FetchProgress: Sendable {
    private let meter: Mutex<ProgressMeter>
    private let tell: @Sendable (DeliveryProgress) -> Void

    init(total: Int, tell: @escaping @Sendable (DeliveryProgress) -> Void) {
        meter = Mutex(ProgressMeter(total: total))
        self.tell = tell
    }

    func skip(_ bytes: Int) { meter.withLock { $0.skip(bytes) } }

    func advance(_ bytes: Int, _ file: String) {
        if let progress = meter.withLock({ $0.advance(bytes, file: file) }) { tell(progress) }
    }
}

/// `NAME.part` and, beside it, which content it is a part of.
private final class PartialFile: Sendable {
    private struct State {
        var bytes: Int
        var etag: String?
        var total: Int?
    }

    private let path: String
    private let descriptor: Int32
    private let state: Mutex<State>

    init(_ path: String) throws {
        self.path = path
        descriptor = try FileDescriptorOwner.open("\(path).part", O_RDWR | O_CREAT, mode: 0o644).take()
        let etag = (try? Files.read("\(path).part.etag", limit: 4096)).map { String(decoding: $0, as: UTF8.self) }
        // A part of nobody knows what is none.
        if etag == nil { ftruncate(descriptor, 0) }
        state = Mutex(State(bytes: Int(lseek(descriptor, 0, SEEK_END)), etag: etag))
    }

    deinit {
        close(descriptor)
    }

    var bytes: Int { state.withLock { $0.bytes } }
    var etag: String? { state.withLock { $0.etag } }
    var isWhole: Bool { state.withLock { $0.total == $0.bytes } }

    func begin(_ head: ControlClient.FileHead) throws {
        try state.withLock { state in
            state.total = head.totalBytes
            if head.status == 206, head.firstByte == state.bytes, head.etag == state.etag { return }
            // Everything was there, and the last run ended before it could say so.
            if head.status == 416, head.totalBytes == state.bytes { return }
            // From the beginning: it is another content, or we are at the wrong place in it.
            state.bytes = 0
            state.etag = head.status == 200 ? head.etag : nil
            guard ftruncate(descriptor, 0) == 0 else { throw failure("cut off") }
            try Files.remove("\(path).part.etag")
            guard head.status == 200 else { throw ControlClientError.brokenOff(path: path) }
            if let etag = head.etag { try Files.writeAtomically("\(path).part.etag", Array(etag.utf8), mode: 0o644) }
        }
    }

    func append(_ more: ByteBufferView) throws {
        try state.withLock { state in
            try more.withUnsafeBytes { buffer in
                var done = 0
                while done < buffer.count {
                    let count = pwrite(
                        descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(state.bytes + done))
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { throw failure("write") }
                    done += count
                }
            }
            state.bytes += more.count
        }
    }

    /// Under its name, on the disk.
    func finish() throws {
        guard fsync(descriptor) == 0 else { throw failure("flush") }
        guard rename("\(path).part", path) == 0 else { throw failure("rename") }
        try Files.remove("\(path).part.etag")
    }

    private func failure(_ operation: String) -> SystemError {
        SystemError(
            code: errno, operation: operation, path: "\(path).part",
            advice: "Make room, or mend the disk, and run the same command again: it goes on where it was.")
    }
}
