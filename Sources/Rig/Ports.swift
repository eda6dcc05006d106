import Glibc
import LinuxSystem

/// A UDP port that nobody else uses, also no other test process: its number is locked for as long as this lives.
public final class Port: Sendable {
    public let number: Int
    private let lock: LockFile

    private init(number: Int, lock: LockFile) {
        self.number = number
        self.lock = lock
    }

    /// From a range below the kernel's own choice for outgoing sockets.
    public static func reserve() throws -> Port {
        let directory = "/tmp/venuecast-ports"
        try Files.ensureDirectory(directory, mode: 0o777)
        let first = Int.random(in: 0..<9000)
        for step in 0..<9000 {
            let number = 20_000 + (first + step) % 9000
            guard let lock = try? LockFile.acquire("\(directory)/\(number)"), isFree(number) else { continue }
            return Port(number: number, lock: lock)
        }
        throw RigError("no free UDP port between 20000 and 29000")
    }

    private static func isFree(_ number: Int) -> Bool {
        [Int32(SOCK_DGRAM.rawValue), Int32(SOCK_STREAM.rawValue)].allSatisfy { kind in
            let descriptor = socket(AF_INET, kind, 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(number).bigEndian
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }
    }
}
