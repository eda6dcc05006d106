import Crypto
import Foundation
import LinuxSystem
import Supervision
import WorkerProtocol

/// Names what a worker runs, so that a difference is noticed: its specification, the content of the files that
/// specification names, and the program. Digests of content are keyed: they give nothing of a secret away.
struct WorkerDigests: Sendable {
    let key: [UInt8]
    /// Of the worker's program; see `programBuild`.
    let program: String
    /// Pipeline files in here belong to the program: a changed one makes a worker outdated, and restarts nothing.
    let shippedPipelines: String?

    /// Reads the files: may wait for a disk.
    func desired(_ specification: WorkerSpecification) -> DesiredWorker {
        let isShipped = shippedPipelines.map { specification.pipelineFile.hasPrefix("\($0)/") } ?? false
        let own = isShipped ? [] : [specification.pipelineFile]
        var contents: [String: String] = [:]
        for path in own + specification.filesRead { contents[path] = content(path) }
        let pipeline = isShipped ? ".\(content(specification.pipelineFile).prefix(8))" : ""
        return DesiredWorker(
            specification: specification, contents: contents, digest: digest(specification, contents),
            build: program + pipeline)
    }

    /// Lower-case hexadecimal HMAC-SHA256; of a file that cannot be read, `unreadable`: that is its worker's to
    /// complain about.
    private func content(_ path: String) -> String {
        guard let bytes = try? Files.read(path, limit: 64 << 20) else { return "unreadable" }
        return HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key)).hexadecimal
    }

    private func digest(_ specification: WorkerSpecification, _ contents: [String: String]) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: key))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Plain values only: cannot fail.
        code.update(data: (try? encoder.encode(specification)) ?? Data())
        code.update(data: (try? encoder.encode(contents)) ?? Data())
        return code.finalize().hexadecimal
    }

    /// The first half of the SHA-256 of a program's file: its version as nobody can forget to change it.
    static func programBuild(_ path: String) -> String {
        guard let bytes = try? Files.read(path, limit: 512 << 20) else { return "unreadable" }
        return String(SHA256.hash(data: bytes).hexadecimal.prefix(16))
    }
}

extension WorkerSpecification {
    /// Files whose content counts as part of it.
    fileprivate var filesRead: [String] {
        switch role {
        case .input(let input): [input.passphraseFile].compactMap { $0 }
        case .link(let link): [link.passphraseFile].compactMap { $0 }
        case .program(let program): program.slates.compactMap(\.image)
        case .recorder, .confidence: []
        }
    }
}
