import LinuxSystem

/// A secret on its way from a file to an element; nothing else ever holds it.
enum Passphrase {
    /// Without the newline an editor leaves at the end.
    static func read(_ path: String) throws -> String {
        var bytes = try Files.read(path, limit: 4096)
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
        // SRT's own limits (libsrt, SRTO_PASSPHRASE).
        guard (10...79).contains(bytes.count), let text = String(validating: bytes, as: UTF8.self) else {
            throw PipelineFile.Failure(
                description: "\(path): a passphrase has 10 to 79 characters; this file's content has \(bytes.count).")
        }
        return text
    }
}
