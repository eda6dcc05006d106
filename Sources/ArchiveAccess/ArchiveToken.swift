import Crypto
import Foundation
import Glibc
import LinuxSystem

/// A secret that opens the archive, known by its digest alone.
public struct ArchiveToken: Sendable {
    public let name: String
    private let digest: SHA256Digest

    public static let lengths = 16...512

    init(name: String, secret: [UInt8]) {
        self.name = name
        digest = SHA256.hash(data: secret)
    }

    /// Takes as long whatever it is: digests are compared, and all of each (swift-crypto compares them in constant time).
    func isOpened(by secret: [UInt8]) -> Bool { digest == SHA256.hash(data: secret) }

    public func isSame(as other: ArchiveToken) -> Bool { digest == other.digest }

    /// Reads the one line that it is. Blocks.
    public static func load(_ setting: ArchiveSettings.Token) throws(ArchiveFault) -> ArchiveToken {
        ArchiveToken(name: setting.name, secret: try secret(in: setting.file))
    }

    /// A file with a token in it: one line of visible ASCII, and nobody else's. Blocks.
    public static func secret(in file: String) throws(ArchiveFault) -> [UInt8] {
        var bytes: [UInt8]
        do {
            var status = stat()
            guard stat(file, &status) == 0 else { throw SystemError(code: errno, operation: "read", path: file) }
            guard status.st_mode & 0o077 == 0 else {
                throw ArchiveFault("the token in \(file) is open to others than its owner", "run chmod 600 \(file)")
            }
            bytes = try Files.read(file, limit: 4096)
        } catch let fault as ArchiveFault {
            throw fault
        } catch {
            throw ArchiveFault("\(error)", "correct the path, or let this user own the file")
        }
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        guard lengths.contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ArchiveFault(
                "\(file) holds no token: one line of \(lengths.lowerBound) to \(lengths.upperBound) letters and digits",
                "make one: (umask 077; head -c 32 /dev/urandom | base64 > \(file))")
        }
        return bytes
    }
}

/// The two ways in which a token comes: `Bearer`, and as the password that a browser asks for.
enum Authorization {
    static func secret(_ header: String) -> [UInt8]? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let value = parts[1].drop { $0 == " " }
        switch parts[0].lowercased() {
        case "bearer": return Array(value.utf8)
        case "basic":
            guard let pair = Data(base64Encoded: String(value)), let colon = pair.firstIndex(of: UInt8(ascii: ":"))
            else {
                return nil
            }
            return Array(pair[(colon + 1)...])
        default: return nil
        }
    }
}
