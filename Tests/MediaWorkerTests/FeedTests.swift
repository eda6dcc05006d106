import GStreamer
import Glibc
import LinuxSystem
import Synchronization
import Testing

@testable import MediaWorker

/// A reader that tells what it saw, in order.
private final class Witness: FeedConsumer {
    enum Sight: Equatable, Sendable {
        case connected(String)
        case media(pts: UInt64, bytes: [UInt8], discontinuity: Bool)
        case disconnected
    }

    let sights: AsyncStream<Sight>
    private let continuation: AsyncStream<Sight>.Continuation

    init() {
        (sights, continuation) = AsyncStream<Sight>.makeStream()
    }

    func feedConnected(caps: String) { continuation.yield(.connected(caps)) }
    func feedReceived(_ header: FeedHeader, _ buffer: Buffer) {
        continuation.yield(
            .media(
                pts: header.pts, bytes: buffer.withBytes { Array($0.prefix(4)) },
                discontinuity: header.flags.contains(.discontinuity)))
    }
    func feedDisconnected() { continuation.yield(.disconnected) }
}

@Suite(.timeLimit(.minutes(1))) struct FeedTests {
    let directory: String

    init() throws {
        GStreamer.initialize()
        var template = Array("/tmp/vcfeed.XXXXXX".utf8CString)
        directory = String(cString: mkdtemp(&template))
    }

    private func server(
        _ instance: String = "0123456789", limit: Int = 1 << 20, policy: FeedQueue<FeedMessage>.Policy = .dropOldest
    ) -> FeedServer {
        FeedServer(path: "\(directory)/feed.sock", instance: instance, policy: policy, limitBytes: limit)
    }

    /// One that runs until it is stopped.
    private func reader() -> (FeedReader, AsyncStream<Witness.Sight>) {
        let witness = Witness()
        let reader = FeedReader(path: "\(directory)/feed.sock")
        reader.start(witness)
        return (reader, witness.sights)
    }

    private func send(_ server: FeedServer, _ number: UInt8, size: Int = 4, isKey: Bool = true) {
        let bytes = [UInt8](repeating: number, count: size)
        server.send(Buffer(bytes), flags: isKey ? .key : [], pts: UInt64(number), duration: 1, sentAt: 1)
    }

    @Test func aReaderFindsAFeedThatComesLaterAndLearnsItsEnd() async throws {
        let (reader, sights) = reader()
        defer { reader.stop() }
        let server = server()
        var seen = sights.makeAsyncIterator()
        for round in UInt8(1)...2 {
            try server.open(caps: "caps\(round)")
            #expect(await seen.next() == .connected("caps\(round)"))
            send(server, round)
            #expect(
                await seen.next()
                    == .media(pts: UInt64(round), bytes: [round, round, round, round], discontinuity: false))
            server.close()
            #expect(await seen.next() == .disconnected)
            #expect(!Files.exists("\(directory)/feed.sock"))
        }
    }

    @Test func aSlowReaderHurtsNobody() async throws {
        let server = server(limit: 4 << 20)
        try server.open(caps: "caps")
        // One that connects and never reads.
        let frozen = try connectUnix(path: "\(directory)/feed.sock")
        defer { close(frozen) }
        let (reader, sights) = reader()
        defer { reader.stop() }
        var seen = sights.makeAsyncIterator()
        #expect(await seen.next() == .connected("caps"))
        for number in UInt8(0)..<200 {
            send(server, number, size: 1 << 18)
            #expect(
                await seen.next()
                    == .media(pts: UInt64(number), bytes: [number, number, number, number], discontinuity: false))
        }
        server.close()
    }

    @Test func aStreamsReaderBeginsWithAKey() async throws {
        let server = server(policy: .dropToKey)
        try server.open(caps: "caps")
        let (reader, sights) = reader()
        defer { reader.stop() }
        var seen = sights.makeAsyncIterator()
        #expect(await seen.next() == .connected("caps"))
        send(server, 1, isKey: false)
        send(server, 2, isKey: true)
        send(server, 3, isKey: false)
        #expect(await seen.next() == .media(pts: 2, bytes: [2, 2, 2, 2], discontinuity: false))
        #expect(await seen.next() == .media(pts: 3, bytes: [3, 3, 3, 3], discontinuity: false))
        server.close()
    }

    @Test func aSuccessorTakesTheNameOver() async throws {
        let old = server()
        try old.open(caps: "old")
        let new = server("abcdefghij")
        try new.open(caps: "new")
        // The old one goes, and leaves what is no longer its own.
        old.close()
        let (reader, sights) = reader()
        defer { reader.stop() }
        var seen = sights.makeAsyncIterator()
        #expect(await seen.next() == .connected("new"))
        new.close()
    }

    /// What not even SIGKILL ends keeps its sockets open.
    @Test func aReaderLeavesAnAbandonedFeedForItsSuccessor() async throws {
        let abandoned = server()
        try abandoned.open(caps: "abandoned")
        let (reader, sights) = reader()
        defer { reader.stop() }
        var seen = sights.makeAsyncIterator()
        #expect(await seen.next() == .connected("abandoned"))
        let successor = server("abcdefghij")
        try successor.open(caps: "successor")
        #expect(await seen.next() == .disconnected)
        #expect(await seen.next() == .connected("successor"))
        send(successor, 7)
        #expect(await seen.next() == .media(pts: 7, bytes: [7, 7, 7, 7], discontinuity: false))
        abandoned.close()
        successor.close()
    }

    @Test func aReaderStaysWithAFeedThatIsMerelySilent() async throws {
        let server = server()
        try server.open(caps: "caps")
        let (reader, sights) = reader()
        defer { reader.stop() }
        var seen = sights.makeAsyncIterator()
        #expect(await seen.next() == .connected("caps"))
        // Past the time after which it looks; what is waited for is that nothing happens.
        try await Task.sleep(for: .milliseconds(FeedReader.patienceSeconds * 2500))
        send(server, 1)
        #expect(await seen.next() == .media(pts: 1, bytes: [1, 1, 1, 1], discontinuity: false))
        server.close()
    }
}
