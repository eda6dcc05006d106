import Foundation
import Glibc
import LinuxSystem
import Logging
import Sessions

/// The trail of presses on disk: a JSON object a line, each one safe before anybody is told. All of it may wait for the
/// disk; used by one queue.
final class JournalFile {
    let path: String
    private let logger: Logger
    private(set) var isLoaded = false
    /// Where the next line begins; nil: nobody has looked yet.
    private var length: off_t?

    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    /// What is there. A line that was torn by a crash was never acknowledged, and is cut off; damage in the middle is set
    /// aside, and what can be read counts.
    /// - Throws: it cannot be read at all; nothing is appended to what nobody has read.
    func load() throws -> [JournalEntry] {
        let entries = Files.exists(path) ? try read() : []
        isLoaded = true
        return entries
    }

    private func read() throws -> [JournalEntry] {
        let bytes = try Files.read(path, limit: 256 << 20)
        let whole = (bytes.lastIndex(of: 0x0A) ?? -1) + 1
        let lines = bytes[..<whole].split(separator: 0x0A, omittingEmptySubsequences: true)
        let entries = lines.map { try? JSONDecoder().decode(JournalEntry.self, from: Data($0)) }
        if whole < bytes.count {
            logger.warning(
                "the last line of the sessions' journal was torn and does not count", metadata: ["path": "\(path)"])
        }
        let read = entries.compactMap { $0 }
        if read.count < entries.count {
            try setAside(bytes, damaged: entries.count - read.count)
            let text = try read.map { try Self.line($0) }.joined()
            try Files.writeAtomically(path, Array(text), mode: 0o600)
            length = off_t(text.count)
        } else {
            length = off_t(whole)
        }
        return read
    }

    private func setAside(_ bytes: [UInt8], damaged: Int) throws {
        let place = "\(path).damaged"
        logger.error(
            "lines of the sessions' journal cannot be read; what is there is set aside, and the others count",
            metadata: ["path": "\(path)", "lines": "\(damaged)", "copiedTo": "\(place)"])
        try Files.writeAtomically(place, bytes, mode: 0o600)
    }

    /// On disk when it returns; else nothing of it is.
    func append(_ entry: JournalEntry) throws {
        let line = try Self.line(entry)
        let isNew = !Files.exists(path)
        let owner = try FileDescriptorOwner.open(path, O_WRONLY | O_CREAT)
        let descriptor = owner.descriptor
        let start = isNew ? 0 : length ?? lseek(descriptor, 0, SEEK_END)
        do {
            // What an append that was given up has left.
            try check(ftruncate(descriptor, start))
            var done = 0
            while done < line.count {
                let count = line.withUnsafeBytes {
                    pwrite(descriptor, $0.baseAddress! + done, line.count - done, start + off_t(done))
                }
                if count < 0, errno == EINTR { continue }
                try check(Int32(clamping: count))
                done += count
            }
            try check(fdatasync(descriptor))
            if isNew { try Files.flushDirectory(Files.directory(of: path)) }
        } catch {
            _ = ftruncate(descriptor, start)
            throw error
        }
        previous = start
        length = start + off_t(line.count)
    }

    private var previous: off_t?

    /// The last line was given up meanwhile: it must not count after a restart.
    func takeBack() {
        guard let previous else { return }
        // Where what follows fails the next append does it.
        length = previous
        guard let owner = try? FileDescriptorOwner.open(path, O_WRONLY) else { return }
        if ftruncate(owner.descriptor, previous) == 0 { _ = fdatasync(owner.descriptor) }
    }

    private func check(_ result: Int32) throws {
        if result < 0 { throw SystemError(code: errno, operation: "write", path: path) }
    }

    private static func line(_ entry: JournalEntry) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(entry)) + [0x0A]
    }
}
