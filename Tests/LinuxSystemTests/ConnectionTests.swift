import Glibc
import LinuxSystem
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    let scratch = Scratch()

    /// Closed when nobody holds it.
    private final class BareEnd: Sendable {
        private let owner: FileDescriptorOwner
        var descriptor: Int32 { owner.descriptor }

        init(_ descriptor: Int32) {
            owner = FileDescriptorOwner(owning: descriptor)
        }
    }

    /// A connection of ours, and the bare socket at its other end.
    private func pair(maximumLine: Int = 1 << 20) throws -> (LineConnection, BareEnd) {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw SystemError(code: errno, operation: "make a pair of sockets")
        }
        return (
            LineConnection(descriptor: ends[0], maximumLine: maximumLine), BareEnd(ends[1])
        )
    }

    private func put(_ text: String, _ descriptor: Int32) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            start += count
        }
    }

    private func get(_ descriptor: Int32, _ count: Int) -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
        return String(decoding: bytes.prefix(max(0, got)), as: UTF8.self)
    }

    @Test func linesComeWholeHoweverTheyAreCut() async throws {
        let (connection, other) = try pair()
        for piece in ["on", "e\ntwo\n\nth", "ree 中", "文\nrest without an end"] { put(piece, other.descriptor) }
        shutdown(other.descriptor, Int32(SHUT_WR))
        var lines: [String] = []
        for try await line in connection.lines { lines.append(String(decoding: line, as: UTF8.self)) }
        #expect(lines == ["one", "two", "", "three 中文"])
    }

    @Test func answersAndClosesAtTheOtherSidesEnd() async throws {
        let (connection, other) = try pair()
        try connection.send(Array("hello".utf8))
        #expect(get(other.descriptor, 6) == "hello\n")
        put("bye\n", other.descriptor)
        shutdown(other.descriptor, Int32(SHUT_WR))
        var count = 0
        for try await _ in connection.lines { count += 1 }
        #expect(count == 1)
        let error = #expect(throws: SystemError.self) { try connection.send([]) }
        #expect(error?.code == ENOTCONN)
    }

    @Test(arguments: [true, false]) func aLineThatIsTooLongEndsIt(_ hasEnd: Bool) async throws {
        let (connection, other) = try pair(maximumLine: 100)
        put("short\n" + String(repeating: "x", count: 101) + (hasEnd ? "\nnever\n" : ""), other.descriptor)
        var lines: [[UInt8]] = []
        let error = await #expect(throws: SystemError.self) {
            for try await line in connection.lines { lines.append(line) }
        }
        #expect(error?.code == EMSGSIZE && error?.description.contains("100 bytes") == true)
        #expect(lines == [Array("short".utf8)])
        #expect(get(other.descriptor, 1).isEmpty)
    }

    @Test func aReaderThatDoesNotReadCostsNobodyTime() async throws {
        let (connection, other) = try pair()
        let line = [UInt8](repeating: 1, count: 1 << 16)
        var sent = 0
        let error = #expect(throws: SystemError.self) {
            while sent < 1000 {
                try connection.send(line)
                sent += 1
            }
        }
        #expect(error?.code == ENOBUFS)
        // What the socket takes, and 4 MiB.
        #expect(sent >= 63 && sent < 200)
        // It is still there: who reads again gets everything that was taken on, whole.
        let wanted = sent * (line.count + 1)
        var got = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while got < wanted {
            let count = recv(other.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            got += count
        }
        #expect(got == wanted)
        try connection.send(Array("after".utf8))
        #expect(get(other.descriptor, 6) == "after\n")
    }

    @Test func aPeerThatFloodsIsCutOff() async throws {
        let (connection, other) = try pair()
        // Nobody iterates.
        let flood = String(repeating: "x\n", count: LineConnection.longestIncomingQueue + 100)
        put(flood, other.descriptor)
        #expect(get(other.descriptor, 1).isEmpty)
        var count = 0
        let error = await #expect(throws: SystemError.self) {
            for try await _ in connection.lines { count += 1 }
        }
        #expect(error?.code == ENOBUFS)
        #expect(count == LineConnection.longestIncomingQueue)
    }

    @Test func aPeerThatFloodsWithLongLinesIsCutOff() async throws {
        let (connection, other) = try pair()
        let line = String(repeating: "x", count: LineConnection.largestIncomingQueue / 8) + "\n"
        // Nobody iterates.
        put(String(repeating: line, count: 10), other.descriptor)
        shutdown(other.descriptor, Int32(SHUT_WR))
        #expect(get(other.descriptor, 1).isEmpty)
        var count = 0
        let error = await #expect(throws: SystemError.self) {
            for try await _ in connection.lines { count += 1 }
        }
        #expect(error?.code == ENOBUFS)
        #expect(count == 8)
    }

    @Test func whatWasTakenMakesRoom() async throws {
        let (connection, other) = try pair()
        let line = String(repeating: "x", count: LineConnection.largestIncomingQueue / 8) + "\n"
        var lines = connection.lines.makeAsyncIterator()
        for _ in 0..<20 {
            put(line, other.descriptor)
            #expect(try await lines.next()?.count == line.utf8.count - 1)
        }
    }

    @Test func closesWhenNobodyHoldsIt() async throws {
        var connection: LineConnection?
        let other: BareEnd
        (connection, other) = try pair()
        withExtendedLifetime(connection) {}
        connection = nil
        #expect(get(other.descriptor, 1).isEmpty)
    }

    @Test func closesWhenItsReaderIsCancelled() async throws {
        let (connection, other) = try pair()
        let reading = Task { for try await _ in connection.lines {} }
        reading.cancel()
        _ = try? await reading.value
        #expect(get(other.descriptor, 1).isEmpty)
    }

    // MARK: Listeners

    @Test func knowsWhoCalls() async throws {
        let path = scratch.file("socket")
        let peers = Mutex<[PeerCredentials]>([])
        let listener = try UnixListener.bind(path: path, temporarySuffix: ".new", mode: 0o640) { descriptor, peer in
            peers.withLock { $0.append(peer) }
            close(descriptor)
        }
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
        close(try connectUnix(path: path))
        try await eventually("it was let in") { peers.withLock { $0.count } == 1 }
        #expect(peers.withLock { $0 } == [PeerCredentials(pid: getpid(), uid: getuid(), gid: getgid())])
        #expect(try Files.list(scratch.path) == ["socket"])
        listener.close()
        #expect(!Files.exists(path))
        #expect(throws: SystemError.self) { try connectUnix(path: path) }
    }

    @Test func aSuccessorTakesTheNameAndKeepsIt() async throws {
        let path = scratch.file("socket")
        let old = try UnixListener.bind(path: path, temporarySuffix: ".a") { descriptor, _ in close(descriptor) }
        let met = Mutex(false)
        let new = try UnixListener.bind(path: path, temporarySuffix: ".b") { descriptor, _ in
            met.withLock { $0 = true }
            close(descriptor)
        }
        old.close()
        #expect(Files.exists(path))
        close(try connectUnix(path: path))
        try await eventually("the new one was met") { met.withLock { $0 } }
        new.close()
    }

    @Test func aPathThatIsTooLongIsAnError() {
        let path = "/tmp/" + String(repeating: "x", count: longestSocketPath)
        let error = #expect(throws: SystemError.self) {
            try UnixListener.bind(path: path, temporarySuffix: "") { descriptor, _ in close(descriptor) }
        }
        #expect(error?.code == ENAMETOOLONG && error?.advice?.contains("shorter") == true)
        #expect(throws: SystemError.self) { try connectUnix(path: path) }
    }

    @Test func talksInLinesOverAListener() async throws {
        let path = scratch.file("socket")
        let listener = try UnixListener.bind(path: path, temporarySuffix: ".new") { descriptor, _ in
            let connection = LineConnection(descriptor: descriptor)
            Task { for try await line in connection.lines { try connection.send(line.reversed()) } }
        }
        defer { listener.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let connection = try LineConnection.connect(path: path)
                    #expect(connection.peer?.uid == getuid())
                    var answers = connection.lines.makeAsyncIterator()
                    for round in 0..<20 {
                        let line = Array("\(number)-\(round)-abc".utf8)
                        try connection.send(line)
                        #expect(try await answers.next() == line.reversed())
                    }
                    connection.close()
                }
            }
            try await group.waitForAll()
        }
    }
}
