import Foundation

/// What is asked of the files a configuration names. A file's content is never part of an answer.
enum PlainFile {
    /// - Returns: the cause why it cannot be used, or nil.
    static func fault(_ path: String) -> SRTAddress.Fault? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return errno == ENOENT
                ? .init(cause: "there is no file \(path)", nextStep: "put it there, or correct the path")
                : .init(
                    cause: "\(path) cannot be looked at (\(String(cString: strerror(errno))))",
                    nextStep: "give this user access to it and to the directories above it")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return .init(cause: "\(path) is not a file", nextStep: "name a file")
        }
        guard access(path, R_OK) == 0 else {
            return .init(
                cause: "\(path) cannot be read by this user", nextStep: "let the user venuecastd runs as own it")
        }
        return nil
    }

    /// At most `limit` bytes from the beginning.
    static func beginning(_ path: String, _ limit: Int) -> [UInt8]? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        return (try? handle.read(upToCount: limit)).flatMap { $0 }.map(Array.init) ?? []
    }

    static func slateFault(_ path: String) -> SRTAddress.Fault? {
        if let fault = fault(path) { return fault }
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        guard beginning(path, signature.count) == signature else {
            return .init(cause: "\(path) is not a PNG image", nextStep: "save the picture as PNG")
        }
        return nil
    }

    /// SRT takes 10 to 79 bytes; one newline at the end, which an editor leaves, is not counted.
    static func passphraseFault(_ path: String) -> SRTAddress.Fault? {
        if let fault = fault(path) { return fault }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 == 0 else {
            return .init(
                cause: "the passphrase in \(path) is open to others than its owner", nextStep: "run chmod 600 \(path)")
        }
        guard var bytes = beginning(path, 4096) else {
            return .init(cause: "\(path) cannot be read", nextStep: "let the user venuecastd runs as own it")
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard (10...79).contains(bytes.count) else {
            return .init(
                cause: "the passphrase in \(path) has \(bytes.count < 4094 ? "\(bytes.count)" : "too many") bytes, "
                    + "and SRT takes 10 to 79",
                nextStep: "write one of that length into it, on both sides of the link")
        }
        guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(where: { $0 < 0x20 }) else {
            return .init(
                cause: "the passphrase in \(path) is not one line of text", nextStep: "write one line of text into it")
        }
        return nil
    }

    /// For what is signed with it: 16 bytes at least, and nobody else's.
    static func secretFault(_ path: String) -> SRTAddress.Fault? {
        if let fault = fault(path) { return fault }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 == 0 else {
            return .init(
                cause: "the secret in \(path) is open to others than its owner", nextStep: "run chmod 600 \(path)")
        }
        guard let bytes = beginning(path, 4097), (16...4096).contains(bytes.count) else {
            return .init(
                cause: "the secret in \(path) has not 16 to 4096 bytes",
                nextStep: "make one: head -c 32 /dev/urandom | base64 > \(path)")
        }
        return nil
    }

    static func absolute(_ path: String, from directory: String) -> String {
        URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: directory, isDirectory: true)).standardized.path
    }
}
