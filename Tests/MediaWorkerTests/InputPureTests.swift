import GStreamer
import Testing
import WorkerProtocol

@testable import MediaWorker

extension InputTests {
    /// Decisions without a pipeline.
    @Suite struct Pure {
        @Test(arguments: [
            ("rtsp://10.1.1.20/main", "10.1.1.20:554"), ("rtsp://cam:8554/a?b", "cam:8554"),
            ("rtsp://user:p@ss:word@cam/x", "cam:554"), ("rtsps://cam/x", "cam:322"),
            ("rtsp://[fe80::1]:8554/x", "[fe80::1]:8554"), ("rtsp://[fe80::1]/x", "[fe80::1]:554"),
            ("srt://:9000", "0.0.0.0:9000"), ("srt://10.0.0.1:9000", "10.0.0.1:9000"),
            ("srt://10.0.0.1:9000?mode=listener", "10.0.0.1:9000"), ("udp://239.0.0.1:5000", "the source"),
        ])
        func anAddressIsShownWithoutSecrets(_ url: String, _ name: String) throws {
            #expect(try SourceAddress(url: url).name == name)
        }

        @Test func aPassphraseInAnAddressIsRefusedAndNotRepeated() {
            let error = #expect(throws: PipelineFile.Failure.self) {
                try SourceAddress(url: "srt://h:1?passphrase=secretsecret")
            }
            #expect(error?.description.contains("secretsecret") == false)
            #expect(error?.description.contains("passphraseFile") == true)
        }

        private func failure(_ debug: String, _ url: String, domain: String = "gst-resource-error-quark", code: Int = 9)
            throws -> SourceFailure
        {
            SourceFailure(
                Message.Problem(text: "Could not read from resource.", debug: debug, domain: domain, code: code),
                try SourceAddress(url: url))
        }

        @Test func whatElementsSayIsUnderstood() throws {
            let (srt, rtsp) = ("srt://h:1", "rtsp://h/x")
            #expect(try failure("Failed to authenticate: Incorrect passphrase", srt) == .passphraseRejected)
            #expect(try failure("Error on SRT socket: Connection timeout", srt) == .absent)
            #expect(try failure("Error on SRT socket: Peer rejected", srt) == .refused("Peer rejected"))
            #expect(try failure("Failed to open SRT: Cannot bind to 0.0.0.0:1 - x", srt) == .portInUse)
            #expect(
                try failure("Failed to resolve host 'h': Error resolving “h”: Unknown", srt) == .unresolved("Unknown"))
            #expect(try failure("Unauthorized (401)", rtsp) == .unauthorized)
            #expect(try failure("Not Found (404)", rtsp) == .notFound)
            #expect(try failure("Failed to connect. (Generic error)", rtsp) == .notConnected)
            #expect(
                try failure("Could not receive message. (Timeout while waiting for server response)", rtsp) == .absent)
            #expect(try failure("x", srt, domain: "gst-stream-error-quark", code: 4) == .notMedia)
        }

        private static let failures: [SourceFailure] = [
            .noSuchFile, .isDirectory, .forbidden, .notMedia, .undecodable("x"), .tooShort, .unresolved("x"), .absent,
            .connectionRefused, .notConnected, .lost, .portInUse, .passphraseRejected, .unauthorized, .notFound,
            .silent,
            .refused("x"), .passphraseUnusable("x"), .other("x"),
        ]

        /// A cause, a next step after a colon, and the same in Chinese.
        @Test(arguments: failures) func everyReasonNamesTheNextStep(_ failure: SourceFailure) throws {
            let reason = Reason(failure, at: try SourceAddress(url: "rtsp://user:word@cam/x"))
            #expect(reason.text.contains(": ") || reason.text.contains(". "))
            #expect(reason.textZh.contains("请") || reason.textZh.contains("重新开始"))
            #expect(!reason.text.contains("word@"))
            #expect(failure.rest(after: 0) >= 500 && failure.rest(after: 100) <= 5000)
        }

        @Test func causesHaveCodesOfTheirOwn() throws {
            let address = try SourceAddress(url: "rtsp://cam/x")
            let codes = Self.failures.map { Reason($0, at: address).code }
            // A directory is no such file, and what is absent has not connected.
            #expect(Set(codes).count == codes.count - 2)
        }

        @Test func theWorstReasonIsShownAlone() {
            var entry = InputBoard.Entry()
            #expect(entry.reasons(picture: true, sound: true).isEmpty)
            #expect(entry.reasons(picture: false, sound: false) == [.noPicture, .noSound])
            entry.tracks = .init(found: [.picture], isComplete: true)
            #expect(entry.reasons(picture: true, sound: false) == [.carriesNoSound])
            entry.tracks.undecodable[.sound] = "AC-4"
            #expect(entry.reasons(picture: true, sound: false) == [.unknownSound("AC-4")])
            entry.awaitsCaller = .noSender("x")
            #expect(entry.reasons(picture: false, sound: false) == [.noSender("x")])
            entry.hasEnded = true
            #expect(entry.reasons(picture: false, sound: false) == [.sourceEnded])
            entry.trouble = Reason(.lost, at: .other)
            #expect(entry.reasons(picture: false, sound: false) == [Reason(.lost, at: .other)])
            // One track alone says that something comes.
            #expect(entry.reasons(picture: true, sound: false) == [.unknownSound("AC-4")])
        }
    }
}

extension InputTests {
    @Suite struct Clocks {
        private static let frame: UInt64 = 40_000_000

        /// Sends a reference every 40 ms, by a clock that is off by some ppm, each of them late by what `lateness` says.
        /// - Returns: by how much each one's place differs from its true time, in milliseconds.
        private func run(
            _ clock: inout StreamClock, seconds: Int, ppm: Double = 0, from begin: Int = 0, ticks first: UInt64 = 0,
            _ lateness: (Int) -> Double
        ) -> [Double] {
            (0..<(seconds * 25)).map { number in
                let ticks = first + UInt64(Double(number) * 0.04 * 27e6 * (1 + ppm / 1e6))
                let sent = Double(begin) * 1e9 + Double(number) * 40e6
                let place = clock.time(of: ticks % ((1 << 33) * 300), arrival: UInt64(sent + lateness(number) * 1e6))
                return (Double(place) - sent) / 1e6
            }
        }

        @Test func aBurstyClockIsSmooth() {
            var clock = StreamClock()
            let places = run(&clock, seconds: 60) { Double($0 * 7919 % 60) }
            let steps = zip(places, places.dropFirst()).map { abs($1 - $0) }
            #expect((steps.max() ?? 1) < 0.1, "1 ms a second between arrivals, which are up to 99 ms apart here")
            #expect(abs(places.last ?? 1) < 1.5, "towards the earliest arrivals")
        }

        @Test(arguments: [-100.0, 100]) func aDriftingClockIsFollowed(_ ppm: Double) {
            var clock = StreamClock()
            let places = run(&clock, seconds: 3600, ppm: ppm) { Double($0 * 7919 % 20) }
            // 100 ppm are 360 ms in an hour.
            #expect(abs(places.last ?? 100) < 3)
        }

        @Test func aLateBeginningIsForgotten() {
            var clock = StreamClock()
            let places = run(&clock, seconds: 120) { $0 < 5 ? 80 - Double($0) * 16 : 0 }
            #expect(abs((places.first ?? 0) - 80) < 0.001)
            #expect(abs(places.last ?? 1) < 1)
        }

        @Test func aSenderThatFallsBehindIsMovedAtOnce() {
            var clock = StreamClock()
            let places = run(&clock, seconds: 20) { $0 < 250 ? 0 : 400 }
            #expect(abs(places[249]) < 1)
            #expect(abs(places[310] - 400) < 1)
        }

        @Test func anotherClockIsTakenUp() {
            var clock = StreamClock()
            _ = run(&clock, seconds: 5) { _ in 0 }
            // Ahead by an hour, and back again.
            let ahead = run(&clock, seconds: 5, from: 5, ticks: 3600 * 27_000_000) { _ in 0 }
            #expect(ahead.allSatisfy { abs($0) < 1 })
            let back = run(&clock, seconds: 5, from: 10, ticks: 0) { _ in 0 }
            #expect(back.allSatisfy { abs($0) < 1 })
        }

        @Test func aClockGoesRound() {
            var clock = StreamClock()
            let places = run(&clock, seconds: 20, ticks: (1 << 33) * 300 - 10 * 27_000_000) { _ in 0 }
            #expect(places.allSatisfy { abs($0) < 1 })
        }
    }
}
