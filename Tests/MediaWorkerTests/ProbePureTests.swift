import GStreamer
import LinuxSystem
import Testing
import TransportStream
import WorkerProtocol

@testable import MediaWorker

@Suite struct ProbePureTests {
    private static let second: Int64 = 1_000_000_000
    private static let request = ProbeRequest(
        address: "x", latencyMs: 200, seconds: 10, patienceSeconds: 5, pipelines: "")

    private func decision(
        _ now: Int64, awaitsCaller: Bool = false, _ edit: (inout ProbeReception.Facts) -> Void = { _ in }
    ) -> ProbeDecision {
        var facts = ProbeReception.Facts()
        edit(&facts)
        return ProbeDecision(
            facts, Self.request, name: "here:1", awaitsCaller: awaitsCaller, startedAt: 0, now: now * Self.second)
    }

    private func code(_ decision: ProbeDecision) -> String {
        switch decision {
        case .goesOn: "goes on"
        case .complete: "complete"
        case .over(let reason): reason.code
        }
    }

    @Test func waitsForTheFirstPacketAndNoLonger() {
        #expect(code(decision(5)) == "goes on")
        #expect(code(decision(6)) == "nothing-arrives")
        #expect(code(decision(6, awaitsCaller: true)) == "no-caller")
    }

    @Test func looksForAsLongAsItWasAsked() {
        func facts(_ facts: inout ProbeReception.Facts) {
            (facts.firstAt, facts.lastAt, facts.bytes, facts.packets) = (
                20 * Self.second, 29 * Self.second, 500_000, 2600
            )
        }
        #expect(code(decision(29, facts)) == "goes on")
        #expect(code(decision(30, facts)) == "complete")
    }

    @Test func tellsWhatIsNoStreamFromOneWithErrors() {
        for (broken, expected) in [(0, "goes on"), (1000, "goes on"), (2600, "not-a-transport-stream")]
            as [(UInt64, String)]
        {
            #expect(
                code(
                    decision(3) { facts in
                        (facts.firstAt, facts.lastAt, facts.bytes) = (2 * Self.second, 3 * Self.second, 500_000)
                        (facts.packets, facts.broken) = (2600, broken)
                    }) == expected)
        }
        // A little of it is not judged before its time.
        func little(_ facts: inout ProbeReception.Facts) {
            (facts.firstAt, facts.lastAt, facts.bytes) = (2 * Self.second, 2 * Self.second, 200)
        }
        #expect(code(decision(3, little)) == "goes on")
        #expect(code(decision(6, little)) == "not-a-transport-stream")
    }

    @Test func saysWhyItStopped() {
        #expect(
            code(
                decision(20) { facts in
                    (facts.firstAt, facts.lastAt, facts.bytes) = (11 * Self.second, 12 * Self.second, 500_000)
                    facts.packets = 2600
                }) == "stopped")
        #expect(code(decision(1) { $0.failure = .probe(closed: "x") }) == "closed")
    }

    @Test func addressesAreToldApart() throws {
        #expect(try ProbeAddress("udp://239.1.1.1:5000") == .udp(host: "239.1.1.1", port: 5000))
        #expect(try ProbeAddress("udp://@:5000") == .udp(host: "0.0.0.0", port: 5000))
        #expect(try ProbeAddress("udp://[::1]:5000") == .udp(host: "::1", port: 5000))
        #expect(try ProbeAddress("file:///x.ts") == .file("/x.ts"))
        #expect(try ProbeAddress("/x.ts") == .file("/x.ts"))
        guard case .srt(let address) = try ProbeAddress("srt://10.1.1.1:7101?mode=caller") else {
            Issue.record("no SRT address")
            return
        }
        #expect(address.mode == .caller)
        for wrong in [
            "udp://x", "udp://x:0", "udp://x:70000", "http://x/y", "srt://x", "srt://x:1?passphrase=secret-secret",
        ] {
            let refusal = #expect(throws: ProbeRefusal.self, "\(wrong)") { try ProbeAddress(wrong) }
            #expect(refusal?.reason.code == "unusable-address")
            // A secret is not repeated, and Chinese is not English behind a few words.
            for text in [refusal?.reason.text ?? "", refusal?.reason.textZh ?? ""] {
                #expect(!text.isEmpty && !text.contains("secret"))
            }
            #expect(refusal.map { !$0.reason.textZh.contains($0.reason.text) } == true)
        }
        // Whatever else is wrong with it.
        let refusal = #expect(throws: ProbeRefusal.self) { try ProbeAddress("srt://x?passphrase=secret-secret") }
        #expect(refusal?.reason.text.contains("secret-secret") == false)
    }

    @Test func whatThePipelineGaveUpForIsSaidForAProbe() throws {
        func reason(_ address: String, _ text: String, _ debug: String) throws -> Reason {
            .probe(
                Message.Problem(text: text, debug: debug, domain: "gst-resource-error-quark", code: 13),
                try ProbeAddress(address))
        }
        let place = "gstudpsrc.c(1600): gst_udpsrc_open (): /GstPipeline:p/GstUDPSrc:source:\n"
        let unbound = try reason(
            "udp://10.99.99.99:5000", "Could not get/set settings from/on resource.",
            place + "bind failed: Error binding to address 10.99.99.99:5000: Cannot assign requested address")
        #expect(unbound.code == "cannot-bind" && unbound.text.contains("10.99.99.99:5000"))
        #expect(unbound.textZh.contains("10.99.99.99:5000") && !unbound.text.contains("gstudpsrc"))
        #expect(try reason("srt://10.99.99.99:1?mode=listener", "Cannot bind to 10", "").code == "cannot-bind")
        #expect(try reason("srt://10.1.1.1:1", "Something else", "").code == "probe-failed")
        #expect(try reason("srt://10.1.1.1:1", "Connection timeout", "").code == "absent")
    }

    @Test func aFaultThatHasPassedWasOne() {
        func finding(_ reason: Reason, _ seconds: Double) -> Finding {
            Finding(reason: reason, seconds: seconds, limitSeconds: 10)
        }
        var collection = FindingCollection()
        collection.add([finding(.black, 11), finding(.silentContent, 20)])
        collection.add([finding(.black, 12)])
        collection.add([])
        collection.add([finding(.black, 10)])
        #expect(collection.all == [finding(.black, 12), finding(.silentContent, 20)])
    }

    @Test func aJumpInAFileIsNotWaitedFor() {
        var time = StreamTime()
        func pass(_ pts: [Int64]) { for value in pts { time.note(value) } }
        // As they are decoded: two of three pictures refer to one that is shown later.
        for group in 0..<25 as Range<Int64> {
            let first = group * 10_800
            pass([first, first + 7200, first + 3600])
        }
        #expect(abs(time.seconds - 2.96) < 0.001)
        // Ten hours of the stream's clock, forward and back.
        pass([10 * 3600 * 90_000, 10 * 3600 * 90_000 + 45_000])
        #expect(abs(time.seconds - 4.46) < 0.001)
        pass([0, 45_000])
        #expect(abs(time.seconds - 4.96) < 0.001)
    }
}

/// Pictures that carry the time at which they were made, received over a line of 500 ms, on clocks that a test sets.
@Suite struct DelayMeterTests {
    private struct Line {
        var meter = DelayMeter()
        var monotonic: Int64 = 1_000_000_000_000
        var boot: Int64 = 1_000_000_000_000
        /// The receiver's, and the sender's: nanoseconds since 1970.
        var wall: Int64 = 1_353_045_600_000_000_000
        var sender: Int64 = 1_353_045_600_000_000_000
        private var counter: UInt8 = 0

        /// One picture and 40 ms.
        mutating func picture(delayMs: Int64 = 500, drift: Int64 = 0) {
            let stamp = PrecisionTimeStamp(microseconds: UInt64((sender - delayMs * 1_000_000) / 1000), status: 0x9F)
            let unit: [UInt8] = [0, 0, 0, 1, 9, 0x10] + stamp.annexB + [0, 0, 0, 1, 0x65, 1, 2, 3]
            let pes: [UInt8] = [0, 0, 1, 0xE0, 0, 0, 0x80, 0, 0] + unit
            var bytes = counter == 0 ? Self.tables : []
            var packet: [UInt8] = [0x47, 0x41, 0x00, 0x30 | counter & 15]
            let room = 188 - 4 - pes.count
            packet += [UInt8(room - 1), 0] + [UInt8](repeating: 0xFF, count: room - 2) + pes
            bytes += packet
            counter = counter % 15 + 1
            let clocks = ClockReading(monotonic: monotonic, boot: boot, wall: wall)
            bytes.withUnsafeBytes { meter.take($0, at: clocks) }
            monotonic += 40_000_000
            boot += 40_000_000
            wall += 40_000_000 + drift
            sender += 40_000_000
        }

        var report: ProbeReport {
            var report = ProbeReport()
            meter.record.fill(&report, at: monotonic)
            return report
        }

        /// A PAT and a PMT with H.264 in PID 256.
        private static let tables: [UInt8] = {
            func packet(_ pid: UInt16, _ body: [UInt8]) -> [UInt8] {
                let crc = body.withUnsafeBytes { crc32MPEG($0) }
                let table =
                    [0] + body + [UInt8(crc >> 24), UInt8(crc >> 16 & 255), UInt8(crc >> 8 & 255), UInt8(crc & 255)]
                return [0x47, 0x40 | UInt8(pid >> 8), UInt8(pid & 255), 0x10] + table
                    + [UInt8](repeating: 0xFF, count: 184 - table.count)
            }
            return packet(0, [0, 0xB0, 13, 0, 1, 0xC1, 0, 0, 0, 1, 0xE0, 0x20])
                + packet(0x20, [2, 0xB0, 18, 0, 1, 0xC1, 0, 0, 0xE1, 0, 0xF0, 0, 0x1B, 0xE1, 0, 0xF0, 0])
        }()
    }

    @Test func measuresEachPicture() {
        var line = Line()
        for index in 0..<101 { line.picture(delayMs: index < 90 ? 500 : 800) }
        let report = line.report
        // The last one is whole when the next begins.
        #expect(report.stampedPictures == 100 && report.wholeDelay?.frames == 100)
        #expect(report.wholeDelay.map { abs($0.p50Ms - 500) < 0.01 && abs($0.p99Ms - 800) < 0.01 } == true)
        #expect(report.unstampedPictures == 0 && report.clockDisturbances == 0)
    }

    @Test func aDriftThatHoursMakeIsNoDisturbance() {
        var line = Line()
        // 100 ppm for half a minute.
        for _ in 0..<750 { line.picture(drift: 4000) }
        #expect(line.report.clockDisturbances == 0)
        #expect(line.report.delay.map { abs($0.p50Ms - 503) < 0.6 } == true)
    }

    @Test(arguments: [-7200.0, -0.3, 0.3, 7200.0]) func aStepIsNotInTheFigures(seconds: Double) {
        var line = Line()
        for _ in 0..<75 { line.picture() }
        // Both clocks were wrong before; now only the receiver's is set, and a second later the sender's as well.
        line.wall += Int64(seconds * 1e9)
        for _ in 0..<20 { line.picture() }
        line.sender += Int64(seconds * 1e9)
        for _ in 0..<100 { line.picture() }
        let report = line.report
        #expect(report.clockDisturbances == 1)
        #expect(report.wholeDelay.map { abs($0.p50Ms - 500) < 0.01 && abs($0.p99Ms - 500) < 0.01 } == true)
        #expect(report.stampedPictures == 194)
    }

    @Test func figuresOfAnotherClockAreForgotten() {
        var line = Line()
        // Only the receiver's was wrong.
        line.wall += 300_000_000
        for _ in 0..<75 { line.picture() }
        #expect(line.report.delay?.p50Ms == 800)
        line.wall -= 300_000_000
        for _ in 0..<100 { line.picture() }
        let report = line.report
        #expect(report.delay?.p50Ms == 500 && report.delay?.p99Ms == 500)
        #expect(report.wholeDelay?.p50Ms == 500 && report.wholeDelay?.p99Ms == 500)
        // 1 s, and the 0.8 s that it had seemed to be on its way.
        #expect(report.wholeDelay?.frames == 100 - 46)
    }

    @Test func whatIsStillOnItsWayOverALongLineIsLeftOut() {
        var line = Line()
        for _ in 0..<75 { line.picture(delayMs: 30_000) }
        // Both machines' clocks are set; what arrives was made before for half a minute.
        line.wall += 400_000_000
        for _ in 0..<750 { line.picture(delayMs: 30_000) }
        #expect(line.report.wholeDelay == nil)
        line.sender += 400_000_000
        for _ in 0..<100 { line.picture(delayMs: 30_000) }
        #expect(line.report.wholeDelay.map { $0.p50Ms == 30_000 && $0.p99Ms == 30_000 } == true)
    }

    @Test func countsHaveTheSameRanks() {
        let all = (1...997).map { Double($0 * 31 % 101) }
        let counts = Dictionary(grouping: all) { $0 }.map { (ms: $0.key, frames: $0.value.count) }
        #expect(DelayFigures(counts: counts) == DelayFigures(milliseconds: all))
        #expect(DelayFigures(counts: []) == nil)
    }

    @Test func aSuspendedMachineIsNotInTheFigures() {
        var line = Line()
        for _ in 0..<75 { line.picture() }
        line.boot += 3_600_000_000_000
        line.wall += 3_600_000_000_000
        line.sender += 3_600_000_000_000
        for _ in 0..<75 { line.picture() }
        let report = line.report
        #expect(report.clockDisturbances == 1)
        #expect(report.wholeDelay?.p99Ms == 500)
    }
}
