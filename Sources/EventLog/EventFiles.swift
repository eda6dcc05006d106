import Foundation
import Glibc
import LinuxSystem
import VenuecastModel

/// The files of a log's directory. All of it may wait for a disk.
struct EventFiles: Sendable {
    let directory: String
    /// Bytes of a file at most, before the next is begun.
    static let fileLimit = 16 << 20
    /// What is read at once: more than a file can have.
    private static let readLimit = 64 << 20

    /// In the order of the chain.
    func names() throws -> [EventFileName] {
        try Files.list(directory).compactMap(EventFileName.init).sorted { $0.firstId < $1.firstId }
    }

    func path(_ name: EventFileName) -> String { "\(directory)/\(name.text)" }

    func read(_ name: EventFileName) throws -> [UInt8] {
        try Files.read(path(name), limit: Self.readLimit)
    }

    func check() throws -> EventLogReport {
        var check = ChainCheck()
        let names = try names()
        for name in names { check.read(try read(name), file: name.text, isLast: name == names.last) }
        check.finish()
        return EventLogReport(
            directory: directory, files: names.count, events: check.events, firstId: check.firstId,
            lastId: check.lastId, headHash: check.hash, findings: check.findings)
    }

    /// The lines of a file that are events, in order.
    static func lines(_ bytes: [UInt8]) -> [EventLine] {
        bytes.split(separator: UInt8(ascii: "\n")).dropFirst().compactMap { EventLine(reading: $0) }
    }
}

extension EventLogReport {
    /// Reads a whole log, also while a daemon writes it.
    /// - Parameter directory: `events` in the state directory.
    /// - Throws: SystemError when it cannot be read.
    public static func verify(_ directory: String) throws -> EventLogReport {
        try EventFiles(directory: directory).check()
    }
}

/// The file that is written to. Belongs to one queue.
struct EventFileWriter {
    let files: EventFiles
    private var file: (name: EventFileName, descriptor: Int32, size: Int)?

    init(files: EventFiles) {
        self.files = files
    }

    /// Goes on with a file that was there.
    mutating func resume(_ name: EventFileName, at size: Int) throws {
        let owner = try FileDescriptorOwner.open(files.path(name), O_WRONLY)
        // What is behind is a torn line.
        if ftruncate(owner.descriptor, off_t(size)) != 0 {
            throw SystemError(code: errno, operation: "cut a torn line off", path: files.path(name))
        }
        file = (name, owner.take(), size)
    }

    /// Whether a next event of that day begins a new file.
    func isDone(on day: String) -> Bool {
        guard let file else { return true }
        var status = stat()
        let isGone = fstat(file.descriptor, &status) != 0 || status.st_nlink == 0
        return isGone || file.name.day != day || file.size >= EventFiles.fileLimit
    }

    /// The next file; the one before is closed.
    mutating func begin(_ header: EventFileHeader, day: String) throws {
        try Files.ensureDirectory(files.directory, mode: 0o700)
        let name = EventFileName(firstId: header.firstId, day: day)
        // One that was begun and got no event is begun again.
        let owner = try FileDescriptorOwner.open(files.path(name), O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        let bytes = header.bytes + [UInt8(ascii: "\n")]
        try Self.write(owner.descriptor, bytes, at: 0, files.path(name))
        close()
        file = (name, owner.take(), bytes.count)
        try Files.flushDirectory(files.directory)
    }

    /// On the disk when it returns. What was written in part is written over by the next try.
    mutating func append(_ bytes: [UInt8]) throws {
        guard let file else { throw SystemError(code: EBADF, operation: "write events to", path: files.directory) }
        try Self.write(file.descriptor, bytes, at: file.size, files.path(file.name))
        if fdatasync(file.descriptor) != 0 {
            throw SystemError(code: errno, operation: "flush", path: files.path(file.name))
        }
        self.file?.size += bytes.count
    }

    mutating func close() {
        if let file { _ = Glibc.close(file.descriptor) }
        file = nil
    }

    private static func write(_ descriptor: Int32, _ bytes: [UInt8], at offset: Int, _ path: String) throws {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress! + start, $0.count - start, off_t(offset + start))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError(code: errno, operation: "write events to", path: path)
            }
            start += count
        }
    }
}
