import Crypto
import Foundation
import LinuxSystem
import WorkerProtocol

/// Names what a worker runs: a keyed digest over its specification and the content of the secrets it reads, so that a
/// new passphrase under the old path is noticed, and the digest gives nothing of it away.
struct SpecificationDigest: Sendable {
    let key: [UInt8]

    /// Lower-case hexadecimal HMAC-SHA256.
    func of(_ specification: WorkerSpecification) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: key))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Plain values only: cannot fail.
        code.update(data: (try? encoder.encode(specification)) ?? Data())
        if let path = specification.passphraseFile {
            // One that cannot be read is the worker's to complain about, in its venue's reasons.
            let content = try? Files.read(path, limit: 65_536)
            code.update(data: [content == nil ? 0 : 1] + (content ?? []))
        }
        return code.finalize().map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}

extension WorkerSpecification {
    fileprivate var passphraseFile: String? {
        switch role {
        case .input(let input): input.passphraseFile
        case .link(let link): link.passphraseFile
        case .program: nil
        }
    }
}
