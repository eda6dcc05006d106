import Dispatch
import Glibc
import LinuxSystem

/// A client without manners: a bare socket. Everything on a queue, nothing on the cooperative pool.
final class RawConnection: Sendable {
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "raw")

    convenience init(_ path: String) throws {
        self.init(descriptor: try connectUnix(path: path))
    }

    /// On loopback.
    convenience init(port: Int) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Late(description: "a connection to \(port): errno \(errno)") }
        self.init(descriptor: descriptor)
    }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
        // The deadline of every wait here.
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    /// - Returns: false when the other side is gone.
    /// - Throws: when it neither reads nor goes for half a minute.
    @discardableResult
    func send(_ text: String) async throws -> Bool {
        let code: Int32 = await withCheckedContinuation { done in
            queue.async { [descriptor] in
                let bytes = Array(text.utf8)
                let count = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                done.resume(returning: count == bytes.count ? 0 : count < 0 ? errno : EAGAIN)
            }
        }
        if code == EAGAIN { throw Late(description: "neither read nor closed") }
        return code == 0
    }

    /// What has come.
    /// - Throws: when nothing comes, or the other side is gone.
    func receive() async throws -> String {
        let text: String? = await withCheckedContinuation { done in
            queue.async { [descriptor] in
                var buffer = [UInt8](repeating: 0, count: 65_536)
                let count = recv(descriptor, &buffer, buffer.count, 0)
                done.resume(returning: count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil)
            }
        }
        guard let text else { throw Late(description: "nothing comes any more") }
        return text
    }

    /// Everything until the other side closes; nil when it does not within half a minute.
    func readToEnd() async -> String? {
        await withCheckedContinuation { done in
            queue.async { [descriptor] in
                var content: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while true {
                    let count = recv(descriptor, &buffer, buffer.count, 0)
                    if count < 0, errno == EAGAIN { return done.resume(returning: nil) }
                    if count <= 0 { return done.resume(returning: String(decoding: content, as: UTF8.self)) }
                    content.append(contentsOf: buffer[..<count])
                }
            }
        }
    }
}
