import FoundationEssentials
import Glibc
import LinuxSystem
import VenuecastModel

/// What is left to do when a delivery has its name: writing down, beside the recording, that it was made.
struct Handover {
    let recording: String
    let finished: String

    /// An earlier run has given it its name, and ended before it could say so.
    static func isUnsaid(_ request: DeliveryRequest, _ name: String) -> Bool {
        let staging = Staging.path(request.target, name)
        return Files.exists("\(request.target)/\(name)") && Files.exists(staging) && !Files.exists("\(staging)/folder")
    }

    /// Once, whoever runs it how often. Not everybody who may read a recording may write beside it.
    /// - Returns: why it could not be written down.
    func note(now: Int) -> String? {
        do {
            let chain = "\(MediaHashList.folder)/\(MediaHashList.chain)"
            let hash = try DeliveredFile.hashing("\(finished)/\(chain)", as: chain).xxh64
            let path = "\(recording)/\(DeliveryMark.file)"
            let lines = Files.exists(path) ? try Files.read(path, limit: 64 << 20).split(separator: 0x0A) : []
            let last = lines.last.flatMap { try? JSONDecoder().decode(DeliveryMark.self, from: Data($0)) }
            if let last, last.chainXXH64 == hash, last.to == finished { return nil }
            let files = try FileTree(root: finished).list()
            let mark = DeliveryMark(
                at: Documents.utc(now), by: Self.user(),
                delivery: finished.split(separator: "/").last.map(String.init) ?? "",
                to: finished, files: files.count, bytes: files.reduce(0) { $0 + $1.bytes }, chainXXH64: hash)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            // After a line that was cut off.
            let start: [UInt8] = lines.isEmpty || last != nil ? [] : [0x0A]
            try Files.append(path, start + Array(encoder.encode(mark)) + [0x0A], mode: 0o644)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// The one who logged in, `sudo` or not.
    private static func user() -> String {
        let login = (try? Files.read("/proc/self/loginuid", limit: 64)).flatMap {
            uid_t(String(decoding: $0, as: UTF8.self))
        }
        let uid = login.flatMap { $0 == .max ? nil : $0 } ?? getuid()
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return "uid \(uid)"
        }
        return String(cString: name)
    }
}
