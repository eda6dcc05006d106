import Foundation
import Glibc
import LinuxSystem
import Rig
import Testing

/// That the bad line does what it is told.
@Suite(.timeLimit(.minutes(1))) struct NetworkRelayTests {
    /// Numbered datagrams from the target to a client; which of them came, in which order.
    private func pass(_ count: Int, faults: NetworkRelay.Faults, seed: UInt64) async throws -> (came: [Int], ms: Double)
    {
        let (front, target, client) = (try Port.reserve(), try Port.reserve(), try Port.reserve())
        let relay = try NetworkRelay(front: front.number, target: target.number, faults: faults, seed: seed)
        defer { relay.stop() }
        let server = try bound(target.number)
        let caller = try bound(client.number)
        defer {
            close(server)
            close(caller)
        }
        // The call makes the way back.
        var answer: (port: Int, bytes: [UInt8])?
        for _ in 0..<400 where answer == nil {
            send(caller, [1], to: front.number)
            answer = receive(server, within: 50)
        }
        let back = try #require(answer).port
        let start = MonotonicInstant.now
        var came: [Int] = []
        var first: Double?
        func read(within milliseconds: Int32) {
            while let (_, bytes) = receive(caller, within: milliseconds) {
                first = first ?? start.duration(to: .now).inSeconds * 1000
                if bytes.count == 2 { came.append(Int(bytes[0]) << 8 | Int(bytes[1])) }
            }
        }
        for number in 0..<count {
            send(server, [UInt8(number >> 8), UInt8(number & 255)], to: back)
            usleep(200)
            // A socket holds some hundreds.
            read(within: 0)
        }
        read(within: 500)
        return (came, first ?? .infinity)
    }

    @Test func passesEverythingInOrderAfterItsDelay() async throws {
        let (came, ms) = try await pass(500, faults: .init(delayMs: 120), seed: 1)
        #expect(came == Array(0..<500))
        #expect(ms >= 100)
    }

    @Test func losesWhatItIsTold() async throws {
        let faults = NetworkRelay.Faults(lossPercent: 10)
        let first = try await pass(2000, faults: faults, seed: 7).came
        #expect((150...250).contains(2000 - first.count))
        #expect(first == first.sorted())
    }

    @Test func reordersAndLimits() async throws {
        let mixed = try await pass(1000, faults: .init(reorderPercent: 5, reorderMs: 5), seed: 3).came
        #expect(mixed.count == 1000 && mixed != mixed.sorted())
        // 24 ms for each of 30 bytes with their head.
        let narrow = try await pass(2000, faults: .init(rateKbps: 10), seed: 3).came
        #expect(narrow.count > 3 && narrow.count < 1500)
    }

    private func bound(_ port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard withAddress(port, { bind(descriptor, $0, $1) }) == 0 else { throw RigError("bind: errno \(errno)") }
        return descriptor
    }

    private func send(_ descriptor: Int32, _ bytes: [UInt8], to port: Int) {
        withAddress(port) { address, length in _ = sendto(descriptor, bytes, bytes.count, 0, address, length) }
    }

    private func receive(_ descriptor: Int32, within milliseconds: Int32) -> (port: Int, bytes: [UInt8])? {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, milliseconds) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 2048)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
            }
        }
        return count < 0 ? nil : (Int(in_port_t(bigEndian: address.sin_port)), Array(buffer[..<count]))
    }

    private func withAddress<Result>(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
