import Foundation
import Synchronization
import Testing

@testable import TransportStream

/// A stream ffmpeg makes, cut and mended.
struct RealStreamTests {
    /// Four seconds of 25 pictures, a key picture every second; about the same bytes in each run.
    static func stream(seconds: Int = 4) throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "venuecast-\(UUID().uuidString).ts"
        defer { unlink(path) }
        let ffmpeg = Process()
        ffmpeg.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        ffmpeg.arguments = [
            "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi",
            "-i", "sine=frequency=1000:sample_rate=48000", "-t", "\(seconds)", "-c:v", "libx264", "-preset",
            "ultrafast", "-bf", "0", "-g", "25", "-x264-params", "aud=1", "-c:a", "aac", "-f", "mpegts", path,
        ]
        try ffmpeg.run()
        ffmpeg.waitUntilExit()
        #expect(ffmpeg.terminationStatus == 0)
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test func everythingIsFoundInChunksOfAnySize() throws {
        let stream = try Self.stream()
        var dice = Dice(3)
        var inspector = StreamInspector()
        let seen = Mutex<[StreamInspector.AccessUnit]>([])
        inspector.onAccessUnit = { unit in seen.withLock { $0.append(unit) } }
        var at = 0
        while at < stream.count {
            let size = min(Int.random(in: 1...3000, using: &dice), stream.count - at)
            inspector.feed(Array(stream[at..<(at + size)]))
            at += size
        }
        #expect(inspector.packets == UInt64(stream.count / 188))
        #expect(inspector.bytes == UInt64(stream.count))
        #expect(inspector.continuityErrors == 0)
        // The last picture is not known to be whole.
        #expect(inspector.videoAccessUnits == 99)
        #expect(inspector.idrAccessUnits == 4)
        #expect(inspector.audioPackets > 10)
        #expect(inspector.firstVideoIsIDR == true)
        #expect(inspector.tablesCameFirst == true)
        #expect(inspector.timeOnlyGoesForward)
        let units = seen.withLock { $0 }
        #expect(units.allSatisfy { $0.hasDelimiter })
        #expect(units.filter { $0.isIDR }.allSatisfy { $0.hasSPS && $0.hasPPS })
        let first = try #require(units.first?.pts)
        #expect(units.map { $0.pts } == (0..<99).map { first + 3600 * $0 })
        #expect(inspector.longestClockIntervalMs.map { $0 > 10 && $0 < 200 } == true)
        #expect(inspector.largestAccessUnit == units.map { $0.bytes }.max())
    }

    @Test func aHoleIsSeenAndASpliceMendsIt() throws {
        let stream = try Self.stream()
        let packets = stride(from: 0, to: stream.count, by: 188).map { Array(stream[$0..<($0 + 188)]) }
        let holed = Array(packets[..<200] + packets[233...])
        var inspector = StreamInspector()
        inspector.feed(holed.flatMap { $0 })
        #expect(inspector.continuityErrors > 0)

        var splicer = TransportStreamSplicer()
        var mended = StreamInspector()
        for (index, packet) in holed.enumerated() {
            if index == 200 { splicer.splice() }
            var packet = packet
            packet.withUnsafeMutableBytes { splicer.process($0) }
            mended.feed(packet)
        }
        #expect(mended.continuityErrors == 0)
        #expect(mended.continuity.announcedDiscontinuities >= 1)
        #expect(mended.timeOnlyGoesForward)
    }

    @Test func theSameStreamTwiceDoesNotGoForward() throws {
        let stream = try Self.stream(seconds: 1)
        var inspector = StreamInspector()
        inspector.feed(stream + stream)
        #expect(!inspector.timeOnlyGoesForward)
    }

    @Test func findsItsWayBackAfterGarbage() throws {
        let stream = try Self.stream(seconds: 1)
        var dice = Dice(11)
        let half = stream.count / 376 * 188
        let garbage = (0..<777).map { _ in UInt8.random(in: 0...0x46, using: &dice) }
        let dirty = Array(stream[..<half]) + garbage + Array(stream[half...])
        for chunk in [1316, 100, dirty.count] {
            var inspector = StreamInspector()
            for at in stride(from: 0, to: dirty.count, by: chunk) {
                inspector.feed(Array(dirty[at..<min(at + chunk, dirty.count)]))
            }
            #expect(inspector.continuity.missingSyncBytes >= 1)
            #expect(inspector.bytesOutOfSync == 777)
            #expect(inspector.continuity.errors == 0, "nothing of the stream itself was lost")
            #expect(inspector.videoAccessUnits == 24)
        }
    }
}

struct FuzzTests {
    @Test func nothingCrashesOnNoise() {
        var dice = Dice(99)
        for round in 0..<300 {
            var noise = (0..<Int.random(in: 0...4000, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice)
            }
            // Half of the rounds look like packets, of the PIDs that are parsed.
            if round % 2 == 0 {
                for at in stride(from: 0, to: noise.count, by: 188) {
                    noise[at] = 0x47
                    if at + 2 < noise.count, round % 4 == 0 {
                        noise[at + 1] = noise[at + 1] & 0x40
                        noise[at + 2] = noise[at + 2] & 1
                    }
                }
            }
            var inspector = StreamInspector()
            inspector.feed(Synthetic.pat(mapPID: 1, counter: 0) + Synthetic.pmt(pid: 1, pcrPID: 0x41, counter: 0))
            inspector.feed(noise)
            var splicer = TransportStreamSplicer()
            noise.withUnsafeMutableBytes { splicer.process($0) }
            noise.withUnsafeBytes { bytes in
                _ = PESHeader(bytes)
                _ = ProgramAssociation(section: bytes)
                _ = ProgramMap(section: bytes)
                _ = PrecisionTimeStamp(sei: bytes)
                AnnexB.forEachUnit(in: bytes) { PrecisionTimeStamp(sei: $0.bytes) == nil }
            }
        }
    }

    @Test func noiseInARealStreamDoesNotCrash() throws {
        let stream = try RealStreamTests.stream(seconds: 1)
        var dice = Dice(5)
        for _ in 0..<20 {
            var dirty = stream
            for _ in 0..<400 {
                dirty[Int.random(in: 0..<dirty.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
            }
            var inspector = StreamInspector()
            inspector.feed(dirty)
            #expect(inspector.packets > 0)
        }
    }
}
