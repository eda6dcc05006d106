import Glibc
import LinuxSystem

/// Host names and ports, asked of the system.
enum NetworkAddress {
    enum Lookup: Sendable, Equatable {
        /// As a number.
        case found(String)
        /// What the resolver says.
        case failed(String)
    }

    /// Asks the resolver on a thread of its own: it may take many seconds.
    static func resolve(_ host: String) async -> Lookup {
        if let numeric = lookUp(host, flags: AI_NUMERICHOST) { return numeric }
        return await withCheckedContinuation { continuation in
            MediaThread.start("resolver") { continuation.resume(returning: lookUp(host, flags: 0)!) }
        }
    }

    /// Whether another program has the UDP port. SRT's own sockets would share it, so that two of them would both
    /// believe in it.
    static func isInUse(_ address: String, _ port: UInt16) -> Bool {
        var isUsed = false
        _ = withAddresses(address, port: String(port), flags: AI_NUMERICHOST | AI_NUMERICSERV) { first in
            let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            let descriptor = socket(first.ai_family, kind, 0)
            guard descriptor >= 0 else { return }
            isUsed = bind(descriptor, first.ai_addr, first.ai_addrlen) != 0 && errno == EADDRINUSE
            close(descriptor)
        }
        return isUsed
    }

    enum Answer: Sendable, Equatable {
        /// Something listens.
        case yes
        /// The machine is there, and nothing listens.
        case no
        case none
    }

    /// Whether something listens on a TCP port.
    static func knock(_ host: String, _ port: UInt16, within milliseconds: Int32 = 2000) async -> Answer {
        await withCheckedContinuation { continuation in
            MediaThread.start("knock") {
                var answer = Answer.none
                _ = withAddresses(host, port: String(port), flags: AI_NUMERICSERV) { first in
                    answer = knock(first, milliseconds)
                }
                continuation.resume(returning: answer)
            }
        }
    }

    private static func knock(_ address: addrinfo, _ milliseconds: Int32) -> Answer {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.ai_family, kind, 0)
        guard descriptor >= 0 else { return .none }
        defer { close(descriptor) }
        var code = connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno
        if code == EINPROGRESS {
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&wait, 1, milliseconds) == 1 else { return .none }
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        }
        return code == 0 ? .yes : code == ECONNREFUSED ? .no : .none
    }

    /// Nil when only numbers were asked for and it is a name.
    private static func lookUp(_ host: String, flags: Int32) -> Lookup? {
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = withAddresses(host, port: nil, flags: flags) { first in
            _ = getnameinfo(
                first.ai_addr, first.ai_addrlen, &name, socklen_t(name.count), nil, 0, Int32(NI_NUMERICHOST))
        }
        if code == 0 {
            return .found(String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        if code == EAI_NONAME, flags & AI_NUMERICHOST != 0 { return nil }
        return .failed(String(cString: gai_strerror(code)))
    }

    private static func withAddresses(
        _ host: String, port: String?, flags: Int32, _ body: (addrinfo) -> Void
    ) -> Int32 {
        var hints = addrinfo()
        hints.ai_flags = flags
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, port, &hints, &list)
        if code == 0, let list {
            body(list.pointee)
            freeaddrinfo(list)
        }
        return code
    }
}
