import Crypto
import LinuxSystem

/// Checksums of one content, those that are asked for.
struct FileHash {
    /// As ASC MHL names them.
    enum Kind: String, Sendable, CaseIterable {
        case xxh64, md5, sha1, c4
    }

    private var quick: XXHash64?
    private var md5: Insecure.MD5?
    private var sha1: Insecure.SHA1?
    private var sha512: SHA512?

    init(_ kinds: Set<Kind>) {
        if kinds.contains(.xxh64) { quick = XXHash64() }
        if kinds.contains(.md5) { md5 = Insecure.MD5() }
        if kinds.contains(.sha1) { sha1 = Insecure.SHA1() }
        if kinds.contains(.c4) { sha512 = SHA512() }
    }

    mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            quick?.update(bytes)
            md5?.update(bufferPointer: bytes)
            sha1?.update(bufferPointer: bytes)
            sha512?.update(bufferPointer: bytes)
        }
    }

    func finish() -> [Kind: String] {
        var result: [Kind: String] = [:]
        result[.xxh64] = quick?.text
        result[.md5] = md5.map { $0.finalize().hexadecimal }
        result[.sha1] = sha1.map { $0.finalize().hexadecimal }
        result[.c4] = sha512.map { C4.identifier(digest: Array($0.finalize())) }
        return result
    }
}
