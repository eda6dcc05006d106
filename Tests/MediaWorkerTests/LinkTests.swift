import Foundation
import Glibc
import LinuxSystem
import Synchronization
import Testing
import TransportStream
import WorkerProtocol

@testable import MediaWorker

/// Links against real SRT peers.
@Suite(.timeLimit(.minutes(3)))
struct LinkTests {
    @Test func aCallerGetsAWholeStreamFromAKeyframe() async throws {
        try await LinkStage.run { stage in
            let asked = try stage.keyframeRequests()
            let port = try stage.freePort()
            let program = try await stage.program()
            let job = try await stage.link("srt://127.0.0.1:\(port)?mode=listener")
            try await eventually("listening") { job.report().isReady }
            #expect(job.link.connection == .waiting)
            #expect(job.has("no-caller"))
            // It joins in the middle, between keyframes.
            try await eventually("the programme runs") { program.keys >= 2 }

            let receiver = try stage.receiver("srt://127.0.0.1:\(port)?mode=caller")
            try await eventually("five seconds of pictures") { receiver.inspect().videoAccessUnits > 125 }
            let seen = receiver.inspect()
            #expect(seen.continuityErrors == 0)
            #expect(seen.tablesCameFirst == true)
            #expect(seen.firstVideoIsIDR == true)
            #expect(seen.timeOnlyGoesForward)
            #expect(receiver.firstPIDs(1) == [0])
            #expect(asked.count > 0)

            try await eventually("figures") {
                job.link.sendMbps != nil && job.link.queueingP99Ms != nil && job.link.bandwidthMbps != nil
            }
            let report = job.link
            #expect(report.connection == .connected)
            #expect(report.peer?.hasPrefix("127.0.0.1:") == true)
            #expect(report.negotiatedLatencyMs == 120)
            #expect(report.bytesSent > 0)
            #expect(report.reconnects == 0)
            #expect(report.reasons.isEmpty)
            #expect(report.connectedSince != nil)
            let progress = job.report().progress
            #expect(progress.output > 0 && progress.output <= progress.input)
        }
    }

    @Test func aReceiverPlaysOnWhileTheProgrammeRestarts() async throws {
        try await LinkStage.run { stage in
            let port = try stage.freePort()
            let first = try await stage.program()
            let job = try await stage.link("srt://127.0.0.1:\(port)?mode=listener")
            try await eventually("listening") { job.report().isReady }
            let receiver = try stage.receiver("srt://127.0.0.1:\(port)?mode=caller")
            try await eventually("pictures") { receiver.inspect().videoAccessUnits > 30 }

            first.stop()
            try await eventually("starved") { job.link.connection == .starved && job.has("starved") }
            let before = receiver.inspect().videoAccessUnits
            // Another muxer: other counters, a later time.
            _ = try await stage.program(startingAt: 31.4)
            try await eventually("pictures of the new one") { receiver.inspect().videoAccessUnits > before + 60 }
            try await eventually("connected") { job.link.connection == .connected }

            let seen = receiver.inspect()
            #expect(seen.continuityErrors == 0)
            #expect(seen.continuity.announcedDiscontinuities > 0)
            #expect(seen.timeOnlyGoesForward)
            #expect(job.link.reconnects == 0)
        }
    }

    /// A technician probes the venue's own address while its decoder is on air.
    @Test func whoLooksInCostsTheReceiverNothing() async throws {
        try await LinkStage.run { stage in
            let port = try stage.freePort()
            _ = try await stage.program()
            let job = try await stage.link("srt://127.0.0.1:\(port)?mode=listener")
            try await eventually("listening") { job.report().isReady }
            let receiver = try stage.receiver("srt://127.0.0.1:\(port)?mode=caller")
            try await eventually("pictures") { receiver.inspect().videoAccessUnits > 60 && job.link.sendMbps != nil }
            let peer = job.link.peer
            let begin = receiver.inspect()
            let visitor = try stage.receiver("srt://127.0.0.1:\(port)?mode=caller")
            try await eventually("the visitor has pictures") { visitor.inspect().videoAccessUnits > 50 }
            let end = receiver.inspect()
            #expect(end.continuity.announcedDiscontinuities == begin.continuity.announcedDiscontinuities)
            let passed = try #require(end.lastAccessUnit?.pts) - #require(begin.lastAccessUnit?.pts)
            #expect(end.videoAccessUnits - begin.videoAccessUnits == UInt64(passed / 3600), "every picture came")
            #expect(job.link.peer == peer && job.link.reconnects == 0)
            visitor.process.signal(SIGKILL)
            try await eventually("more pictures") { receiver.inspect().videoAccessUnits > end.videoAccessUnits + 50 }
            #expect(receiver.inspect().continuityErrors == 0 && job.link.reconnects == 0)
        }
    }

    @Test func aSecondReceiverTakesOverWhenTheFirstIsKilled() async throws {
        try await LinkStage.run { stage in
            let port = try stage.freePort()
            _ = try await stage.program()
            let job = try await stage.link("srt://127.0.0.1:\(port)?mode=listener")
            try await eventually("listening") { job.report().isReady }
            let first = try stage.receiver("srt://127.0.0.1:\(port)?mode=caller")
            try await eventually("pictures") { first.inspect().videoAccessUnits > 30 }
            first.process.signal(SIGKILL)
            let second = try stage.receiver("srt://127.0.0.1:\(port)?mode=caller")
            try await eventually("pictures again") { second.inspect().videoAccessUnits > 60 }
            let seen = second.inspect()
            #expect(seen.continuityErrors == 0)
            try await eventually("counted") { job.link.reconnects == 1 }
        }
    }

    @Test func callsAReceiverThatComesLater() async throws {
        try await LinkStage.run { stage in
            let port = try stage.freePort()
            _ = try await stage.program()
            let job = try await stage.link("srt://127.0.0.1:\(port)?mode=caller")
            try await eventually("told that nobody answers") { job.has("absent") }
            #expect(job.link.connection == .retrying)
            #expect(job.report().isReady)
            #expect(job.report().progress.input == 0)

            let receiver = try stage.receiver("srt://127.0.0.1:\(port)?mode=listener")
            try await eventually("pictures") { receiver.inspect().videoAccessUnits > 60 }
            try await eventually("connected") { job.link.connection == .connected }
            #expect(job.link.reasons.isEmpty)
            let seen = receiver.inspect()
            #expect(seen.continuityErrors == 0)
            #expect(seen.firstVideoIsIDR == true)
            #expect(seen.tablesCameFirst == true)

            receiver.process.signal(SIGKILL)
            try await eventually("noticed that it has gone") { job.has("absent") }
            let next = try stage.receiver("srt://127.0.0.1:\(port)?mode=listener")
            try await eventually("pictures again") { next.inspect().videoAccessUnits > 30 }
            try await eventually("counted") { job.link.reconnects == 1 }
        }
    }

    @Test func meetsAReceiverHalfway() async throws {
        try await LinkStage.run { stage in
            let port = try stage.freePort()
            let other = try stage.freePort()
            _ = try await stage.program()
            let job = try await stage.link(
                "srt://127.0.0.1:\(port)?mode=rendezvous&localaddress=127.0.0.1&localport=\(other)")
            let receiver = try stage.receiver(
                "srt://127.0.0.1:\(other)?mode=rendezvous&adapter=127.0.0.1&port=\(port)")
            try await eventually("pictures", within: .seconds(40)) { receiver.inspect().videoAccessUnits > 30 }
            #expect(job.link.connection == .connected)
            #expect(receiver.inspect().continuityErrors == 0)
        }
    }

    @Test func aFrozenReceiverIsToldApart() async throws {
        try await LinkStage.run { stage in
            let (port, otherPort) = (try stage.freePort(), try stage.freePort())
            _ = try await stage.program()
            let job = try await stage.link("srt://127.0.0.1:\(port)?mode=listener")
            let other = try await stage.link("srt://127.0.0.1:\(otherPort)?mode=listener")
            try await eventually("listening") { job.report().isReady && other.report().isReady }
            let receiver = try stage.receiver("srt://127.0.0.1:\(port)?mode=caller")
            let neighbour = try stage.receiver("srt://127.0.0.1:\(otherPort)?mode=caller")
            try await eventually("pictures") {
                receiver.inspect().videoAccessUnits > 30 && neighbour.inspect().videoAccessUnits > 30
            }
            #expect(!job.has("stalled"))
            receiver.process.signal(SIGSTOP)
            // SRT itself notices after 5 s, and then the reason is another one.
            try await eventually("told", within: .seconds(4)) { job.has("stalled") }
            #expect(job.link.connection == .connected)
            #expect(!other.has("stalled"))
            try await eventually("given up") { job.link.connection == .waiting }
            #expect(job.has("no-caller"))
            #expect(neighbour.inspect().continuityErrors == 0)
            #expect(other.link.reconnects == 0)

            receiver.process.signal(SIGKILL)
            let next = try stage.receiver("srt://127.0.0.1:\(port)?mode=caller")
            try await eventually("pictures again") { next.inspect().videoAccessUnits > 30 }
            #expect(next.inspect().firstVideoIsIDR == true)
        }
    }
}

extension LinkStage {
    /// Stands for the programme's control socket and counts what links ask of it.
    func keyframeRequests() throws -> RequestCounter {
        let counter = RequestCounter()
        let listener = try UnixListener.bind(path: programSocket, temporarySuffix: ".test") { descriptor, _ in
            let connection = LineConnection(descriptor: descriptor)
            Task {
                for try await line in connection.lines {
                    let request = try JSONDecoder().decode(WorkerRequest.self, from: Data(line))
                    if request.body == .requestKeyframe { counter.add() }
                    let answer = WorkerResponse(serial: request.serial, body: .done)
                    try connection.send(Array(try JSONEncoder().encode(answer)))
                }
            }
        }
        atEnd { listener.close() }
        return counter
    }
}

final class RequestCounter: Sendable {
    private let number = Mutex(0)
    var count: Int { number.withLock { $0 } }
    func add() { number.withLock { $0 += 1 } }
}
