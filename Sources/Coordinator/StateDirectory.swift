import Foundation
import Glibc
import LinuxSystem
import Logging

/// What the daemon keeps from one run to the next. Everything here may wait for a disk.
struct StateDirectory: Sendable {
    let path: String
    let logger: Logger

    private var intents: String { "\(path)/intents.json" }
    private var key: String { "\(path)/digest.key" }
    private static let keyBytes = 32

    /// A file that cannot be read is set aside, and nothing counts as asked for: the day must go on.
    func loadIntents() -> Intents {
        guard Files.exists(intents) else { return Intents() }
        do {
            return try JSONDecoder().decode(Intents.self, from: Data(Files.read(intents)))
        } catch {
            setAside(intents, because: "\(error)")
            return Intents()
        }
    }

    /// On disk when it returns.
    func save(_ value: Intents) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try Files.writeAtomically(intents, Array(encoder.encode(value)), mode: 0o600, durably: true)
    }

    /// The key of all digests: made once, random, for the owner alone.
    func digestKey() throws -> [UInt8] {
        if Files.exists(key) {
            let bytes = try Files.read(key, limit: 4096)
            if bytes.count == Self.keyBytes { return bytes }
            setAside(key, because: "it has \(bytes.count) bytes and not \(Self.keyBytes)")
        }
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<Self.keyBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        try Files.writeAtomically(key, bytes, mode: 0o600, durably: true)
        return bytes
    }

    private func setAside(_ file: String, because cause: String) {
        let place = "\(file).unreadable"
        logger.error(
            "a file of the state directory cannot be used; set aside",
            metadata: ["path": "\(file)", "cause": "\(cause)", "movedTo": "\(place)"])
        rename(file, place)
    }
}
